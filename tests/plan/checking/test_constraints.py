"""What schemas ask of values beyond their type."""

from __future__ import annotations

from typing import Any

import pytest

from naftiko_runtime.values import Json
from tests.plan.checking.building import an_input, check_one, check_texts, problems_of


@pytest.mark.parametrize(
    ("type_", "schema", "value"),
    [
        ("integer", {"minimum": 1, "maximum": 5}, 1),
        ("integer", {"minimum": 1, "maximum": 5}, "5"),
        ("number", {"exclusiveMinimum": 0, "exclusiveMaximum": 1}, 0.5),
        ("string", {"minLength": 1, "maxLength": 3}, "äöü"),
        ("array", {"minItems": 1, "maxItems": 2}, [1, 2]),
        ("string", {"pattern": "^[a-z]+$"}, "abc"),
        ("string", {"pattern": "b"}, "abc"),
        ("string", {"pattern": r"[$]\$$"}, "$$"),
        ("string", {"pattern": "[[a]"}, "["),
        ("string", {"pattern": "(unclosed"}, "anything"),
        ("string", {"enum": ["a", "b"]}, "b"),
        ("number", {"enum": [1, 2]}, 1.0),
        ("object", {"enum": [{"a": [True, 1]}]}, {"a": [True, 1]}),
    ],
)
def test_values_within_limits_fit(type_: str, schema: dict[str, Any], value: Json) -> None:
    check_one(an_input("a", type_, **schema), value)


@pytest.mark.parametrize(
    ("type_", "schema", "value", "detail"),
    [
        ("integer", {"minimum": 1}, 0, "has to be at least 1, not 0"),
        ("integer", {"maximum": 5}, "6", "has to be at most 5, not 6"),
        ("number", {"exclusiveMinimum": 0}, 0, "has to be more than 0, not 0"),
        ("number", {"exclusiveMaximum": 1.5}, 1.5, "has to be less than 1.5, not 1.5"),
        ("string", {"minLength": 1}, "", "has to have at least 1 character, not 0"),
        ("string", {"maxLength": 2}, "abc", "has to have at most 2 characters, not 3"),
        ("array", {"minItems": 2}, [1], "has to have at least 2 items, not 1"),
        ("array", {"maxItems": 1}, [1, 2], "has to have at most 1 item, not 2"),
        ("string", {"pattern": "^a+$"}, "b", "has to match the pattern ^a+$, not 'b'"),
        ("string", {"pattern": "^a$"}, "a\n", "has to match the pattern ^a$, not 'a'"),
        ("string", {"enum": ["a", "b"]}, "c", "has to be one of 'a', 'b', not 'c'"),
        ("integer", {"enum": [1, 2]}, 3, "has to be one of 1, 2, not 3"),
        ("array", {"enum": [[1]]}, [True], "has to be one of an array, not an array"),
        ("array", {"enum": [[1]]}, [1, 1], "has to be one of an array, not an array"),
        ("object", {"enum": [{"a": 1}]}, {"b": 1}, "has to be one of an object, not an object"),
    ],
)
def test_values_past_limits_are_problems(
    type_: str, schema: dict[str, Any], value: Json, detail: str
) -> None:
    one = an_input("a", type_, **schema)
    assert problems_of(lambda: check_one(one, value)) == {"/a": f"'a' {detail}"}


def test_long_enumerations_are_not_told_in_full() -> None:
    one = an_input("a", "integer", enum=[*range(20)])
    assert problems_of(lambda: check_one(one, 20)) == {
        "/a": "'a' has to be one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …, not 20"
    }


def test_limits_let_values_of_other_types_through() -> None:
    limits: dict[str, Any] = {"minimum": 5, "minLength": 5, "minItems": 5, "pattern": "x"}
    values: list[Json] = [True, None, {}]
    for value in values:
        assert check_one(an_input("a", is_required=True, **limits), value) == value


def test_without_a_type_a_text_may_be_json_for_one_of_the_choices() -> None:
    one = an_input("a", enum=[1, True, "x", [1]])
    read = [check_texts(one, [text]) for text in ("1", "true", "x", "[1]")]
    assert read == [1, True, "x", [1]]


@pytest.mark.parametrize("text", ["2", "y", "1.5", "null"])
def test_without_a_type_a_text_has_to_be_or_stand_for_one_of_the_choices(text: str) -> None:
    one = an_input("a", enum=[1, True, "x", [1]])
    assert list(problems_of(lambda: check_texts(one, [text]))) == ["/a"]
