"""The GET streams on which clients of the older revisions hear that lists changed.

The SDK has none in stateless mode: it would open a stream that no one can write to. What is sent
here needs no session: it is the same for everyone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from starlette.responses import JSONResponse, PlainTextResponse, Response

from naftiko_runtime.expose.mcp.accepting import accepts
from naftiko_runtime.expose.mcp.offer import Kind
from naftiko_runtime.expose.mcp.pinging import PING, PING_SECONDS

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

_MOST_STREAMS: Final = 1024
_OPENING: Final = b": open\r\n\r\n"
_CHANGED: Final = (
    'event: message\r\ndata: {{"jsonrpc":"2.0","method":"notifications/{}/list_changed"}}\r\n\r\n'
)
_HEADERS: Final = [
    (b"cache-control", b"no-cache, no-transform"),
    (b"connection", b"keep-alive"),
    (b"content-type", b"text/event-stream"),
    (b"x-accel-buffering", b"no"),
]
_NOT_ACCEPTABLE: Final = {
    "jsonrpc": "2.0",
    "id": None,
    "error": {
        "code": -32600,
        "message": "Not Acceptable: Client must accept text/event-stream",
    },
}


@dataclass(slots=True, eq=False)
class _Stream:
    """One client that listens.

    Attributes:
        awake: Set when there is something to do.
        changed: Which lists changed since the client was last told.
    """

    awake: asyncio.Event = field(default_factory=asyncio.Event)
    changed: set[Kind] = field(default_factory=set)


class ChangeStreams:
    """The GET streams of one endpoint.

    Args:
        ping_seconds: How long a stream may be silent, so that nothing on the way closes it.
    """

    def __init__(self, ping_seconds: float = PING_SECONDS) -> None:
        self._ping_seconds = ping_seconds
        self._open: set[_Stream] = set()
        self._is_closing = False

    @property
    def count(self) -> int:
        """How many clients listen."""
        return len(self._open)

    def publish(self, lists: Iterable[Kind]) -> None:
        """Tell those who listen which lists changed; once, however often they did."""
        changed = frozenset(lists)
        for stream in self._open if changed else ():
            stream.changed |= changed
            stream.awake.set()

    def close(self) -> None:
        """End all streams, and open none any more."""
        self._is_closing = True
        for stream in self._open:
            stream.awake.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a stream until the client leaves or the streams are closed."""
        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        stream = _Stream()
        leaving = asyncio.create_task(_leaving(receive))
        leaving.add_done_callback(lambda _: stream.awake.set())
        self._open.add(stream)
        try:
            await self._serve(stream, leaving, send)
        finally:
            self._open.discard(stream)
            leaving.cancel()

    def _refusal(self, scope: Scope) -> Response | None:
        if not accepts(scope, b"text/event-stream"):
            return JSONResponse(_NOT_ACCEPTABLE, 406)
        if self._is_closing or len(self._open) >= _MOST_STREAMS:
            return PlainTextResponse("No more streams", 503)
        return None

    async def _serve(self, stream: _Stream, leaving: asyncio.Task[None], send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        frame = _OPENING
        while not (leaving.done() or self._is_closing):
            await send({"type": "http.response.body", "body": frame, "more_body": True})
            frame = await self._next(stream)
        await send({"type": "http.response.body", "body": b""})

    async def _next(self, stream: _Stream) -> bytes:
        """Wait for the next frame."""
        try:
            await asyncio.wait_for(stream.awake.wait(), self._ping_seconds)
        except TimeoutError:
            return PING
        stream.awake.clear()
        frames = [_CHANGED.format(kind).encode() for kind in Kind if kind in stream.changed]
        stream.changed.clear()
        return b"".join(frames) or PING


async def _leaving(receive: Receive) -> None:
    """Return when the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
