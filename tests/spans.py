"""Spans that are kept in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, Sampler
from opentelemetry.trace import StatusCode, Tracer, format_span_id, format_trace_id

TRACE: Final = "0af7651916cd43dd8448eb211c80319c"
PARENT: Final = "b7ad6b7169203331"
TRACEPARENT: Final = f"00-{TRACE}-{PARENT}-01"


@dataclass(frozen=True, slots=True)
class Seen:
    """What matters of a span.

    Attributes:
        name: Its name.
        kind: `SERVER` or `CLIENT`.
        said: Its attributes.
        trace: The id of its trace.
        id: Its own.
        parent: Its parent's; None where it has none.
        is_error: Whether its status says so.
        state: Its `tracestate`.
        links: The traces that it has links to.
    """

    name: str
    kind: str
    said: dict[str, object]
    trace: str
    id: str
    parent: str | None
    is_error: bool
    state: str
    links: list[str]


@dataclass(frozen=True, slots=True)
class Spans:
    """A tracer whose spans can be looked at when they have ended.

    Attributes:
        sampler: Decides which spans there are.
    """

    sampler: Sampler = ALWAYS_ON
    _kept: InMemorySpanExporter = field(default_factory=InMemorySpanExporter)

    @property
    def tracer(self) -> Tracer:
        """A tracer of its own provider."""
        provider = TracerProvider(self.sampler, shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self._kept))
        return provider.get_tracer("tests")

    @property
    def ended(self) -> list[Seen]:
        """The spans that have ended, in that order."""
        return [_seen(one) for one in self._kept.get_finished_spans()]

    def only(self) -> Seen:
        """Return the only span that has ended."""
        (one,) = self.ended
        return one


def tracer_of(processor: SpanProcessor) -> Tracer:
    """Return a tracer whose spans a processor gets."""
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(processor)
    return provider.get_tracer("tests")


def _seen(span: ReadableSpan) -> Seen:
    context = span.get_span_context()
    assert context is not None
    return Seen(
        span.name,
        span.kind.name,
        dict(span.attributes or {}),
        format_trace_id(context.trace_id),
        format_span_id(context.span_id),
        format_span_id(span.parent.span_id) if span.parent is not None else None,
        span.status.status_code is StatusCode.ERROR,
        context.trace_state.to_header(),
        [format_trace_id(link.context.trace_id) for link in span.links],
    )
