"""One connection to an origin: one exchange at a time, no task, one timer."""

from __future__ import annotations

import asyncio
import math
import time
from typing import Final, Protocol, cast

from naftiko_runtime.errors import (
    UpstreamError,
    UpstreamProtocolError,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from naftiko_runtime.execute.upstream.message import UpstreamLimits
from naftiko_runtime.execute.upstream.pooled.reader import ReceivedResponse, ResponseReader

_PIECE: Final = 64 * 1024
LOST: Final = "The connection to the upstream API was lost before it answered."


class LostBeforeAnswer(UpstreamUnreachable):
    """The connection was lost before the first byte of an answer."""


class Keeper(Protocol):
    """Who keeps connections: hears of each what it needs to know."""

    def opened(self, connection: Connection) -> None:
        """The connection stands."""

    def free(self, connection: Connection) -> None:
        """The connection has carried an exchange and may carry another."""

    def closing(self, connection: Connection) -> None:
        """The connection may carry nothing more."""

    def lost(self, connection: Connection) -> None:
        """The connection's socket is gone."""


class Stream(Protocol):
    """An exchange in pieces that has the connection to itself."""

    def received(self, data: bytes) -> None:
        """Bytes of the answer have come."""

    def ended(self) -> None:
        """No more bytes will come."""

    def lost(self, cause: Exception | None) -> None:
        """The connection's socket is gone."""

    def writable(self) -> None:
        """The transport takes more."""


class Connection(asyncio.Protocol):
    """Carries exchanges, one after the other.

    Its one timer serves the deadline of an exchange and the time that it may be idle. It is set
    anew only when a deadline is earlier than the one that it waits for; otherwise it looks, when
    it fires, at what it has to wait for by then.

    Attributes:
        exchanges: How many exchanges were begun.
        closed: Whether it can carry no more.
        gone: Done when the socket is gone.
    """

    __slots__ = (
        "_answer",
        "_due",
        "_fires",
        "_idle_seconds",
        "_keeper",
        "_loop",
        "_paused",
        "_reader",
        "_stream",
        "_timer",
        "_transport",
        "_unsent",
        "closed",
        "exchanges",
        "gone",
    )

    def __init__(self, keeper: Keeper, limits: UpstreamLimits) -> None:
        self._keeper = keeper
        self._idle_seconds = limits.idle_seconds
        self._reader = ResponseReader(limits)
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._answer: asyncio.Future[ReceivedResponse] | None = None
        self._stream: Stream | None = None
        self._unsent: memoryview | None = None
        self._paused = False
        self._timer: asyncio.TimerHandle | None = None
        self._due = self._fires = math.inf
        self.exchanges = 0
        self.closed = False
        self.gone: asyncio.Future[None] = self._loop.create_future()

    async def exchange(
        self, head: bytes, body: bytes | None, deadline: float, *, head_only: bool
    ) -> ReceivedResponse:
        """Send a request and wait for its answer. If the caller gives up, the connection closes.

        Args:
            head: Request line and headers, up to and with the empty line.
            body: The body, if there is one.
            deadline: When the answer has to be complete, on the monotonic clock.
            head_only: Whether the answer has no body because the request is a HEAD.

        Raises:
            LostBeforeAnswer: The connection was lost before any byte of an answer.
            UpstreamProtocolError: The answer is not HTTP, or it breaks off.
            UpstreamTooLarge: The answer is over a limit.
            UpstreamTimeout: The deadline has passed.
        """
        if self.closed:
            raise LostBeforeAnswer(LOST)
        answer: asyncio.Future[ReceivedResponse] = self._loop.create_future()
        self._answer = answer
        self.exchanges += 1
        self._reader.expect(head_only=head_only)
        self._wait_until(deadline)
        self._send(head, body)
        try:
            return await answer
        except asyncio.CancelledError:
            if self._answer is answer:
                self.abort()
            elif not answer.cancelled():
                answer.exception()  # too late for anyone to want it
            raise

    def lend(self, stream: Stream) -> None:
        """Let a stream have what comes, until it is released."""
        self._stream = stream
        self.exchanges += 1
        self._due = math.inf

    def release(self, stream: Stream, *, reusable: bool) -> None:
        """Take the connection back from the stream that had it.

        Args:
            stream: What it was lent to, or should have been.
            reusable: Whether both messages are through, and the connection may carry more.
        """
        if self._stream is stream:
            self._stream = None
        if reusable and not self._paused and not self.closed:
            self.resume_reading()
            self._wait_until(time.monotonic() + self._idle_seconds)
            self._keeper.free(self)
        else:
            self.abort()

    def write(self, data: bytes) -> None:
        """Send bytes of a stream."""
        self._transport.write(data)

    @property
    def is_paused(self) -> bool:
        """Whether the transport wants no more before it says so."""
        return self._paused

    def pause_reading(self) -> None:
        """Leave what comes in the socket."""
        if not self.closed and self._transport.is_reading():
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Read on."""
        if not self.closed and not self._transport.is_reading():
            self._transport.resume_reading()

    def abort(self) -> None:
        """Close the connection at once; an exchange that runs ends as lost."""
        if not self.closed:
            self.closed = True
            self._keeper.closing(self)
            self._transport.abort()

    def forget(self) -> None:
        """Count the connection as gone: opening it was given up, and the event loop closes it."""
        if not self.gone.done():
            self.closed = True
            self._keeper.lost(self)
            self.gone.set_result(None)

    # What follows is called by the event loop.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin: RFC 9112 9.1."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's has another base
        self._keeper.opened(self)

    def data_received(self, data: bytes) -> None:
        """Read on; whatever comes without having been asked for ends the connection."""
        if self._answer is None:
            self._take(data)
            return
        try:
            complete = self._reader.feed(data)
        except UpstreamError as error:
            self._fail(error)
        else:
            if complete:
                self._finish()
            elif self._reader.crumbles:  # which takes long to read: others first
                self.pause_reading()
                self._loop.call_soon(self.resume_reading)

    def eof_received(self) -> None:
        """Take the orderly end: it completes an answer that has no other end."""
        if self._answer is not None and self._reader.end():
            self._finish()
        elif self._answer is not None:
            self._fail(self._loss())
        elif self._stream is not None:
            self._stream.ended()
        else:
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """End: whatever runs has failed."""
        if self.gone.done():
            return
        if not self.closed:
            self.closed = True
            self._keeper.closing(self)
        if self._timer is not None:
            self._timer.cancel()
        if self._answer is not None:
            self._fail(self._loss(), exc)
        if self._stream is not None:
            self._stream.lost(exc)
        self._keeper.lost(self)
        self.gone.set_result(None)

    def pause_writing(self) -> None:
        """Hold the rest of the body back."""
        self._paused = True

    def resume_writing(self) -> None:
        """Go on with the body."""
        self._paused = False
        self._send_rest()
        if self._stream is not None:
            self._stream.writable()

    def _take(self, data: bytes) -> None:
        """Hand bytes to the stream; without one nobody has asked for them."""
        if self._stream is not None:
            self._stream.received(data)
        else:
            self.abort()

    def _send(self, head: bytes, body: bytes | None) -> None:
        if body is None:
            self._transport.write(head)
        elif len(body) <= _PIECE:
            self._transport.write(head + body)
        else:
            self._transport.write(head)
            self._unsent = memoryview(body)
            self._send_rest()

    def _send_rest(self) -> None:
        """Hand over as much of the body as the transport takes without storing it."""
        while self._unsent is not None and not self._paused:
            piece, rest = self._unsent[:_PIECE], self._unsent[_PIECE:]
            self._unsent = rest if len(rest) else None
            self._transport.write(piece)

    def _finish(self) -> None:
        """Hand the answer over; keep the connection if the answer and the request are through."""
        answer, self._answer = self._answer, None
        assert answer is not None
        if not answer.done():
            answer.set_result(self._reader.take())
        if self._reader.reusable and self._unsent is None and not self._paused:
            self._wait_until(time.monotonic() + self._idle_seconds)
            self._keeper.free(self)
        else:
            self.abort()

    def _fail(self, error: UpstreamError, cause: Exception | None = None) -> None:
        """End the exchange with an error, and the connection with it."""
        answer, self._answer = self._answer, None
        self._unsent = None
        if answer is not None and not answer.done():
            error.__cause__ = error.__cause__ or cause
            answer.set_exception(error)
        self.abort()

    def _loss(self) -> UpstreamError:
        if self._reader.started:
            return UpstreamProtocolError("The upstream API's answer breaks off.")
        return LostBeforeAnswer(LOST)

    def _wait_until(self, due: float) -> None:
        """Be awake at this moment, on the monotonic clock, at the latest."""
        self._due = due
        if due < self._fires:
            if self._timer is not None:
                self._timer.cancel()
            self._fires = due
            self._timer = self._loop.call_later(due - time.monotonic(), self._wake)

    def _wake(self) -> None:
        """End what is over its time; otherwise wait for what is due next."""
        self._timer, self._fires = None, math.inf
        if time.monotonic() < self._due:
            self._wait_until(self._due)
        elif self._answer is not None:
            self._fail(UpstreamTimeout("The upstream API did not answer in time."))
        else:
            self.abort()
