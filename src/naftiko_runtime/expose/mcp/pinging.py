"""Calls that take long: their clients must not be left in silence."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.types import Send

PING_SECONDS: Final = 15.0

PING: Final = b": ping\r\n\r\n"
STREAM_HEADERS: Final = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"connection", b"keep-alive"),
    (b"x-accel-buffering", b"no"),
]


def event(data: bytes) -> bytes:
    """Return a JSON-RPC message as a server-sent event."""
    return b"event: message\r\ndata: " + data + b"\r\n\r\n"


class Pings:
    """Lets the client of one call hear that it goes on, from its making to `stop`.

    A quick call pays for a timer, and no more.

    Args:
        send: Takes the pings.
        seconds: How long the client may hear nothing.

    Attributes:
        have_begun: Whether the response has begun, as an event stream.
    """

    __slots__ = ("_seconds", "_send", "_task", "_timer", "have_begun")

    def __init__(self, send: Send, seconds: float = PING_SECONDS) -> None:
        self._send = send
        self._seconds = seconds
        self._task: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(seconds, self._start)
        self.have_begun = False

    def stop(self) -> None:
        """Send no more of them."""
        self._timer.cancel()
        if self._task is not None:
            self._task.cancel()

    def _start(self) -> None:
        self._task = asyncio.create_task(self._ping())

    async def _ping(self) -> None:
        self.have_begun = True
        start = {"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS}
        await self._send(start)
        while True:
            await self._send({"type": "http.response.body", "body": PING, "more_body": True})
            await asyncio.sleep(self._seconds)
