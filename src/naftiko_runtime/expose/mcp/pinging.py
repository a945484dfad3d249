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
    """Lets the client of one call hear that it goes on, until `stop`.

    Args:
        send: Takes the pings.
        pinger: Makes them begin.

    Attributes:
        have_begun: Whether the response has begun, as an event stream.
    """

    __slots__ = ("_pinger", "_send", "_task", "have_begun")

    def __init__(self, send: Send, pinger: Pinger) -> None:
        self._send = send
        self._pinger = pinger
        self._task: asyncio.Task[None] | None = None
        self.have_begun = False

    def begin(self) -> None:
        """Send the first, and others after it."""
        self._task = asyncio.create_task(self._ping())

    def stop(self) -> None:
        """Send no more of them."""
        if self._task is None:
            self._pinger.forget(self)
        else:
            self._task.cancel()

    async def _ping(self) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS}
        await self._send(start)
        self.have_begun = True
        while True:
            await self._send({"type": "http.response.body", "body": PING, "more_body": True})
            await asyncio.sleep(self._pinger.seconds)


class Pinger:
    """Makes the pings of calls begin that take long.

    One timer serves all calls, for all wait equally long: a quick call is gone when it fires. A
    timer for each took a twentieth of a call's time.

    Args:
        seconds: How long a client may hear nothing.
    """

    def __init__(self, seconds: float = PING_SECONDS) -> None:
        self.seconds = seconds
        self._waiting: dict[Pings, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def pings(self, send: Send) -> Pings:
        """Return the pings of a call that begins now."""
        loop = asyncio.get_running_loop()
        pings = Pings(send, self)
        self._waiting[pings] = due = loop.time() + self.seconds
        if self._timer is None:
            self._timer = loop.call_at(due, self._wake)
        return pings

    def forget(self, pings: Pings) -> None:
        """Let a call go that has ended in time."""
        del self._waiting[pings]

    def _wake(self) -> None:
        """Let those begin that are due, and wait for the next."""
        loop = asyncio.get_running_loop()
        self._timer = None
        while self._waiting:
            pings, due = next(iter(self._waiting.items()))
            if due > loop.time():
                self._timer = loop.call_at(due, self._wake)
                return
            del self._waiting[pings]
            pings.begin()
