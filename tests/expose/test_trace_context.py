"""Which trace a caller says that its request belongs to: W3C Trace Context."""

from __future__ import annotations

import pytest
from opentelemetry.trace import SpanContext, get_current_span

from naftiko_runtime.expose.callers import RawHeaders
from naftiko_runtime.expose.trace_context import context_in, context_of
from tests.spans import PARENT, TRACE, TRACEPARENT

OTHER = f"00-{'1' * 32}-{'2' * 16}-01"


def told(*headers: tuple[str, str]) -> SpanContext:
    """Return what headers tell of."""
    raw: RawHeaders = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    return get_current_span(context_of(raw)).get_span_context()


def test_a_caller_tells_of_its_span() -> None:
    found = told(("accept", "*/*"), ("traceparent", TRACEPARENT))
    assert (f"{found.trace_id:032x}", f"{found.span_id:016x}") == (TRACE, PARENT)
    assert found.is_remote
    assert found.trace_flags.sampled


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x",
        TRACEPARENT.upper(),
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"{TRACEPARENT}-more",
        TRACEPARENT[:-1],
        f"01-{TRACE}-{PARENT}-01-{'x' * 500}",
        "é" * 55,
    ],
)
def test_what_is_not_valid_is_nothing(value: str) -> None:
    assert not told(("traceparent", value)).is_valid


def test_of_two_parents_neither_counts() -> None:
    assert not told(("traceparent", TRACEPARENT), ("traceparent", OTHER)).is_valid


def test_states_are_put_together() -> None:
    found = told(("tracestate", "a=1"), ("traceparent", TRACEPARENT), ("tracestate", "b=2"))
    assert found.trace_state.to_header() == "a=1,b=2"


@pytest.mark.parametrize("state", ["", "no state", f"a={'x' * 511}"])
def test_a_state_that_is_not_valid_or_too_long_is_left_out(state: str) -> None:
    found = told(("traceparent", TRACEPARENT), ("tracestate", state))
    assert found.is_valid
    assert found.trace_state.to_header() == ""


def test_a_state_alone_is_nothing() -> None:
    assert not told(("tracestate", "a=1")).is_valid


def test_a_message_tells_of_a_span_in_its_meta() -> None:
    context = context_in({"traceparent": TRACEPARENT, "tracestate": "a=1"})
    assert context is not None
    found = get_current_span(context).get_span_context()
    assert f"{found.trace_id:032x}" == TRACE
    assert found.trace_state.to_header() == "a=1"


@pytest.mark.parametrize(
    "meta",
    [{}, {"traceparent": 1}, {"traceparent": "x"}, {"traceparent": TRACEPARENT, "tracestate": 1}],
)
def test_a_message_without_a_valid_one_tells_of_none(meta: dict[str, object]) -> None:
    assert context_in(meta) is None
