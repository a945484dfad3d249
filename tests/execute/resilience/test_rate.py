"""A bucket of tokens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naftiko_runtime.execute.resilience.rate import TokenBucket
from tests.timing import StoodStill


def test_a_burst_is_let_through_at_once() -> None:
    bucket = TokenBucket(1.0, 3, StoodStill())
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]


def test_tokens_drip_in() -> None:
    clock = StoodStill()
    bucket = TokenBucket(2.0, 1, clock)
    bucket.take()
    assert (bucket.wait(), bucket.wait(3)) == (0.5, 1.5)
    clock.now += 0.5
    assert bucket.take()
    assert not bucket.take()


def test_a_token_that_was_not_used_can_be_given_back() -> None:
    bucket = TokenBucket(2.0, 1, StoodStill())
    bucket.take()
    bucket.give_back()
    bucket.give_back()
    assert [bucket.take(), bucket.take()] == [True, False]


def test_a_bucket_holds_no_more_than_its_burst() -> None:
    clock = StoodStill()
    bucket = TokenBucket(10.0, 2, clock)
    clock.now += 3600
    assert [bucket.take() for _ in range(3)] == [True, True, False]


def test_a_token_that_comes_late_is_not_lost_at_once() -> None:
    clock = StoodStill()
    bucket = TokenBucket(2.0, 1, clock, late_seconds=0.1)
    bucket.take()
    clock.now += 0.6
    bucket.use()
    assert bucket.wait() == pytest.approx(0.4)
    clock.now += 60
    bucket.use()
    assert bucket.wait() == pytest.approx(0.4), "but after a while"


def test_a_token_can_be_used_a_moment_before_it_is_there() -> None:
    clock = StoodStill()
    bucket = TokenBucket(2.0, 1, clock)
    bucket.take()
    clock.now += 0.4
    bucket.use()
    assert bucket.wait() == pytest.approx(0.6), "the next has to wait for that much longer"


@given(
    per_second=st.floats(0.1, 1000),
    burst=st.integers(1, 50),
    gaps=st.lists(st.floats(0, 2), min_size=1, max_size=60),
)
def test_no_more_is_let_through_than_rate_and_burst_allow(
    per_second: float, burst: int, gaps: list[float]
) -> None:
    clock = StoodStill()
    bucket = TokenBucket(per_second, burst, clock)
    passed = 0
    for gap in gaps:
        clock.now += gap
        passed += bucket.take()
    assert passed <= burst + per_second * sum(gaps) + 1e-6
