"""One connection of a caller: uvicorn's, within bounds of number, size and time.

uvicorn bounds neither the head of a request nor the time that a caller takes over a request; a few
thousand callers that send a byte a second would hold all there is. Here a request whose head or
body does not arrive in time, or whose head is too large, ends its connection.

uvicorn does not tell an application either that its caller has gone, unless that asks all the time.
Here the task of a request whose connection is lost is cancelled, and with it what it asks upstream.

A request that arrives as a whole costs a few comparisons: there is one timer for a connection,
which is set only when there is something to wait for and looks, when it fires, whether it still is.

What can't be read is refused in its turn: where an answer is owed to an earlier request, nothing is
said any more, lest it be taken for that answer.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

import httptools
import uvicorn
from uvicorn.server import ServerState

from naftiko_runtime.execute.resilience.line import CALLER
from naftiko_runtime.expose.networks import network_of
from naftiko_runtime.expose.sending import LARGE_BODY
from naftiko_runtime.limits import ServeLimits
from naftiko_runtime.runtime.answering import AnswerWriter
from naftiko_runtime.runtime.connections import Connections
from naftiko_runtime.runtime.portions import PortionedProtocol

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send
    from uvicorn._types import ASGI3Application
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

    from naftiko_runtime.expose.listener_plan import Key

GRACE_SECONDS: Final = 30
"""How long what runs may take to end when the runtime stops."""

MOST_FIELDS: Final = 200
"""How many fields the head of a request may have; each takes longer than its bytes."""

MOST_PIPELINED: Final = 64
"""How many requests may wait on a connection for the answer to one before them."""

_OWN_BODY: Final = 256 * 1024
"""How large a body may be that is read here while that takes hardly any of the time."""

_log: Final = logging.getLogger("naftiko.runtime")
_VERSIONS: Final = frozenset({"1.0", "1.1"})
_TOO_LARGE: Final = b"431 Request Header Fields Too Large"
_SPARE_SECONDS: Final = 1.0
"""How long after its time a body may still come: what reads it may have a better answer by then."""


class ServerConfig(uvicorn.Config):
    """uvicorn's configuration, and what bounds its connections.

    Attributes:
        limits: How large and how slow requests may be.
        total: How many connections there are, and may be.
        key: The listener that they come to.
    """

    def __init__(self, app: Any, limits: ServeLimits, total: Connections, key: Key) -> None:
        super().__init__(
            app,
            http=BoundedConnection,
            interface="asgi3",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        self.limits = limits
        self.total = total
        self.key = key


class BoundedConnection(PortionedProtocol):
    """A connection whose requests have to arrive in time, and end when their caller goes."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        bounds = cast("ServerConfig", config)  # the only configuration that names this class
        self._limits = bounds.limits
        self._total = bounds.total
        self._key = bounds.key
        self._over = self._hand_over if bounds.total.siding is not None else None
        self._first = b""
        self._application = cast("ASGIApp", self.app)
        self.app = cast("Any", self._answer)
        self._answering: asyncio.Task[None] | None = None
        self._answered: RequestResponseCycle = cast("Any", None)  # from the first request on
        self._is_lost = False
        self._refusal = b"400 Bad Request"
        self.url = b""
        self._is_counted = False
        self._address = ""
        self._awaited: object = None
        self._chunk_bytes = self._head_bytes = 0
        self._due = self._fires = math.inf
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, or refuse it where there are too many."""
        super().connection_made(transport)
        self._address = network_of(self.client[0]) if self.client else ""
        self._is_counted = self._total.enter(self._address, self)
        if not self._is_counted:
            self._refuse(b"503 Service Unavailable", b"retry-after: 1\r\n")
            return
        self._await_caller()
        if self._first:
            self._read_first()

    def begin_with(self, data: bytes) -> None:
        """Take a request that was read from the connection before; it is the last one there."""
        self._first = data

    def _read_first(self) -> None:
        first, self._first = self._first, b""
        self.data_received(first)
        if self.cycle is not None:  # else it was refused
            self.cycle.keep_alive = False

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of everything, and let what is being done for the caller be."""
        self._is_lost = True
        self._leave()
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)
        if self._answering is not None:
            self._answering.add_done_callback(self.tasks.discard)  # it may not even have begun
            self._answering.cancel()
        self._let_go()

    def gives_way(self) -> bool:
        """End, unless a request has arrived that is not answered; return whether it does."""
        cycle = self._answered
        if self.pipeline or (
            cycle is not None and not (cycle.response_complete or cycle.more_body)
        ):
            return False
        self._leave()
        self._expire()
        return True

    def _leave(self) -> None:
        """Count no more, and wait in no line."""
        if self._is_counted:
            self._is_counted = False
            self._total.leave(self._address, self)
            self._total.lines.leave(self._address, self)

    def _let_go(self) -> None:
        """Hold nothing that holds the connection: what a collector has to find comes all at once.

        A thousand connections that only come and go would hold everybody else up for a while.
        """
        nothing = cast("Any", None)
        self._timer = self._awaited = self._answered = self.cycle = self.app = nothing
        self._over = None
        self.pipeline.clear()

    def _start_asgi_task(self, cycle: RequestResponseCycle, _: ASGI3Application) -> None:
        """Begin with a request in its turn: the one before it, if there was one, is answered."""
        self._answered = cycle
        if cycle.scope["http_version"] not in _VERSIONS:
            self._refuse(b"505 HTTP Version Not Supported")
            return
        lines = self._total.lines
        if lines.only == self._address:
            self.begin()
        else:
            lines.enter(self.loop, self._address, self)

    def begin(self) -> None:
        """Begin with the request whose turn it is."""
        self._answering = self.loop.create_task(self._answered.run_asgi(self.app))
        self.tasks.add(self._answering)

    async def _answer(self, scope: Scope, receive: Receive, _: Send) -> None:
        """Have the application answer a request, for as long as somebody waits for it."""
        task = self._answering
        assert task is not None  # it is what runs this
        CALLER.set(self._address)
        try:
            await self._application(scope, receive, AnswerWriter(self._answered, self._over))
        except asyncio.CancelledError:
            if not self._is_lost:  # it is the runtime that waits no more
                self._abandon()
        finally:
            self.tasks.discard(task)
            if self._answering is task:  # and not the next request's already
                self._answering = None

    async def _hand_over(self, cycle: RequestResponseCycle, pieces: Sequence[bytes]) -> bool:
        """Hand the connection over to another process, with a request whose body is large."""
        total = self._total
        if total.siding is None or (
            sum(map(len, pieces)) <= _OWN_BODY and not total.turns.are_noticed
        ):
            return False
        if self.transport.get_write_buffer_size():
            # It has not waited for the answer before: it is to ask again, RFC 9112 section 9.3.2.
            cycle.disconnected = True
            self.transport.close()
            return True
        scope = cast("Scope", cycle.scope)
        is_over = await total.siding.take(self._key, self.transport, scope, pieces)
        if is_over:
            cycle.disconnected = True  # there is nothing to be answered here
            self.transport.abort()
        return is_over

    def on_response_complete(self) -> None:
        """Go on with the next request: one that has arrived already, or one that is awaited."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self.cycle.scope is self.scope and not self.cycle.more_body:
            self._wait(self._limits.idle_seconds)

    def read(self, portion: bytes) -> None:
        """Read on, and see what is still to come."""
        self._chunk_bytes = len(portion)
        try:
            self.take(portion)
        except httptools.HttpParserError:
            self._refuse_unreadable()
            return
        cycle = self.cycle
        if (
            cycle is not None
            and cycle.scope is self.scope
            and not (cycle.more_body or cycle.response_complete)
        ):
            self._awaited, self._due = None, math.inf
        elif not self.transport.is_closing():
            self._await_caller()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; whitespace around a value is none of it (RFC 9110 5.5).

        Raises:
            ValueError: There are too many; the parser takes that for an invalid request.
        """
        if len(self.headers) >= MOST_FIELDS:
            self._refusal = _TOO_LARGE
            raise ValueError("the head of the request has too many fields")
        # The parser leaves out what is before a value, and not what is behind it.
        name, value = name.lower(), value.rstrip(b" \t")
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Take the head of a request, unless it is too large, or one of too many.

        Raises:
            ValueError: It is; the parser takes that for an invalid request.
        """
        if self._chunk_bytes + self._head_bytes > self._limits.head_bytes and self._is_too_large():
            raise ValueError("the head of the request is too large")
        if len(self.pipeline) >= MOST_PIPELINED:
            raise ValueError("too many requests wait for their answers")
        if not self._names_its_host():
            raise ValueError("the request names no host, or several")
        super().on_headers_complete()
        self.headers = []  # what comes behind the body is no part of the head (RFC 9110 6.5.1)

    def on_request_complete(self) -> None:
        """Let a body that has arrived be taken; a large one in its turn."""
        if self._body_bytes > LARGE_BODY:
            self._total.turns.take(self.loop, partial(_complete, self.cycle))
        else:
            _complete(self.cycle)
        self._body_bytes = 0

    def _names_its_host(self) -> bool:
        """Return whether it is clear which host a request is for, RFC 9112 section 3.2."""
        hosts = [name for name, _ in self.headers].count(b"host")
        return hosts == 1 or (not hosts and self.parser.get_http_version() != "1.1")

    def _refuse_unreadable(self) -> None:
        """Refuse what can not be read as a request."""
        if self._is_too_large():
            self._refusal = _TOO_LARGE
        client = self.client[0] if self.client else "a caller"
        _log.info("%s sent what is no request: %s", client, self._refusal.decode())
        cycle = self.cycle
        is_owed = cycle is not None and not cycle.response_complete
        if self.pipeline or (is_owed and (cycle.response_started or not cycle.more_body)):
            self.transport.close()
        else:
            self._refuse(self._refusal)

    def _is_too_large(self) -> bool:
        fields = sum(len(name) + len(value) + 4 for name, value in self.headers or ())
        return len(self.url) + fields > self._limits.head_bytes

    def _await_caller(self) -> None:
        """Give the caller its time for what is awaited now: a head, a body, or any request."""
        cycle = self.cycle
        in_head = cycle is None or cycle.scope is not self.scope
        awaited: object = (self.scope or self) if in_head else cycle
        if awaited is not self._awaited:
            is_body = not in_head and cycle.more_body
            self._awaited, self._head_bytes = awaited, 0
            limits = self._limits
            self._wait(limits.body_seconds + _SPARE_SECONDS if is_body else limits.head_seconds)
        elif in_head:
            self._head_bytes += self._chunk_bytes
            if self._head_bytes > self._limits.head_bytes:
                self._refuse(_TOO_LARGE)

    def _wait(self, seconds: float) -> None:
        """Have the caller send what is awaited within so many seconds."""
        self._due = self.loop.time() + seconds
        if self._due < self._fires:
            self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._fires = self._due
        self._timer = self.loop.call_at(self._due, self._wake)

    def _wake(self) -> None:
        """End a connection that is over its time; otherwise wait for what is due next."""
        self._timer, self._fires = None, math.inf
        if self.loop.time() >= self._due:
            self._expire()
        elif self._due < math.inf:
            self._set_timer()

    def _expire(self) -> None:
        """End a request that did not arrive, with an answer where one can still be given."""
        cycle = self.cycle
        if cycle is None or cycle.scope is not self.scope:
            has_begun = self.scope is not None
            is_answerable = has_begun and (cycle is None or cycle.response_complete)
        else:
            is_answerable = cycle is self._answered and _disconnect(cycle)
        if is_answerable:
            self._refuse(b"408 Request Timeout")
        else:
            self.transport.close()

    def give_up(self) -> None:
        """Answer a request whose turn has not come: the runtime waits no more."""
        if self._total.lines.leave(self._address, self):
            self._abandon()

    def _abandon(self) -> None:
        """End a request that takes longer than the runtime has left."""
        if _disconnect(self._answered):
            self._refuse(b"503 Service Unavailable")
        else:
            self.transport.close()

    def _refuse(self, status: bytes, headers: bytes = b"") -> None:
        """Answer without asking the application, and close the connection."""
        end = b"connection: close\r\ncontent-length: 0\r\n\r\n"
        self.transport.write(b"HTTP/1.1 %b\r\n%b%b" % (status, headers, end))
        self.transport.close()


def _disconnect(cycle: RequestResponseCycle) -> bool:
    """Let a request that runs hear no more; return whether it can still be answered."""
    cycle.disconnected = True
    cycle.message_event.set()
    return not cycle.response_started


def _complete(cycle: RequestResponseCycle) -> None:
    """Tell a request that its body has arrived."""
    if not cycle.response_complete:
        cycle.more_body = False
        cycle.message_event.set()
