"""Traces that are kept in memory: those that ended last, each with its spans."""

from __future__ import annotations

import json
from typing import Any

import pytest
from opentelemetry.context import Context
from opentelemetry.trace import SpanKind, Status, StatusCode, Tracer, set_span_in_context

from naftiko_runtime.diagnostics.harmless import unmasked
from naftiko_runtime.observe import trace_ring
from naftiko_runtime.observe.trace_ring import TraceRing
from naftiko_runtime.secrecy import Secrecy
from tests.observe.conftest import SECRET
from tests.spans import PARENT, TRACE, TRACEPARENT, tracer_of

MORNING = 1_700_000_000_000_000_000
MILLISECOND = 1_000_000


def ring_of(size: int = 10) -> tuple[TraceRing, Tracer]:
    """Return what keeps traces, and what makes them."""
    ring = TraceRing(unmasked)
    ring.resize(size)
    return ring, tracer_of(ring)


def told(ring: TraceRing) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(ring.pack())
    return found


def request(tracer: Tracer, name: str, *asked: str, fails: bool = False) -> None:
    """Have a request answered that has something asked upstream."""
    root = tracer.start_span(name, Context(), SpanKind.SERVER, start_time=MORNING)
    for number, one in enumerate(asked, 1):
        started = MORNING + number * MILLISECOND
        within = set_span_in_context(root)
        tracer.start_span(one, within, SpanKind.CLIENT, start_time=started).end(started + 500_000)
    if fails:
        root.set_status(Status(StatusCode.ERROR))
    root.end(MORNING + 12 * MILLISECOND)


def test_at_first_nothing_is_kept() -> None:
    ring = TraceRing(unmasked)
    request(tracer_of(ring), "GET /ships")
    assert (ring.size, told(ring)) == (0, [])


def test_a_trace_is_kept_with_all_its_spans() -> None:
    ring, tracer = ring_of()
    request(tracer, "GET /ships", "GET", "PUT")
    (one,) = told(ring)
    root, first, second = one.pop("spans")
    assert len(one.pop("traceId")) == 32
    assert one == {
        "operation": "GET /ships",
        "durationMs": 12.0,
        "status": "OK",
        "timestamp": "2023-11-14T22:13:20.000Z",
    }
    assert (root["name"], root["kind"], "parentSpanId" in root) == ("GET /ships", "SERVER", False)
    assert first.pop("spanId") != second["spanId"]
    assert first == {
        "parentSpanId": root["spanId"],
        "name": "GET",
        "kind": "CLIENT",
        "durationMs": 0.5,
        "status": "OK",
    }


def test_a_trace_whose_request_fails_is_an_error() -> None:
    ring, tracer = ring_of()
    request(tracer, "GET /ships", fails=True)
    (one,) = told(ring)
    assert (one["status"], one["spans"][0]["status"]) == ("ERROR", "ERROR")


def test_the_newest_come_first_and_the_eldest_are_forgotten() -> None:
    ring, tracer = ring_of(2)
    for name in ("a", "b", "c"):
        request(tracer, name)
    assert [one["operation"] for one in told(ring)] == ["c", "b"]
    ring.resize(1)
    assert [one["operation"] for one in told(ring)] == ["c"]


def test_a_request_that_belongs_to_its_callers_trace_is_one_here() -> None:
    from naftiko_runtime.execute.upstream.traced_client import W3C

    ring, tracer = ring_of()
    context = W3C.extract({"traceparent": TRACEPARENT})
    tracer.start_span("GET /ships", context, SpanKind.SERVER).end()
    (one,) = told(ring)
    assert (one["traceId"], one["spans"][0]["parentSpanId"]) == (TRACE, PARENT)


def test_of_a_very_long_trace_not_all_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace_ring, "MOST_SPANS", 2)
    ring, tracer = ring_of()
    request(tracer, "GET /ships", "a", "b", "c")
    (one,) = told(ring)
    assert [span["name"] for span in one["spans"]] == ["GET /ships", "a", "b"]


def test_of_requests_without_an_end_only_so_many_are_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trace_ring, "MOST_OPEN", 1)
    ring, tracer = ring_of()
    roots = [tracer.start_span(name, Context()) for name in ("old", "new")]
    for root in roots:
        tracer.start_span("asked", set_span_in_context(root)).end()
    for root in roots:
        root.end()
    assert [(one["operation"], len(one["spans"])) for one in told(ring)] == [("new", 2), ("old", 1)]


def test_secrets_are_hidden_in_names() -> None:
    ring = TraceRing(Secrecy([SECRET]).mask)
    ring.resize(1)
    request(tracer_of(ring), f"GET {SECRET}", SECRET)
    assert SECRET not in ring.pack().decode()
