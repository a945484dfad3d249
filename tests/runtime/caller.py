"""A connection from its caller's side, with time that stands still and a wire that is kept."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from uvicorn.server import ServerState

from naftiko_runtime.expose.sending import LARGE_BODY, is_handed_over
from naftiko_runtime.limits import ServeLimits
from naftiko_runtime.runtime.connection import BoundedConnection, ServerConfig
from naftiko_runtime.runtime.connections import Connections

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

LIMITS = ServeLimits(head_bytes=1000, head_seconds=10.0, body_seconds=30.0, idle_seconds=75.0)
KEY = ("127.0.0.1", 8080, "")
GET = b"GET /a HTTP/1.1\r\nhost: x\r\n\r\n"
HEAD_OF_POST = b"POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\n"
TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\n"
TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\n"


class Timers:
    """The part of an event loop that a connection needs; time passes when a test says so."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._now = 1000.0
        self._timers: list[tuple[float, asyncio.TimerHandle]] = []
        self.create_task = self._loop.create_task
        self.call_soon = self._loop.call_soon

    def time(self) -> float:
        return self._now

    def call_later(self, seconds: float, act: Callable[..., None], *rest: Any) -> Any:
        return self.call_at(self._now + seconds, act, *rest)

    def call_at(self, when: float, act: Callable[..., None], *rest: Any) -> Any:
        handle = asyncio.TimerHandle(when, act, rest, self._loop)
        self._timers.append((when, handle))
        return handle

    def passes(self, seconds: float) -> None:
        """Let time pass, and run what is due on the way."""
        end = self._now + seconds
        while due := [(when, one) for when, one in self._timers if when <= end]:
            when, handle = min(due, key=lambda one: one[0])
            self._timers.remove((when, handle))
            self._now = max(self._now, when)
            if not handle.cancelled():
                handle._run()
        self._now = end

    @property
    def set_now(self) -> int:
        """How many timers wait."""
        return sum(not handle.cancelled() for _, handle in self._timers)


class Wire:
    """The transport of a connection: keeps what is written to it."""

    def __init__(self, address: str | None) -> None:
        self._address = address
        self.written = b""
        self.closed = False
        self.aborted = False
        self.is_read = True
        self.unwritten = 0

    def get_extra_info(self, name: str) -> object:
        is_known = name == "peername" and self._address is not None
        return (self._address, 50_000) if is_known else None

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def abort(self) -> None:
        self.closed = self.aborted = True

    def get_write_buffer_size(self) -> int:
        return self.unwritten

    def pause_reading(self) -> None:
        self.is_read = False

    def resume_reading(self) -> None:
        self.is_read = True


class Caller:
    """A connection, from the caller's side."""

    def __init__(
        self,
        limits: ServeLimits = LIMITS,
        total: Connections | None = None,
        first: bytes = b"",
        address: str | None = None,
    ) -> None:
        self.timers = Timers()
        self.wire = Wire(address)
        self.heard: list[str] = []
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""
        self.asked: list[tuple[str, bytes]] = []
        self.release = asyncio.Event()
        self.release.set()
        self.begins_at_once = False
        self.reads = True
        self.given_up = 0
        self._state = ServerState()
        config = ServerConfig(self._answer, limits, total or Connections(10), KEY)
        config.load()
        self._connection = BoundedConnection(
            config, self._state, {}, cast("asyncio.AbstractEventLoop", self.timers)
        )
        if first:
            self._connection.begin_with(first)
        self._connection.connection_made(cast("asyncio.Transport", self.wire))

    async def sends(self, *pieces: bytes) -> None:
        """Send pieces, and wait until what they start has got as far as it can."""
        for piece in pieces:
            self._connection.data_received(piece)
        for _ in range(10):
            await asyncio.sleep(0)

    def leaves(self) -> None:
        """Close the connection."""
        self._connection.connection_lost(None)

    def shut_down(self) -> None:
        """Have the server stop."""
        self._connection.shutdown()

    def times_out_the_stop(self) -> None:
        """Have the server wait no longer for what runs."""
        for task in self._state.tasks:
            task.cancel()
        for connection in [*self._state.connections]:
            cast("BoundedConnection", connection).give_up()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        more, self.body = self.reads, b""
        self.headers = [*scope["headers"]]
        while more:
            message = await receive()
            self.heard.append(message["type"])
            if message["type"] == "http.disconnect":
                return
            self.body += message["body"]
            more = message["more_body"]
        self.asked.append((scope["method"], self.body))
        if len(self.body) > LARGE_BODY and await is_handed_over([self.body], send):
            return
        headers = [] if self.begins_at_once else [(b"content-length", b"0")]
        start = {"type": "http.response.start", "status": 200, "headers": headers}
        if self.begins_at_once:
            await send(start)
        try:
            await self.release.wait()
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        await send(start)
        await send({"type": "http.response.body", "body": b""})

    def leaves_nothing(self) -> bool:
        """Return whether nothing holds the connection any more, without any collection."""
        ended = weakref.ref(self._connection)
        gc.disable()
        try:
            del self._connection
            return ended() is None
        finally:
            gc.enable()

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs for the caller any more."""
        return not self._state.tasks

    @property
    def answers(self) -> int:
        """How many requests were answered."""
        return self.wire.written.count(b"HTTP/1.1 200 OK")
