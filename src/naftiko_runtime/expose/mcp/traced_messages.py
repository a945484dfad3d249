"""What spans tell of MCP messages, by the semantic conventions for MCP.

Over HTTP a message is what its request is about, and the request's span is named after it. A
message has a span of its own where there is no such span, on standard input and output, and where
it belongs to another trace than its request: one that its `_meta` tells of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, TypeGuard

from mcp.server.context import CallNext, HandlerResult, ServerMiddleware, ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import methods
from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanKind, Tracer, get_current_span, use_span

from naftiko_runtime.execute.upstream.traced_client import error_type, fail
from naftiko_runtime.expose.mcp.calls import OnCall
from naftiko_runtime.expose.mcp.heads import PlainHead
from naftiko_runtime.expose.mcp.offer import Offer
from naftiko_runtime.expose.mcp.plain import PlainReader, PlainRequest
from naftiko_runtime.expose.trace_context import UNIT, context_in

_METHODS: Final = methods.SPEC_CLIENT_METHODS | methods.SPEC_CLIENT_NOTIFICATION_METHODS
_TOOL: Final = "tools/call"
_PROMPT: Final = "prompts/get"


class MessageTracing(ServerMiddleware[Any]):
    """Tells spans of the messages of one endpoint: a middleware of the SDK, and more.

    Args:
        tracer: Makes spans.
        offer: Returns what is offered: only names of what there is are told.
    """

    def __init__(self, tracer: Tracer, offer: Callable[[], Offer]) -> None:
        self._tracer = tracer
        self._offer = offer

    def reader(self) -> PlainReader:
        """Return what reads plain requests, which the SDK does not see."""
        return _TracedReader(self)

    async def __call__(
        self, ctx: ServerRequestContext[Any, Any], call_next: CallNext
    ) -> HandlerResult:
        """Have a message answered."""
        with self._span(context_in(ctx.meta or {})) as span:
            self.describe(span, ctx.method, ctx.params or {})
            span.set_attribute("mcp.protocol.version", ctx.protocol_version)
            try:
                return await call_next(ctx)
            except MCPError as error:
                fail(span, str(error.error.code))
                span.set_attribute("rpc.response.status_code", str(error.error.code))
                raise
            except Exception as error:
                fail(span, error_type(error))
                raise

    def describe(self, span: Span, method: str, params: Mapping[str, Any]) -> None:
        """Name a span after a message."""
        if method not in _METHODS:
            return
        name, said = method, {"mcp.method.name": method}
        target = params.get("name")
        if method == _TOOL:
            said["gen_ai.operation.name"] = "execute_tool"
            if _is_one_of(target, self._offer().tools.tools):
                name, said["gen_ai.tool.name"] = f"{method} {target}", target
        elif method == _PROMPT and _is_one_of(target, self._offer().prompts.prompts):
            name, said["gen_ai.prompt.name"] = f"{method} {target}", target
        span.update_name(name)
        span.set_attributes(said)

    @contextmanager
    def _span(self, told: Context | None) -> Iterator[Span]:
        """Have a span while the block lasts: the request's, or one of the message's own."""
        requests = get_current_span()
        here = requests.get_span_context()
        there = get_current_span(told).get_span_context() if told is not None else None
        if here.is_valid and (there is None or there.trace_id == here.trace_id):
            yield requests
            return
        links = [Link(here)] if here.is_valid else []
        context = told if told is not None else Context()
        span = self._tracer.start_span("MCP", context, SpanKind.SERVER, links=links)
        with use_span(
            span, end_on_exit=True, record_exception=False, set_status_on_exception=False
        ):
            yield span


class _TracedReader(PlainReader):
    """Reads plain requests, and names the span of the HTTP request after them."""

    def __init__(self, tracing: MessageTracing) -> None:
        super().__init__()
        self._tracing = tracing

    def read(self, head: PlainHead, body: bytes) -> PlainRequest | None:
        """Return a request; None if it is not plain."""
        request = super().read(head, body)
        if request is not None:
            self._tracing.describe(get_current_span(), request.method, request.params)
        return request


def telling_spans(on_call: OnCall) -> OnCall:
    """Return what has the span at hand say which unit was called, and whether that failed.

    Args:
        on_call: Learns of each call after that.
    """

    def tell(
        address: str, is_error: bool, seconds: float, request_id: str, method: str = _TOOL, /
    ) -> None:
        span = get_current_span()
        span.set_attribute(UNIT, address)
        if is_error and method == _TOOL:  # the others fail with an error of JSON-RPC
            fail(span, "tool_error")
        on_call(address, is_error, seconds, request_id, method)

    return tell


def _is_one_of(name: object, things: Mapping[str, object]) -> TypeGuard[str]:
    return isinstance(name, str) and name in things
