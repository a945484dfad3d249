"""The circuit breaker: when it opens, and how it closes again."""

from __future__ import annotations

import logging

import pytest

from naftiko_runtime.errors import UpstreamCircuitOpen
from naftiko_runtime.execute.resilience.breaker import Breaker
from naftiko_runtime.plan.resilience import CircuitBreaking
from tests.timing import StoodStill


@pytest.fixture
def clock() -> StoodStill:
    return StoodStill()


@pytest.fixture
def breaker(clock: StoodStill) -> Breaker:
    return Breaker("http://up.test", CircuitBreaking(3, 30.0, 5.0), clock)


def fail(breaker: Breaker, times: int = 3) -> None:
    for _ in range(times):
        breaker.failed(probe=breaker.admit())


def test_it_lets_everything_pass_at_first(breaker: Breaker) -> None:
    assert breaker.closed
    assert breaker.admit() is False


def test_failures_in_a_row_open_it(breaker: Breaker) -> None:
    fail(breaker, 2)
    assert breaker.closed
    fail(breaker, 1)
    assert not breaker.closed
    with pytest.raises(UpstreamCircuitOpen) as caught:
        breaker.admit()
    assert caught.value.retry_after_seconds == 5.0
    assert "failed 3 times in a row" in caught.value.detail


def test_a_success_begins_the_count_anew(breaker: Breaker) -> None:
    fail(breaker, 2)
    breaker.succeeded(probe=False)
    fail(breaker, 2)
    assert breaker.closed


def test_failures_far_apart_are_not_in_a_row(breaker: Breaker, clock: StoodStill) -> None:
    fail(breaker, 2)
    clock.now += 30.1
    fail(breaker, 1)
    assert breaker.closed
    assert breaker.failures == 1


def test_what_says_nothing_changes_nothing(breaker: Breaker) -> None:
    fail(breaker, 2)
    breaker.abandoned(probe=False)
    assert breaker.failures == 2


def test_the_time_left_is_told(breaker: Breaker, clock: StoodStill) -> None:
    fail(breaker)
    clock.now += 2
    with pytest.raises(UpstreamCircuitOpen) as caught:
        breaker.check()
    assert caught.value.retry_after_seconds == 3.0


def test_after_a_while_one_request_finds_out(breaker: Breaker, clock: StoodStill) -> None:
    fail(breaker)
    clock.now += 5
    assert breaker.admit() is True
    with pytest.raises(UpstreamCircuitOpen) as caught:
        breaker.admit()
    assert caught.value.retry_after_seconds == 1.0


def test_its_success_closes_the_circuit(
    breaker: Breaker, clock: StoodStill, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    fail(breaker)
    clock.now += 5
    breaker.succeeded(probe=breaker.admit())
    assert breaker.closed
    assert breaker.failures == 0
    assert [record.getMessage() for record in caplog.records] == [
        "http://up.test failed 3 times in a row: nothing is sent there for 5 s",
        "http://up.test answers again: requests are sent there",
    ]


def test_its_failure_opens_it_for_as_long_again(breaker: Breaker, clock: StoodStill) -> None:
    fail(breaker)
    clock.now += 5
    breaker.failed(probe=breaker.admit())
    clock.now += 4.9
    with pytest.raises(UpstreamCircuitOpen):
        breaker.admit()
    clock.now += 0.2
    assert breaker.admit() is True


def test_its_end_without_a_result_lets_another_find_out(
    breaker: Breaker, clock: StoodStill
) -> None:
    fail(breaker)
    clock.now += 5
    breaker.abandoned(probe=breaker.admit())
    assert breaker.admit() is True


def test_requests_from_before_it_opened_have_no_say(breaker: Breaker, clock: StoodStill) -> None:
    fail(breaker)
    breaker.succeeded(probe=False)
    breaker.failed(probe=False)
    assert not breaker.closed
    clock.now += 5
    assert breaker.admit() is True


def test_without_a_number_of_failures_it_never_opens(clock: StoodStill) -> None:
    breaker = Breaker("http://up.test", CircuitBreaking(0), clock)
    fail(breaker, 100)
    assert breaker.closed


def test_one_that_takes_too_long_lets_another_find_out(
    breaker: Breaker, clock: StoodStill, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    fail(breaker)
    clock.now += 5
    slow = breaker.admit()
    clock.now += 5
    breaker.succeeded(probe=breaker.admit())
    breaker.succeeded(probe=slow)
    assert breaker.closed
    assert len(caplog.records) == 2


def test_one_that_is_given_up_late_does_not_cut_the_pause_short(
    breaker: Breaker, clock: StoodStill
) -> None:
    fail(breaker)
    clock.now += 5
    slow = breaker.admit()
    clock.now += 5
    breaker.failed(probe=breaker.admit())
    breaker.abandoned(probe=slow)
    with pytest.raises(UpstreamCircuitOpen):
        breaker.admit()
