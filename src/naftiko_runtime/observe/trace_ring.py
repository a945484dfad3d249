"""The traces that ended last, kept in memory for those who operate the runtime.

Imported only where spans are made.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Sequence
from datetime import UTC, datetime
from threading import Lock
from typing import Final, NamedTuple

import orjson
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.trace import StatusCode, format_span_id, format_trace_id

from naftiko_runtime.diagnostics.harmless import Mask
from naftiko_runtime.values import Json

MOST_OPEN: Final = 4096
"""How many traces may be under way; of the eldest, the spans so far are forgotten."""

MOST_SPANS: Final = 256
"""How many spans of a trace are kept."""

_MILLISECOND: Final = 1_000_000


class _Span(NamedTuple):
    """What is kept of a span; times in nanoseconds."""

    id: int
    parent: int | None
    name: str
    kind: str
    start: int
    end: int
    is_error: bool


class _Trace(NamedTuple):
    """What is kept of a trace: this process's part of it."""

    id: int
    root: _Span
    spans: Sequence[_Span]


class TraceRing(SpanProcessor):
    """Keeps the traces that ended last: each from a request to what was asked for it upstream.

    At first it keeps none. A span that ends after its request is not kept.

    Args:
        mask: Hides secrets in names.
    """

    def __init__(self, mask: Mask) -> None:
        self._mask = mask
        self._ended: deque[_Trace] = deque(maxlen=0)
        self._open: OrderedDict[int, list[_Span]] = OrderedDict()
        self._lock = Lock()

    @property
    def size(self) -> int:
        """How many traces are kept."""
        return self._ended.maxlen or 0

    def resize(self, size: int) -> None:
        """Keep so many traces from now on."""
        with self._lock:
            self._ended = deque(self._ended, maxlen=size)

    def on_end(self, span: ReadableSpan) -> None:
        """Take note of a span."""
        if not self._ended.maxlen:
            return
        context = span.get_span_context()
        assert context is not None
        is_root = span.parent is None or span.parent.is_remote
        kept = _Span(
            context.span_id,
            span.parent.span_id if span.parent is not None else None,
            span.name,
            span.kind.name,
            span.start_time or 0,
            span.end_time or 0,
            span.status.status_code is StatusCode.ERROR,
        )
        with self._lock:
            self._take(context.trace_id, kept, is_root=is_root)

    def pack(self) -> bytes:
        """Return the traces that are kept as JSON, the newest first."""
        with self._lock:
            ended = list(self._ended)
        return orjson.dumps([_told(one, self._mask) for one in reversed(ended)])

    def _take(self, trace: int, span: _Span, *, is_root: bool) -> None:
        if is_root:
            spans = [*self._open.pop(trace, ()), span]
            self._ended.append(_Trace(trace, span, spans))
            return
        spans = self._open.setdefault(trace, [])
        if len(spans) < MOST_SPANS:
            spans.append(span)
        if len(self._open) > MOST_OPEN:
            self._open.popitem(last=False)


def _told(trace: _Trace, mask: Mask) -> dict[str, Json]:
    """Return a trace in the shape that its readers know."""
    began = datetime.fromtimestamp(trace.root.start / 1e9, UTC)
    return {
        "traceId": format_trace_id(trace.id),
        "operation": mask(trace.root.name),
        "durationMs": _duration(trace.root),
        "status": _status(trace.root),
        "timestamp": began.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "spans": [_told_span(one, mask) for one in sorted(trace.spans, key=lambda one: one.start)],
    }


def _told_span(span: _Span, mask: Mask) -> dict[str, Json]:
    told: dict[str, Json] = {"spanId": format_span_id(span.id)}
    if span.parent is not None:
        told["parentSpanId"] = format_span_id(span.parent)
    return {
        **told,
        "name": mask(span.name),
        "kind": span.kind,
        "durationMs": _duration(span),
        "status": _status(span),
    }


def _duration(span: _Span) -> float:
    return round((span.end - span.start) / _MILLISECOND, 3)


def _status(span: _Span) -> str:
    return "ERROR" if span.is_error else "OK"
