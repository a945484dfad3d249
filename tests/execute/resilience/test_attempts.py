"""Whether a request is tried again, and when."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naftiko_runtime.errors import (
    UpstreamError,
    UpstreamProtocolError,
    UpstreamTimeout,
    UpstreamTooLarge,
    UpstreamUnreachable,
)
from naftiko_runtime.execute.resilience.attempts import (
    backoff,
    may_repeat,
    pause,
    retry_after,
)
from naftiko_runtime.execute.upstream.message import UpstreamResponse
from naftiko_runtime.plan.resilience import (
    CircuitBreaking,
    Concurrency,
    ResiliencePolicy,
    Retries,
    Timeouts,
)

NOON = 1_790_942_400.0
"""2026-10-02 12:00:00 in UTC."""

SOON = b"Fri, 02 Oct 2026 12:00:07 GMT"


def policy(*, repeatable: bool, retries: Retries | None = None) -> ResiliencePolicy:
    return ResiliencePolicy(
        "http://up.test",
        Timeouts(),
        retries or Retries(),
        repeatable,
        CircuitBreaking(),
        Concurrency("api"),
    )


def answered(status: int, after: bytes | None = None) -> UpstreamResponse:
    headers = () if after is None else ((b"retry-after", after),)
    return UpstreamResponse(status, headers, b"")


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_passing_status_is_reason_to_repeat_what_may_run_twice(status: int) -> None:
    assert may_repeat(policy(repeatable=True), answered(status))


@pytest.mark.parametrize("status", [200, 302, 400, 404, 408, 422, 500, 501, 505])
def test_no_other_status_is(status: int) -> None:
    assert not may_repeat(policy(repeatable=True), answered(status, b"1"))


@pytest.mark.parametrize("status", [429, 503])
def test_what_must_not_run_twice_is_repeated_only_when_upstream_asks_for_it(status: int) -> None:
    careful = policy(repeatable=False)
    assert may_repeat(careful, answered(status, b"1"))
    assert not may_repeat(careful, answered(status))
    assert not may_repeat(careful, answered(status, b"soon")), "that names no time"
    assert not may_repeat(careful, answered(502, b"1"))
    assert not may_repeat(careful, answered(504, b"1"))


@pytest.mark.parametrize("kind", [UpstreamUnreachable, UpstreamTimeout])
def test_a_request_that_was_never_sent_is_repeated_whatever_it_does(
    kind: type[UpstreamError],
) -> None:
    assert may_repeat(policy(repeatable=False), kind("no", unsent=True))
    assert may_repeat(policy(repeatable=True), kind("no", unsent=True))


@pytest.mark.parametrize("kind", [UpstreamUnreachable, UpstreamTimeout])
def test_a_request_that_may_have_run_is_repeated_only_if_it_may_run_twice(
    kind: type[UpstreamError],
) -> None:
    assert may_repeat(policy(repeatable=True), kind("lost"))
    assert not may_repeat(policy(repeatable=False), kind("lost"))


@pytest.mark.parametrize(
    "error",
    [
        UpstreamProtocolError("no HTTP"),
        UpstreamTooLarge("too much"),
        UpstreamUnreachable("bad certificate", unsent=True, lasting=True),
    ],
)
def test_what_will_not_change_is_not_repeated(error: UpstreamError) -> None:
    assert not may_repeat(policy(repeatable=True), error)


@given(
    attempt=st.integers(1, 10),
    jitter=st.floats(0, 1),
    first=st.floats(0.001, 100),
    longest=st.floats(0.001, 100),
)
def test_a_backoff_is_bounded_and_doubles(
    attempt: int, jitter: float, first: float, longest: float
) -> None:
    seconds = backoff(Retries(10, first, longest), attempt, jitter)
    assert 0 <= seconds <= longest
    assert seconds <= first * 2 ** (attempt - 1)
    if jitter == 1:
        assert seconds == pytest.approx(min(longest, first * 2 ** (attempt - 1)))


@given(
    attempt=st.integers(1, 10),
    attempts=st.integers(1, 10),
    remaining=st.floats(0, 60),
    jitter=st.floats(0, 1),
    after=st.none() | st.integers(0, 100),
)
def test_a_pause_never_takes_all_that_is_left(
    attempt: int, attempts: int, remaining: float, jitter: float, after: int | None
) -> None:
    ending = answered(503, None if after is None else b"%d" % after)
    plan = policy(repeatable=True, retries=Retries(attempts))
    seconds = pause(plan, ending, attempt, remaining, lambda: jitter, lambda: NOON)
    if seconds is not None:
        assert 0 <= seconds < remaining
        assert attempt < attempts
        assert after is None or seconds == after


def test_the_last_attempt_is_the_last() -> None:
    plan = policy(repeatable=True, retries=Retries(2))
    assert pause(plan, answered(503), 1, 9.0, lambda: 1.0, lambda: NOON) == 0.1
    assert pause(plan, answered(503), 2, 9.0, lambda: 1.0, lambda: NOON) is None


def test_an_error_has_no_retry_after() -> None:
    lost = UpstreamUnreachable("lost")
    assert pause(policy(repeatable=True), lost, 1, 9.0, lambda: 0.5, lambda: NOON) == 0.05


def test_a_longer_wait_than_there_is_time_for_is_none() -> None:
    plan = policy(repeatable=True)
    assert pause(plan, answered(503, b"7"), 1, 8.0, lambda: 1.0, lambda: NOON) == 7
    assert pause(plan, answered(503, b"7"), 1, 7.0, lambda: 1.0, lambda: NOON) is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"0", 0.0),
        (b"120", 120.0),
        (SOON, 7.0),
        (b"Friday, 02-Oct-26 12:00:07 GMT", 7.0),
        (b"Fri Oct  2 12:00:07 2026", 7.0),
        (b"Thu, 01 Oct 2026 12:00:07 GMT", 0.0),
        (b"soon", None),
        (b"-1", None),
        (b"1.5", None),
        (b"\xff", None),
        (b"Fri, 99 Oct 2026 12:00:07 GMT", None),
        (b"", None),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland"])
def test_retry_after_is_a_number_or_a_date(
    value: bytes, seconds: float | None, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as there:
        there.setenv("TZ", zone)
        time.tzset()
        found = retry_after(((b"retry-after", value),), lambda: NOON)
    time.tzset()
    assert found == seconds


@given(st.binary(max_size=40))
def test_no_retry_after_breaks_anything(value: bytes) -> None:
    seconds = retry_after(((b"retry-after", value),), lambda: NOON)
    assert seconds is None or seconds >= 0
