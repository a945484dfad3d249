"""Calls that take long: their clients may leave, and must not be left in silence.

A quick call pays next to nothing for this: nobody looks at the client before some time has passed.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.types import Receive, Send

FIRST_LOOK_SECONDS: Final = 0.05
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


class Watch:
    """Watches the client of one call, from `start` to `stop`.

    Args:
        receive: Tells when the client leaves.
        send: Takes what keeps the connection alive.
        leaving: What ends when the client leaves.
        ping_seconds: How long the client may hear nothing.

    Attributes:
        is_streaming: Whether the response has begun, as an event stream.
    """

    def __init__(
        self,
        receive: Receive,
        send: Send,
        leaving: asyncio.Timeout,
        ping_seconds: float = PING_SECONDS,
    ) -> None:
        self._receive = receive
        self._send = send
        self._leaving = leaving
        self._ping_seconds = ping_seconds
        self._task: asyncio.Task[None] | None = None
        self._is_over = False
        self.is_streaming = False
        loop = asyncio.get_running_loop()
        self._first_look = loop.call_later(min(FIRST_LOOK_SECONDS, ping_seconds), self._start)

    def stop(self) -> None:
        """Watch no more."""
        self._is_over = True
        self._first_look.cancel()
        if self._task is not None:
            self._task.cancel()

    def _start(self) -> None:
        self._task = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while True:
            try:
                message = await asyncio.wait_for(self._receive(), self._ping_seconds)
            except TimeoutError:
                await self._ping()
                continue
            if self._is_over:  # cancelled while there was something to receive
                return
            if message["type"] == "http.disconnect":
                self._leaving.reschedule(asyncio.get_running_loop().time())
                return

    async def _ping(self) -> None:
        if not self.is_streaming:
            self.is_streaming = True
            start = {"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS}
            await self._send(start)
        await self._send({"type": "http.response.body", "body": PING, "more_body": True})
