"""What the bodies of requests may take together while they are held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from naftiko_runtime.errors import TooManyCalls
from naftiko_runtime.limits import DEFAULT_LIMITS

if TYPE_CHECKING:
    from starlette.types import Message, Receive

_WAIT_SECONDS: Final = 1.0


class Bodies:
    """Counts what is held of all bodies, from the moment it is read until its request is answered.

    Each body is bounded, and so are connections; but both bounds together allow more than a
    machine has.

    Args:
        most: How many bytes all of them may have.

    Attributes:
        held: How many they have.
    """

    __slots__ = ("_most", "held")

    def __init__(self, most: int = DEFAULT_LIMITS.bodies_bytes) -> None:
        self._most = most
        self.held = 0

    def take(self, length: int) -> None:
        """Hold so many bytes more.

        Raises:
            TooManyCalls: There is no room for them now.
        """
        if self.held + length > self._most:
            raise TooManyCalls(
                f"the bodies of all requests may have {self._most} bytes together",
                retry_after_seconds=_WAIT_SECONDS,
            )
        self.held += length


class HeldBody:
    """One body: ASGI's `receive`, which counts what it gives.

    Args:
        bodies: All of them.
        receive: What it comes from.
    """

    __slots__ = ("_bodies", "_length", "_receive")

    def __init__(self, bodies: Bodies, receive: Receive) -> None:
        self._bodies = bodies
        self._receive = receive
        self._length = 0

    async def __call__(self) -> Message:
        """Return the next piece.

        Raises:
            TooManyCalls: There is no room for it now.
        """
        message = await self._receive()
        length = len(message.get("body", b""))
        self._bodies.take(length)
        self._length += length
        return message

    def release(self) -> None:
        """Hold it no more."""
        self._bodies.held -= self._length
        self._length = 0
