"""Inputs that arrive as text: section 4 of the behaviour."""

from __future__ import annotations

import pytest

from naftiko_runtime.plan.inputs import Place
from naftiko_runtime.values import Json
from tests.plan.checking.building import an_input, check_texts, problems_of


@pytest.mark.parametrize(
    ("texts", "value"),
    [
        (["[1, 2]"], [1, 2]),
        (["1", "2"], [1, 2]),
        (["1"], [1]),
    ],
)
def test_an_array_of_numbers_may_be_json_or_repeated(texts: list[str], value: Json) -> None:
    assert check_texts(an_input("ids", "array", items={"type": "integer"}), texts) == value


def test_a_text_that_only_starts_like_json_is_an_item() -> None:
    one = an_input("ids", "array", items={"type": "integer"})
    assert list(problems_of(lambda: check_texts(one, ["[1, 2"]))) == ["/ids/0"]


@pytest.mark.parametrize("items", [{}, {"type": "string"}])
def test_an_array_of_texts_is_never_json(items: dict[str, Json]) -> None:
    assert check_texts(an_input("names", "array", items=items), ["[1]"]) == ["[1]"]


@pytest.mark.parametrize(
    ("place", "items"),
    [
        (Place.HEADER, ["a", "b"]),
        (Place.PATH, ["a", "b"]),
        (Place.QUERY, ["a, b,"]),
        (Place.COOKIE, ["a, b,"]),
    ],
)
def test_commas_join_arrays_in_headers_and_paths(place: Place, items: list[str]) -> None:
    one = an_input("names", "array", place, items={"type": "string"})
    assert check_texts(one, ["a, b,"]) == items


@pytest.mark.parametrize(("texts", "value"), [(["a"], "a"), (["a", "b"], ["a", "b"])])
def test_an_input_of_any_type_takes_one_text_or_several(texts: list[str], value: Json) -> None:
    assert check_texts(an_input("x"), texts) == value


def test_any_other_input_takes_one_value() -> None:
    one = an_input("x", "integer")
    problems = problems_of(lambda: check_texts(one, ["1", "2"]))
    assert problems == {"/x": "'x' takes one value, not 2"}
