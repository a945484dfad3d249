"""Names that differ in spelling only: section 4.3 of the behaviour."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naftiko_runtime.plan.folding import NameIndex, fold


@pytest.mark.parametrize(
    ("one", "other"),
    [("user-id", "user_id"), ("user.id", "user-id"), ("UserId", "userid"), ("X_A.b", "x-a-B")],
)
def test_case_and_separators_do_not_tell_names_apart(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"), [("userid", "user-id"), ("a b", "a-b"), ("a", "@a"), ("a--b", "a-b")]
)
def test_all_else_tells_names_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_twice_is_folding_once(name: str) -> None:
    assert fold(fold(name)) == fold(name)


INDEX = NameIndex([("user_id", 1), ("user-id", 2), ("Limit", 3), ("Limit", 4)])


@pytest.mark.parametrize(
    ("name", "found"),
    [
        pytest.param("user_id", 1, id="exactly"),
        pytest.param("user-id", 2, id="exactly-though-an-earlier-one-folds-to-it"),
        pytest.param("USER.ID", 1, id="folded-to-the-first"),
        pytest.param("Limit", 3, id="the-first-of-one-name"),
        pytest.param("limit", 3, id="folded"),
        pytest.param("offset", None, id="nothing"),
    ],
)
def test_a_thing_is_found_exactly_first_and_then_folded(name: str, found: int | None) -> None:
    assert INDEX.find(name) == found
    assert (name in INDEX) is (found is not None)


def test_an_index_starts_empty_and_grows() -> None:
    index: NameIndex[int] = NameIndex()
    assert index.find("a") is None
    index.add("a", 1)
    assert index.find("A") == 1
