"""Bodies that are looked into before somebody else reads them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Message, Receive


async def read_messages(receive: Receive, longest: int) -> tuple[list[Message], bool]:
    """Read a body, but not more of it than may be.

    Returns:
        What came, and whether it is all of a request.
    """
    messages: list[Message] = []
    length = 0
    while length <= longest:
        message = await receive()
        messages.append(message)
        if message["type"] != "http.request":
            return messages, False
        if not message.get("more_body"):
            return messages, True
        length += len(message.get("body", b""))
    return messages, False


def pieces_of(messages: list[Message]) -> list[bytes]:
    """Return what messages hold of a body."""
    return [one.get("body", b"") for one in messages]


def replaying(messages: list[Message], receive: Receive) -> Receive:
    """Return what gives messages that came once more, and then those that come."""
    pending = deque(messages)

    async def replay() -> Message:
        return pending.popleft() if pending else await receive()

    return replay
