"""Requests that are passed on as they are, and their answers, piece by piece."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from naftiko_runtime.errors import UpstreamError
from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.execute.forwarding import Incoming, relayed_as_coded
from naftiko_runtime.execute.upstream.message import StreamedBody, StreamedResponse
from naftiko_runtime.expose.callers import Callers, RawHeaders
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.rest.body import CallerGone
from naftiko_runtime.expose.rest.endpoint import Entrance, upstream_challenge
from naftiko_runtime.expose.rest.problems import RequestTimeout
from naftiko_runtime.expose.rest.relocation import Relocations
from naftiko_runtime.expose.rest.request_id import HEADER as REQUEST_ID
from naftiko_runtime.expose.rest.response import WITHOUT_BODY, rewritten
from naftiko_runtime.plan.adapters import ForwardRoute
from naftiko_runtime.plan.forwarding import ForwardPlan

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

FORWARDED_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""What `Allow` names; others are passed on too."""

NOT_FORWARDED: Final = frozenset({"CONNECT", "TRACE"})
"""`TRACE` would show callers the credentials that are added (RFC 9110 section 9.3.8)."""

_OF_A_BODY: Final = frozenset({b"content-length", b"content-type"})

_log: Final = logging.getLogger("naftiko.rest")


@dataclass(frozen=True, slots=True)
class ForwardEndpoint(Entrance):
    """What a forward leads to.

    Attributes:
        plan: What requests are passed on to.
        spans: Whether the path behind the exposed one is passed on.
    """

    plan: ForwardPlan
    spans: bool

    @property
    def address(self) -> str:
        """What logs call it."""
        return self.plan.address


def compile_forward(
    route: ForwardRoute, relocations: Relocations, callers: Callers
) -> ForwardEndpoint:
    """Make a forward ready for requests."""
    return ForwardEndpoint(
        str(route.path),
        callers.admission(route.callers) if route.callers is not None else None,
        upstream_challenge(route.plan.credentials),
        relocations.rewrite_for(route.plan),
        route.plan,
        route.path.spans,
    )


class Passage:
    """One request on its way through.

    Args:
        endpoint: Where it goes.
        rest: The path behind the exposed one, still percent-encoded.
        called: What the request is called.
        limits: How long each wait for the caller may take.

    Attributes:
        status: What the caller was answered; None before that.
    """

    def __init__(self, endpoint: ForwardEndpoint, rest: str, called: str, limits: Limits) -> None:
        self._endpoint = endpoint
        self._rest = rest if endpoint.spans else None
        self._called = called
        self._seconds = limits.call_seconds
        self._is_answered = False
        self.status: int | None = None

    async def run(self, engine: Engine, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and relay the answer; end at once when the caller leaves.

        Where the answer breaks off, it is left incomplete, which closes the caller's connection.

        Raises:
            CallError: There was no answer.
            CallerGone: The caller has left before there was one.
        """
        await self._endpoint.admit(scope)
        caller = _Caller(receive, _body_length(scope["headers"]), self._seconds)
        passing = asyncio.create_task(self._pass(engine, scope, caller, send))
        leaving = asyncio.create_task(caller.left())
        try:
            await asyncio.wait([passing, leaving], return_when=asyncio.FIRST_COMPLETED)
            if self._is_answered:  # the caller does not wait for what is done after that
                await asyncio.wait([passing])
        finally:
            has_left = not passing.done()
            passing.cancel()
            leaving.cancel()
            await asyncio.gather(passing, leaving, return_exceptions=True)
        if has_left:
            raise CallerGone
        await passing

    async def _pass(self, engine: Engine, scope: Scope, caller: _Caller, send: Send) -> None:
        headers = tuple(scope["headers"])
        body = StreamedBody(caller, caller.length) if caller.has_body else None
        incoming = Incoming(scope["method"], self._rest, scope["query_string"], headers, body)
        async with engine.forward(self._endpoint.plan, incoming, self._seconds) as response:
            self.status = response.status
            try:
                await self._send(send, self._start(response))
                await self._relay(response, send)
            except (UpstreamError, RequestTimeout) as error:
                where, extra = self._endpoint.address, {"request_id": self._called}
                _log.warning("%s: the answer was cut short: %s", where, error.detail, extra=extra)

    def _start(self, response: StreamedResponse) -> Message:
        headers = list(rewritten(relayed_as_coded(response.headers), self._endpoint.rewrite))
        if response.status in WITHOUT_BODY:
            headers = [pair for pair in headers if pair[0] not in _OF_A_BODY]
        if not any(name == REQUEST_ID for name, _ in headers):
            headers.append((REQUEST_ID, self._called.encode()))
        return {"type": "http.response.start", "status": response.status, "headers": headers}

    async def _relay(self, response: StreamedResponse, send: Send) -> None:
        async for piece in response.pieces:
            message = {"type": "http.response.body", "body": piece, "more_body": True}
            await self._send(send, message)
        self._is_answered = True
        await self._send(send, {"type": "http.response.body", "body": b""})

    async def _send(self, send: Send, message: Message) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                await send(message)
        except TimeoutError:
            raise RequestTimeout("the caller did not take the answer in time") from None


class _Caller:
    """The caller's side: its body, piece by piece, and after that whether it is still there.

    Args:
        receive: ASGI's.
        length: How long the body is; None where it is chunked.
        seconds: How long each piece may take.

    Attributes:
        length: The same.
        has_body: Whether there is a body at all.
    """

    def __init__(self, receive: Receive, length: int | None, seconds: float) -> None:
        self._receive = receive
        self._seconds = seconds
        self._more = True
        self._received = 0
        self._is_over = asyncio.Event()
        self.length = length
        self.has_body = length != 0
        if not self.has_body:
            self._is_over.set()

    def __aiter__(self) -> _Caller:
        return self

    async def __anext__(self) -> bytes:
        if not self._more:
            raise StopAsyncIteration
        try:
            async with asyncio.timeout(self._seconds):
                message = await self._receive()
        except TimeoutError:
            raise RequestTimeout("the request body did not come in time") from None
        if message["type"] == "http.disconnect":
            raise CallerGone
        piece: bytes = message.get("body", b"")
        self._more = message.get("more_body", False)
        self._received += len(piece)
        if not self._more or self._received == self.length:
            self._is_over.set()
        return piece

    async def left(self) -> None:
        """Return when the caller has left, which shows when its body is over."""
        await self._is_over.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass


def _body_length(headers: RawHeaders) -> int | None:
    """Return how long a request's body is; None where only its end will tell (RFC 9112 6.3)."""
    length = 0
    for name, value in headers:
        if name == b"transfer-encoding":
            return None
        if name == b"content-length" and value.isdigit():
            length = int(value)
    return length
