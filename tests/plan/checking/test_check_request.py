"""What HTTP requests bring: sections 4.5 and 4.7 of the behaviour."""

from __future__ import annotations

import pytest

from naftiko_runtime.plan.checking import compile_checker, compile_query
from naftiko_runtime.plan.inputs import Place
from naftiko_runtime.values import Json
from tests.plan.checking.building import an_input, check_body, check_texts, problems_of


@pytest.mark.parametrize(
    ("type_", "texts", "expected"),
    [
        ("string", ["5"], "5"),
        ("string", [""], ""),
        ("integer", ["5"], 5),
        ("integer", ["123456789012345678901234567890"], 123456789012345678901234567890),
        ("number", ["5"], 5),
        ("number", ["5.25"], 5.25),
        ("boolean", ["true"], True),
        ("boolean", ["false"], False),
        ("array", ["a", "b"], ["a", "b"]),
        ("array", ["a,b"], ["a,b"]),
        ("array", [""], [""]),
        ("array", ['["a", 1]'], ['["a", 1]']),
        ("array", ["[a"], ["[a"]),
        ("array", ["[1]", "[2]"], ["[1]", "[2]"]),
        ("object", ['{"a": 1}'], {"a": 1}),
        (None, ["5"], "5"),
        (None, ["a", "b"], ["a", "b"]),
    ],
)
def test_texts_are_converted(type_: str | None, texts: list[str], expected: Json) -> None:
    checked = check_texts(an_input("a", type_), texts)
    assert checked == expected
    assert type(checked) is type(expected)


@pytest.mark.parametrize(
    ("type_", "texts", "detail"),
    [
        ("integer", ["abc"], "'a' has to be an integer, not 'abc'"),
        ("integer", [""], "'a' has to be an integer, not ''"),
        ("integer", ["1_000"], "'a' has to be an integer, not '1_000'"),
        ("integer", [" 5"], "'a' has to be an integer, not '5'"),
        ("integer", ["٣"], "'a' has to be an integer, not '٣'"),
        ("number", ["inf"], "'a' has to be a number, not 'inf'"),
        ("number", ["NaN"], "'a' has to be a number, not 'NaN'"),
        ("boolean", ["1"], "'a' has to be true or false, not '1'"),
        ("string", ["a", "b"], "'a' takes one value, not 2"),
        ("integer", ["1", "2", "3"], "'a' takes one value, not 3"),
        ("object", ["a"], "'a' has to be an object, not 'a'"),
    ],
)
def test_texts_that_do_not_fit_are_problems(type_: str, texts: list[str], detail: str) -> None:
    assert problems_of(lambda: check_texts(an_input("a", type_), texts)) == {"/a": detail}


@pytest.mark.parametrize("place", [Place.HEADER, Place.PATH])
def test_arrays_in_headers_and_paths_are_joined_by_commas(place: Place) -> None:
    one = an_input("a", "array", place, items={"type": "integer"})
    assert check_texts(one, ["1, 2,3"]) == [1, 2, 3]
    assert check_texts(one, ["1,2", "3"]) == [1, 2, 3]
    assert check_texts(one, ["[1, 2]"]) == [1, 2]
    assert check_texts(one, [""]) == []


def test_items_of_arrays_are_converted() -> None:
    one = an_input("a", "array", items={"type": "boolean"})
    assert check_texts(one, ["true", "false"]) == [True, False]
    assert problems_of(lambda: check_texts(one, ["true", "x"])) == {
        "/a/1": "'a[1]' has to be true or false, not 'x'"
    }


def test_a_name_without_values_is_left_out() -> None:
    checker = compile_checker([an_input("a", "string", default="x"), an_input("b", "integer")])
    assert checker.check_request({"a": [], "b": []}, {}) == {"a": "x"}


def test_names_that_are_no_inputs_are_ignored() -> None:
    assert compile_checker([]).check_request({"a": ["1"]}, {"b": 1}) == {}


def test_all_problems_of_a_request_are_told_at_once() -> None:
    checker = compile_checker(
        [
            an_input("id", "string", Place.PATH, is_required=True),
            an_input("X-Mode", "string", Place.HEADER, enum=["a"]),
            an_input("limit", "integer"),
            an_input("name", "string", Place.BODY, is_required=True),
            an_input("size", "integer", Place.BODY),
        ]
    )
    assert problems_of(
        lambda: checker.check_request({"limit": ["abc"], "X-Mode": ["b"]}, {"size": "big"})
    ) == {
        "/limit": "'limit' has to be an integer, not 'abc'",
        "/X-Mode": "'X-Mode' has to be one of 'a', not 'b'",
        "/size": "'size' has to be an integer, not 'big'",
        "/id": "'id' is required in the path",
        "/name": "'name' is required in the body",
    }


def test_a_value_of_a_hidden_input_is_never_shown() -> None:
    checker = compile_checker(
        [
            an_input("key", "string", Place.HEADER, is_hidden=True, pattern="^k"),
            an_input("keys", "array", Place.BODY, is_hidden=True, items={"type": "integer"}),
        ]
    )
    assert problems_of(
        lambda: checker.check_request({"key": ["s3cret"]}, {"keys": ["s3cret"]})
    ) == {
        "/key": "'key' has to match the pattern ^k",
        "/keys/0": "'keys[0]' has to be an integer",
    }
    assert checker.check_request({"key": ["k"]}, {}) == {"key": "k"}


def test_null_in_a_json_body_is_kept_where_the_input_is_not_required() -> None:
    assert check_body(an_input("a", "string", Place.BODY), None) is None
    required = an_input("a", "string", Place.BODY, is_required=True)
    assert problems_of(lambda: check_body(required, None)) == {
        "/a": "'a' has to be a string, not null"
    }


def test_values_of_a_json_body_are_checked() -> None:
    one = an_input("a", "array", Place.BODY, items={"type": "integer"})
    assert check_body(one, [1, 2.0, "3"]) == [1, 2, 3]
    assert problems_of(lambda: check_body(one, "x")) == {"/a": "'a' has to be an array, not 'x'"}


def test_values_written_with_brackets_are_converted_as_their_properties_say() -> None:
    one = an_input(
        "p",
        "object",
        properties={
            "limit": {"type": "integer"},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
    )
    text, parts = compile_query([one])(b"p[limit]=5&p[tags]=new&p[more]=5")
    values = compile_checker([one]).check_request(text, parts)
    assert values == {"p": {"limit": 5, "tags": ["new"], "more": "5"}}


def test_an_input_that_comes_both_ways_is_a_problem() -> None:
    one = an_input("p", "object")
    text, parts = compile_query([one])(b"p={}&p[a]=1")
    assert problems_of(lambda: compile_checker([one]).check_request(text, parts)) == {
        "/p": "'p' is given in two ways"
    }
