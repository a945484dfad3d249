"""The client over httpx: what tests mock, and what goes through proxies."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Final

import httpx

from naftiko_runtime.errors import (
    UpstreamError,
    UpstreamProtocolError,
    UpstreamTimeout,
    UpstreamTooLarge,
    UpstreamUnreachable,
)
from naftiko_runtime.execute.upstream.answer import end_to_end, upstream_response
from naftiko_runtime.execute.upstream.failures import connect_failure
from naftiko_runtime.execute.upstream.httpx_request import httpx_request, streamed_request
from naftiko_runtime.execute.upstream.message import (
    StreamedBody,
    StreamedResponse,
    UpstreamLimits,
    UpstreamRequest,
    UpstreamResponse,
)
from naftiko_runtime.execute.upstream.patience import Patience
from naftiko_runtime.execute.upstream.proxies import environment_proxy
from naftiko_runtime.execute.upstream.trust import Trust, server_name
from naftiko_runtime.execute.upstream.wire import IDEMPOTENT_METHODS
from naftiko_runtime.plan.origins import Origin
from naftiko_runtime.values import Deadline

_DEFAULT_LIMITS: Final = UpstreamLimits()
_WITHOUT_BODY: Final = frozenset({204, 304})
_LINE_OVERHEAD: Final = len(b": \r\n")


class HttpxClient:
    """Carries requests over httpx's transports, through the environment's proxies.

    It calls the transports and not `httpx.AsyncClient`, which would keep cookies, add headers,
    look into redirects and log URLs. There is one transport for each origin, since httpx limits
    connections over all origins together.
    """

    def __init__(
        self,
        limits: UpstreamLimits = _DEFAULT_LIMITS,
        *,
        verify: ssl.SSLContext | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Prepare the client; no connection is made yet.

        Args:
            limits: What it may use.
            verify: How TLS is done; None trusts the system's authorities.
            transport: What carries the requests to all origins in place of httpx's own.
        """
        self._limits = limits
        self._trust = Trust(verify)
        self._transport = transport
        self._transports: dict[Origin, httpx.AsyncBaseTransport] = {}
        self._closed = False

    async def send(self, request: UpstreamRequest, deadline: Deadline) -> UpstreamResponse:
        """Carry one request and read its whole answer: `UpstreamClient.send`.

        Raises:
            ValueError: Something in the request is not fit to be sent.
        """
        if not deadline.remaining():
            detail = "There was no time left to ask the upstream API."
            raise UpstreamTimeout(detail, unsent=True)
        try:
            async with asyncio.timeout(deadline.remaining()):
                return await self._send(request, deadline)
        except TimeoutError as error:
            raise UpstreamTimeout("The upstream API did not answer in time.") from error

    @asynccontextmanager
    async def stream(
        self, request: UpstreamRequest, body: StreamedBody | None, patience_seconds: float
    ) -> AsyncIterator[StreamedResponse]:
        """Carry one request and its answer in pieces: `UpstreamClient.stream`.

        All of the body is sent before the answer is read: httpx does one after the other.

        Raises:
            ValueError: Something in the request is not fit to be sent.
        """
        patience = Patience(patience_seconds)
        response = await self._begin(request, body, patience)
        try:
            headers = [(name.lower(), value) for name, value in response.headers.raw]
            self._check_head(response.status_code, headers)
            async with aclosing(_pieces(response, patience)) as pieces:
                yield StreamedResponse(response.status_code, end_to_end(headers), pieces)
        finally:
            await response.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        self._closed = True
        transports = [*self._transports.values(), *([self._transport] if self._transport else [])]
        await asyncio.gather(*(transport.aclose() for transport in transports))

    async def _send(self, request: UpstreamRequest, deadline: Deadline) -> UpstreamResponse:
        """Send once, and once more if a kept connection was dead: RFC 9110 9.2.2."""
        attempt = _Attempt()
        try:
            return await self._attempt(request, deadline, attempt)
        except _LostBeforeAnswer:
            if not attempt.on_kept_connection or request.method not in IDEMPOTENT_METHODS:
                raise
        return await self._attempt(request, deadline, _Attempt())

    async def _begin(
        self, request: UpstreamRequest, body: StreamedBody | None, patience: Patience
    ) -> httpx.Response:
        """Send up to the head of the answer; a request without a body once more, as `_send`."""
        attempt = _Attempt()
        seconds = self._limits.connect_seconds
        async with patience.waiting():
            try:
                outgoing = streamed_request(request, body, patience)
                return await self._head(outgoing, request.origin, seconds, attempt)
            except _LostBeforeAnswer:
                is_repeatable = body is None and request.method in IDEMPOTENT_METHODS
                if not attempt.on_kept_connection or not is_repeatable:
                    raise
            outgoing = streamed_request(request, None, patience)
            return await self._head(outgoing, request.origin, seconds, _Attempt())

    async def _head(
        self, outgoing: httpx.Request, origin: Origin, connect_seconds: float, attempt: _Attempt
    ) -> httpx.Response:
        outgoing.extensions = {
            "timeout": {"connect": connect_seconds},
            "trace": attempt,
            "sni_hostname": server_name(origin),
        }
        try:
            return await self._transport_to(origin).handle_async_request(outgoing)
        except httpx.TransportError as error:
            raise _before_answer(error, self._limits) from error

    async def _attempt(
        self, request: UpstreamRequest, deadline: Deadline, attempt: _Attempt
    ) -> UpstreamResponse:
        allowed = deadline.connect_seconds or self._limits.connect_seconds
        seconds = min(allowed, deadline.remaining())
        response = await self._head(httpx_request(request), request.origin, seconds, attempt)
        try:
            return await self._answer(request, response)
        finally:
            await response.aclose()

    async def _answer(self, request: UpstreamRequest, response: httpx.Response) -> UpstreamResponse:
        headers = [(name.lower(), value) for name, value in response.headers.raw]
        self._check_head(response.status_code, headers)
        if request.method != "HEAD" and response.status_code not in _WITHOUT_BODY:
            self._check_size(int(response.headers.get("content-length", "0")))
        body = await self._body(response)
        limit = self._limits.response_bytes
        return upstream_response(response.status_code, headers, body, limit)

    async def _body(self, response: httpx.Response) -> bytes:
        body = bytearray()
        assert isinstance(response.stream, httpx.AsyncByteStream)
        try:
            async for chunk in response.stream:
                body += chunk
                self._check_size(len(body))
        except httpx.TransportError as error:
            raise UpstreamProtocolError("The upstream API's answer breaks off.") from error
        return bytes(body)

    def _check_head(self, status: int, headers: Sequence[tuple[bytes, bytes]]) -> None:
        if not 200 <= status <= 599:
            raise UpstreamProtocolError(f"The upstream API answered with status {status}.")
        if sum(len(n) + len(v) + _LINE_OVERHEAD for n, v in headers) > self._limits.head_bytes:
            raise _head_too_large(self._limits)
        names = {name for name, _ in headers}
        if {b"content-length", b"transfer-encoding"} <= names:
            raise UpstreamProtocolError("The upstream API's answer states its length twice.")

    def _check_size(self, size: int) -> None:
        limit = self._limits.response_bytes
        if size > limit:
            raise UpstreamTooLarge(f"The upstream API's answer is over {limit} bytes.")

    def _transport_to(self, origin: Origin) -> httpx.AsyncBaseTransport:
        if self._closed:
            detail = "The client of the upstream API is closed."
            raise UpstreamUnreachable(detail, unsent=True, lasting=True)
        transport = self._transport or self._transports.get(origin)
        if transport is None:
            transport = self._transports[origin] = self._new_transport(origin)
        return transport

    def _new_transport(self, origin: Origin) -> httpx.AsyncBaseTransport:
        most = self._limits.connections
        return httpx.AsyncHTTPTransport(
            verify=self._trust.context(origin),
            proxy=environment_proxy(origin),
            limits=httpx.Limits(
                max_connections=most,
                max_keepalive_connections=most,
                keepalive_expiry=self._limits.idle_seconds,
            ),
        )


async def _pieces(response: httpx.Response, patience: Patience) -> AsyncGenerator[bytes, None]:
    """Yield the body as it comes, in its content encoding."""
    assert isinstance(response.stream, httpx.AsyncByteStream)
    chunks = aiter(response.stream)
    try:
        while True:
            async with patience.waiting():
                chunk = await anext(chunks, None)
            if chunk is None:
                return
            yield chunk
    except httpx.TransportError as error:
        raise UpstreamProtocolError("The upstream API's answer breaks off.") from error


class _Attempt:
    """What httpx tells of one attempt, by its `trace` extension."""

    def __init__(self) -> None:
        self._connected = self._sent = False

    async def __call__(self, event: str, _: object) -> None:
        """Take an event of httpx's."""
        self._connected |= event == "connection.connect_tcp.started"
        self._sent |= event == "http11.send_request_headers.started"

    @property
    def on_kept_connection(self) -> bool:
        """Whether the request went out over a connection that was there before."""
        return self._sent and not self._connected


class _LostBeforeAnswer(UpstreamUnreachable):
    """The connection was lost, for all that httpx tells, before an answer began."""


def _before_answer(error: httpx.TransportError, limits: UpstreamLimits) -> UpstreamError:
    """Return the error for what went wrong before the answer's head was complete."""
    if isinstance(error, httpx.TimeoutException):
        return UpstreamTimeout("The upstream API could not be connected to in time.", unsent=True)
    lost = isinstance(error, httpx.ReadError | httpx.WriteError)
    if lost or "disconnected without sending" in str(error):
        detail = "The connection to the upstream API was lost before it answered."
        return _LostBeforeAnswer(detail)
    if not isinstance(error, httpx.RemoteProtocolError):
        return connect_failure(error)
    if "buffer too long" in str(error):
        return _head_too_large(limits)
    return UpstreamProtocolError("The upstream API's answer is not valid HTTP.")


def _head_too_large(limits: UpstreamLimits) -> UpstreamTooLarge:
    detail = f"The head of the upstream API's answer is over {limits.head_bytes} bytes."
    return UpstreamTooLarge(detail)
