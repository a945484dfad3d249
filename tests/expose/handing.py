"""What the runtime's own server does that others do not: it hands requests over."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Message, Receive


class Handing:
    """ASGI's `send`; keeps what is sent, and the bodies that another process is to have.

    Args:
        is_over: Whether that takes them.
    """

    def __init__(self, *, is_over: bool = True) -> None:
        self._is_over = is_over
        self.asked: list[bytes] = []
        self.sent: list[Message] = []

    async def __call__(self, message: Message) -> None:
        self.sent.append(message)

    async def hand_over(self, pieces: Sequence[bytes]) -> bool:
        """Take a request, or leave it alone."""
        self.asked.append(b"".join(pieces))
        return self._is_over


def receiving(*pieces: bytes) -> Receive:
    """Return what gives the pieces of a body; the caller stays after that."""
    messages: list[Message] = [
        {"type": "http.request", "body": piece, "more_body": number < len(pieces)}
        for number, piece in enumerate(pieces, 1)
    ]

    async def receive() -> Message:
        if not messages:
            await asyncio.Event().wait()
        return messages.pop(0)

    return receive
