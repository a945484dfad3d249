"""Spans on their way to the collector, and what the log says of it."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Sequence

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

from naftiko_runtime.observe.exporting import ReportingExporter
from naftiko_runtime.secrecy import Secrecy
from tests.observe.conftest import SECRET

Logged = Callable[..., io.StringIO]
OTLP = logging.getLogger("opentelemetry.exporter.otlp.proto.http.trace_exporter")


class Scripted(SpanExporter):
    """Does with each batch what it is told to."""

    def __init__(self, *script: SpanExportResult | Exception) -> None:
        self._script = list(script)
        self.is_shut_down = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        step = self._script.pop(0)
        if step is SpanExportResult.FAILURE:
            OTLP.error("connection refused")
            OTLP.error("given up")
        if isinstance(step, Exception):
            raise step
        return step

    def shutdown(self) -> None:
        self.is_shut_down = True


def exported(name: str, **said: object) -> ReadableSpan:
    """Return a span as the collector gets it."""
    kept = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    exporter = ReportingExporter(kept, Secrecy([SECRET]).mask)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("tests")
    other = tracer.start_span("other").get_span_context()
    span = tracer.start_span(name, kind=SpanKind.CLIENT, links=[Link(other)], attributes=said)  # type: ignore[arg-type]
    span.set_status(Status(StatusCode.ERROR))
    span.end()
    (found,) = kept.get_finished_spans()
    return found


def test_no_text_of_a_span_holds_a_secret() -> None:
    span = exported(f"GET {SECRET}", url=f"http://a.test/{SECRET}/b", port=1)
    assert span.name == "GET ***"
    assert dict(span.attributes or {}) == {"url": "http://a.test/***/b", "port": 1}


def test_all_else_of_a_span_stays() -> None:
    span = exported("GET")
    assert span.kind is SpanKind.CLIENT
    assert span.status.status_code is StatusCode.ERROR
    assert len(span.links) == 1
    assert span.start_time is not None
    assert span.end_time is not None
    assert span.end_time >= span.start_time
    assert span.instrumentation_scope is not None
    assert span.instrumentation_scope.name == "tests"
    assert span.resource.attributes["telemetry.sdk.language"] == "python"


def test_failure_is_said_once_and_so_is_its_end(logged: Logged) -> None:
    stream = logged()
    good, bad = SpanExportResult.SUCCESS, SpanExportResult.FAILURE
    script = (good, bad, bad, good, good, RuntimeError("no such host"))
    exporter = ReportingExporter(Scripted(*script), str)
    failing = []
    for _ in script:
        exporter.export([])
        failing.append(exporter.fails)
    assert failing == [False, True, True, False, False, True]
    lines = [line.split(" ", 1)[1] for line in stream.getvalue().splitlines()]
    assert lines == [
        "warning spans do not reach the collector, and are dropped: connection refused",
        "warning spans reach the collector again",
        "warning spans do not reach the collector, and are dropped: RuntimeError: no such host",
    ]


def test_nothing_is_said_after_the_end(logged: Logged) -> None:
    stream = logged()
    exporter = ReportingExporter(Scripted(SpanExportResult.FAILURE), str)
    exporter.give_up()
    assert exporter.export([]) is SpanExportResult.FAILURE
    (line,) = stream.getvalue().splitlines()
    assert "the last spans did not reach the collector in time" in line


def test_a_failure_without_a_reason_is_one(logged: Logged) -> None:
    stream = logged()

    class Silent(Scripted):
        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            return SpanExportResult.FAILURE

    ReportingExporter(Silent(), str).export([])
    assert stream.getvalue().endswith("dropped: no reason is known\n")


def test_the_sdks_exporter_says_what_it_likes_at_other_times(logged: Logged) -> None:
    stream = logged()
    ReportingExporter(Scripted(SpanExportResult.SUCCESS), str).export([])
    OTLP.error("something else")
    assert "something else" in stream.getvalue()


def test_the_exporter_ends_what_exports() -> None:
    inner = Scripted()
    exporter = ReportingExporter(inner, str)
    exporter.shutdown()
    assert inner.is_shut_down
