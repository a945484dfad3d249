"""What the runtime's own server can do besides ASGI: send whole answers, hand requests over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.types import Send

LARGE_BODY: Final = 64 * 1024
"""From how many bytes on a body takes so long that others are not to wait for it."""


async def send_whole(
    status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes, send: Send
) -> None:
    """Send a whole answer.

    The runtime's own server takes it in one call, others as two messages.

    Args:
        status: 200 to 599.
        headers: All of them, the length of the body included.
        body: All of it.
        send: ASGI's.
    """
    whole = getattr(send, "whole", None)
    if whole is None or not whole(status, headers, body):
        await send_messages(status, headers, body, send)


async def send_messages(
    status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes, send: Send
) -> None:
    """Send an answer as ASGI's two messages; its headers need not say how long it is."""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def is_large(pieces: Sequence[bytes]) -> bool:
    """Return whether the pieces of a body are large together."""
    return sum(map(len, pieces)) > LARGE_BODY


async def is_handed_over(pieces: Sequence[bytes], send: Send) -> bool:
    """Have another process answer a request with a large body; return whether it does.

    Args:
        pieces: All of its body, as it came; nothing has come of it yet.
        send: ASGI's; there is nothing to be sent if the answer is yes.
    """
    hand_over = getattr(send, "hand_over", None)
    return hand_over is not None and await hand_over(pieces)
