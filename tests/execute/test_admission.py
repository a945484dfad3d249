"""Places for calls: how many there are, and how many of them one caller may have."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naftiko_runtime.errors import TooManyCalls
from naftiko_runtime.execute.admission import Admission


def entered(admission: Admission, caller: str) -> int:
    """Have a caller take all places that it may; return how many."""
    for number in range(1_000_000):
        try:
            admission.enter(caller)
        except TooManyCalls:
            return number
    raise AssertionError("there is no end")


def test_there_are_as_many_places_as_may_be() -> None:
    admission = Admission(3)
    for caller in "abc":
        admission.enter(caller)
    with pytest.raises(TooManyCalls, match="3 calls run already; there may not be more") as caught:
        admission.enter("d")
    assert caught.value.retry_after_seconds == 1.0
    admission.leave("b")
    admission.enter("d")
    assert admission.running == 3


@pytest.mark.parametrize(("most", "own"), [(1, 1), (2, 2), (7, 7), (8, 7), (2048, 1792)])
def test_one_caller_alone_may_have_all_but_an_eighth(most: int, own: int) -> None:
    admission = Admission(most)
    assert entered(admission, "greedy") == own
    assert admission.running == own


def test_who_has_too_many_is_told_so() -> None:
    admission = Admission(16)
    entered(admission, "greedy")
    with pytest.raises(TooManyCalls, match="14 calls run already, 14 of them yours; others may"):
        admission.enter("greedy")


def test_a_place_that_is_given_back_can_be_taken() -> None:
    admission = Admission(1)
    for _ in range(3):
        admission.enter("a")
        admission.leave("a")
    assert admission.running == 0
    assert not admission._of_callers, "nothing is remembered of who has gone"


@given(st.integers(1, 3000))
def test_what_one_caller_leaves_is_an_eighth_for_others(most: int) -> None:
    admission = Admission(most)
    left = most - entered(admission, "greedy")
    assert left == most // 8
    for number in range(left):
        admission.enter(f"modest {number}")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans())), st.integers(1, 20))
def test_places_are_never_more_than_there_are(steps: list[tuple[str, bool]], most: int) -> None:
    admission, own = Admission(most), Counter[str]()
    for caller, enters in steps:
        if enters:
            with suppress(TooManyCalls):
                admission.enter(caller)
                own[caller] += 1
        elif own[caller]:
            admission.leave(caller)
            own[caller] -= 1
        assert admission.running == own.total() <= most
