"""The client of traced processes: a span for each exchange, whose context goes upstream with it.

Spans are named and described by OpenTelemetry's semantic conventions for HTTP clients. What may
hold secrets is left out: queries, headers and bodies.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from naftiko_runtime.errors import CallError
from naftiko_runtime.execute.upstream.message import (
    StreamedBody,
    StreamedResponse,
    UpstreamClient,
    UpstreamRequest,
    UpstreamResponse,
)
from naftiko_runtime.values import KNOWN_METHODS, OTHER_METHOD, Deadline, record

W3C: Final = TraceContextTextMapPropagator()
"""Reads and writes `traceparent` and `tracestate`, and nothing else: no `baggage` is passed on."""

_TRACEPARENT: Final = b"traceparent"


@record
class _Exchange:
    """A request on its way.

    Attributes:
        request: What is sent.
        span: What is told of it.
    """

    request: UpstreamRequest
    span: Span

    def is_answered(self, status: int) -> None:
        """Take down the status of the answer."""
        self.span.set_attribute("http.response.status_code", status)
        if status >= 400:
            fail(self.span, str(status))


class TracedClient:
    """Carries requests by another client, with a span for each.

    A span lasts until the answer is there as a whole; that of an answer in pieces until its reader
    has the last piece, or leaves.

    Args:
        client: What carries them.
        tracer: Makes the spans.
    """

    def __init__(self, client: UpstreamClient, tracer: Tracer) -> None:
        self._client = client
        self._tracer = tracer

    async def send(self, request: UpstreamRequest, deadline: Deadline) -> UpstreamResponse:
        """Carry one request and read its whole answer: `UpstreamClient.send`."""
        with self._exchange(request) as exchange:
            response = await self._client.send(exchange.request, deadline)
            exchange.is_answered(response.status)
            return response

    @asynccontextmanager
    async def stream(
        self, request: UpstreamRequest, body: StreamedBody | None, patience_seconds: float
    ) -> AsyncIterator[StreamedResponse]:
        """Carry one request and its answer in pieces: `UpstreamClient.stream`."""
        with self._exchange(request) as exchange:
            async with self._client.stream(exchange.request, body, patience_seconds) as response:
                exchange.is_answered(response.status)
                yield response

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    @contextmanager
    def _exchange(self, request: UpstreamRequest) -> Iterator[_Exchange]:
        name, attributes = described(request.method)
        span = self._tracer.start_span(
            name, kind=SpanKind.CLIENT, attributes={**attributes, **_destination(request)}
        )
        try:
            yield _Exchange(_with_context(request, span), span)
        except BaseException as error:
            fail(span, error_type(error))
            raise
        finally:
            span.end()


def described(method: str) -> tuple[str, dict[str, str]]:
    """Return what a span of a method's request is called, and what it says of the method."""
    if method in KNOWN_METHODS:
        return method, {"http.request.method": method}
    return "HTTP", {"http.request.method": OTHER_METHOD, "http.request.method_original": method}


def fail(span: Span, error: str) -> None:
    """Have a span say that something failed.

    Args:
        span: The span.
        error: What kind of failure it was: a status, an error's code, or the name of its class.
    """
    span.set_attribute("error.type", error)
    span.set_status(Status(StatusCode.ERROR))


def error_type(error: BaseException) -> str:
    """Return what kind of failure an exception is; never what it says."""
    if isinstance(error, CallError):
        return error.code
    return "cancelled" if isinstance(error, asyncio.CancelledError) else type(error).__qualname__


def _destination(request: UpstreamRequest) -> dict[str, str | int]:
    path = request.target.partition(b"?")[0].decode("latin-1")
    origin = request.origin
    return {
        "server.address": origin.host,
        "server.port": origin.port,
        "url.full": f"{origin}{path}",
    }


def _with_context(request: UpstreamRequest, span: Span) -> UpstreamRequest:
    """Return a request that tells upstream of its span, unless it tells of another one itself."""
    names = {name for name, _ in request.headers}
    if _TRACEPARENT in names:
        return request
    told: dict[str, str] = {}
    W3C.inject(told, set_span_in_context(span, Context()))
    added = ((name.encode(), value.encode()) for name, value in told.items())
    headers = (*request.headers, *(pair for pair in added if pair[0] not in names))
    return UpstreamRequest(request.method, request.origin, request.target, headers, request.body)
