"""What makes spans: set up as OpenTelemetry's variables say, and ended in time."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Callable, Mapping, Sequence
from threading import Event

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import use_span

from naftiko_runtime._version import __version__
from naftiko_runtime.observe import extra, tracing
from naftiko_runtime.observe.tracing import (
    Tracing,
    check_variables,
    collector_secrets,
    current_trace_id,
)
from naftiko_runtime.secrecy import Secrecy
from tests.observe.conftest import SECRET

Logged = Callable[..., io.StringIO]


async def exported(environment: Mapping[str, str], *names: str) -> Sequence[ReadableSpan]:
    """Return spans of these names as they arrive, when all is over."""
    kept = InMemorySpanExporter()
    own = Tracing(environment, Secrecy([SECRET]).mask, kept)
    for name in names:
        own.tracer.start_span(name).end()
    await own.aclose()
    return kept.get_finished_spans()


async def test_all_spans_have_arrived_at_the_end() -> None:
    names = [f"span {number}" for number in range(3)]
    assert [span.name for span in await exported({}, *names)] == names


async def test_secrets_do_not_arrive() -> None:
    (span,) = await exported({}, f"GET {SECRET}")
    assert span.name == "GET ***"


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({}, "naftiko"),
        ({"OTEL_SERVICE_NAME": "shop"}, "shop"),
        ({"OTEL_RESOURCE_ATTRIBUTES": "service.name=shop,region=eu"}, "shop"),
    ],
)
async def test_the_variables_say_what_the_service_is_called(
    environment: dict[str, str], name: str
) -> None:
    (span,) = await exported(environment, "a")
    said = span.resource.attributes
    assert (said["service.name"], said["service.version"]) == (name, __version__)
    assert said.get("region") == ("eu" if "OTEL_RESOURCE_ATTRIBUTES" in environment else None)
    assert not [one for one in os.environ if one.startswith("OTEL_")]


async def test_the_processs_own_variables_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "own")
    (span,) = await exported({"OTEL_SERVICE_NAME": "other"}, "a")
    assert span.resource.attributes["service.name"] == "own"
    assert os.environ["OTEL_SERVICE_NAME"] == "own"


async def test_the_variables_say_which_spans_are_kept() -> None:
    assert await exported({"OTEL_TRACES_SAMPLER": "always_off"}, "a") == ()


def test_a_variable_that_can_not_be_is_found() -> None:
    check_variables({})
    with pytest.raises(ValueError, match="max_queue_size"):
        check_variables({"OTEL_BSP_MAX_QUEUE_SIZE": "0"})
    assert "OTEL_BSP_MAX_QUEUE_SIZE" not in os.environ


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("OTEL_BSP_SCHEDULE_DELAY", "soon"),
        ("OTEL_TRACES_SAMPLER", "some"),
        ("OTEL_RESOURCE_ATTRIBUTES", "team"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "key"),
    ],
)
def test_what_the_sdk_would_pass_over_is_an_error(
    variable: str, value: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ValueError, match=value if "DELAY" not in variable else variable):
        check_variables({variable: value})
    assert caplog.records == []


def test_headers_for_the_collector_are_secrets() -> None:
    environment = {
        "OTEL_EXPORTER_OTLP_HEADERS": "api-key=the%20first%20key, x=two,empty=,odd",
        "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "api-key=the-second, the-third",
    }
    keys = {"the%20first%20key", "the first key", "the-second", "the-third"}
    assert set(collector_secrets(environment)) == keys
    assert list(collector_secrets({})) == []


class _Dead(SpanExporter):
    """Takes nothing, until it is released."""

    def __init__(self) -> None:
        self.asked = Event()
        self.released = Event()
        self.taken: list[str] = []

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.taken += [span.name for span in spans]
        self.asked.set()
        self.released.wait()
        return SpanExportResult.FAILURE


async def test_a_collector_that_takes_nothing_holds_up_no_end(
    logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracing, "FLUSH_SECONDS", 0.01)
    stream, dead = logged(), _Dead()
    own = Tracing({}, str, dead)
    own.tracer.start_span("a").end()
    await own.aclose()
    assert dead.asked.wait(30)
    assert "the last spans did not reach the collector in time" in stream.getvalue()
    dead.released.set()


async def test_a_full_queue_drops_spans_and_holds_up_nothing(logged: Logged) -> None:
    logged()
    dead = _Dead()
    environment = {"OTEL_BSP_MAX_QUEUE_SIZE": "2", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "1"}
    own = Tracing(environment, str, dead)
    own.tracer.start_span("taken").end()
    await asyncio.to_thread(dead.asked.wait)
    for name in ("dropped", "second", "third"):
        own.tracer.start_span(name).end()
    dead.released.set()
    await own.aclose()
    assert dead.taken == ["taken", "second", "third"]


def test_the_trace_at_hand_has_an_id() -> None:
    assert current_trace_id() is None
    own = Tracing({}, str, InMemorySpanExporter())
    span = own.tracer.start_span("a")
    with use_span(span):
        assert current_trace_id() == f"{span.get_span_context().trace_id:032x}"
    asyncio.run(own.aclose())


async def test_the_global_provider_stays_as_it_is() -> None:
    before = trace.get_tracer_provider()
    await exported({}, "a")
    assert trace.get_tracer_provider() is before


def test_the_extra_is_installed_or_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert extra.missing_tracing_extra() is None
    monkeypatch.setattr(extra, "_NEEDED", ("opentelemetry.sdk.no_such", "no.such.thing"))
    assert extra.missing_tracing_extra() == "naftiko-runtime[tracing]"
    monkeypatch.setattr(extra, "_NEEDED", ("no.such.thing",))
    assert extra.missing_tracing_extra() == "naftiko-runtime[tracing]"


async def test_a_collector_that_has_failed_is_waited_for_even_less(
    logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracing, "_HOPELESS_SECONDS", 0.01)
    monkeypatch.setattr(tracing, "FLUSH_SECONDS", 3600.0)
    stream, dead = logged(), _Dead()
    dead.released.set()
    own = Tracing({"OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "1"}, str, dead)
    own.tracer.start_span("lost").end()
    await asyncio.to_thread(dead.asked.wait)
    async with asyncio.timeout(30):
        while "spans do not reach" not in stream.getvalue():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.001)
    dead.released.clear()
    own.tracer.start_span("the last").end()
    await own.aclose()
    assert "the last spans did not reach the collector in time" in stream.getvalue()
    dead.released.set()
