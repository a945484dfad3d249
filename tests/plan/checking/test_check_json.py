"""Arguments of MCP calls: section 4.6 and 4.7 of the behaviour."""

from __future__ import annotations

import math
from typing import Any

import pytest

from naftiko_runtime.errors import InvalidInput
from naftiko_runtime.plan.checking import compile_checker
from naftiko_runtime.plan.inputs import Place
from naftiko_runtime.values import Json
from tests.plan.checking.building import an_input, check_one, problems_of


def test_a_unit_without_inputs_takes_no_arguments() -> None:
    checker = compile_checker([])
    assert checker.check_json({}) == {}
    assert problems_of(lambda: checker.check_json({"a": 1})) == {"/a": "there is no input 'a'"}


def test_only_what_is_given_or_has_a_default_is_in_the_result() -> None:
    checker = compile_checker([an_input("a", "string"), an_input("b", "integer", default=50)])
    assert checker.check_json({}) == {"b": 50}
    assert checker.check_json({"a": "x", "b": 1}) == {"a": "x", "b": 1}
    assert checker.check_json({}) == {"b": 50}


def test_a_default_takes_the_declared_type_if_it_can() -> None:
    checker = compile_checker(
        [
            an_input("limit", "integer", default="5"),
            an_input("tags", "array", default="new"),
            an_input("mode", "integer", default="fast"),
        ]
    )
    assert checker.check_json({}) == {"limit": 5, "tags": ["new"], "mode": "fast"}


def test_null_for_an_input_that_is_not_required_leaves_it_out() -> None:
    checker = compile_checker(
        [an_input("a", "string"), an_input("b", "integer", default=1), an_input("c")]
    )
    assert checker.check_json({"a": None, "b": None, "c": None}) == {"b": 1}


def test_null_for_a_required_input_has_to_be_a_value_of_its_type() -> None:
    checker = compile_checker(
        [an_input("a", "string", is_required=True), an_input("any", is_required=True)]
    )
    assert problems_of(lambda: checker.check_json({"a": None, "any": None})) == {
        "/a": "'a' has to be a string, not null"
    }


def test_an_input_without_a_type_takes_anything() -> None:
    one = an_input("any", is_required=True)
    values: list[Json] = [None, True, 1, 1.5, "x", "[1]", [1, "a"], {"a": {"b": None}}]
    for value in values:
        assert check_one(one, value) is value


def test_all_problems_are_told_at_once() -> None:
    checker = compile_checker(
        [
            an_input("id", "string", is_required=True),
            an_input("limit", "integer"),
            an_input("active", "boolean"),
        ]
    )
    with pytest.raises(InvalidInput) as caught:
        checker.check_json({"limit": "abc", "active": 1, "limt": 5})
    assert [(one.pointer, one.detail) for one in caught.value.problems] == [
        ("/limit", "'limit' has to be an integer, not 'abc'"),
        ("/active", "'active' has to be true or false, not 1"),
        ("/limt", "there is no input 'limt'; did you mean 'limit'?"),
        ("/id", "'id' is required"),
    ]


def test_a_default_makes_a_required_input_one_that_may_be_left_out() -> None:
    checker = compile_checker([an_input("id", "string", is_required=True, default="x")])
    assert checker.check_json({}) == {"id": "x"}
    assert checker.check_json({"id": None}) == {"id": "x"}


def test_arguments_have_their_published_names_or_their_real_ones() -> None:
    checker = compile_checker([an_input("$select", "array", is_required=True)])
    assert checker.check_json({"select": ["a"]}) == {"$select": ["a"]}
    assert checker.check_json({"$select": ["a"]}) == {"$select": ["a"]}
    assert problems_of(lambda: checker.check_json({"select": 5})) == {
        "/select": "'select' has to be an array, not 5"
    }
    assert problems_of(lambda: checker.check_json({})) == {"/select": "'select' is required"}


def test_models_can_not_send_hidden_inputs() -> None:
    checker = compile_checker(
        [an_input("Authorization", "string", Place.HEADER, is_required=True, is_hidden=True)]
    )
    assert checker.check_json({}) == {}
    assert problems_of(lambda: checker.check_json({"authorization": "Bearer s3cret"})) == {
        "/authorization": "there is no input 'authorization'"
    }
    assert problems_of(lambda: checker.check_json({"Authorization": "Bearer s3cret"}))


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        ("integer", 5, 5),
        ("integer", 5.0, 5),
        ("integer", "5", 5),
        ("integer", "5.0", 5),
        ("integer", "-12345678901234567890123", -12345678901234567890123),
        ("number", 5, 5),
        ("number", 5.5, 5.5),
        ("number", "5", 5),
        ("number", "-1.5e3", -1500.0),
        ("boolean", False, False),
        ("boolean", "true", True),
        ("boolean", "false", False),
        ("string", "5", "5"),
        ("array", [1], [1]),
        ("array", ' [1, "a"]', [1, "a"]),
        ("array", "[12345678901234567890123]", [12345678901234567890123]),
        ("object", {"a": 1}, {"a": 1}),
        ("object", '{"a": {"b": []}}', {"a": {"b": []}}),
    ],
)
def test_values_are_healed(type_: str, value: Json, expected: Json) -> None:
    checked = check_one(an_input("a", type_), value)
    assert checked == expected
    assert type(checked) is type(expected)


@pytest.mark.parametrize(
    ("type_", "value", "detail"),
    [
        ("string", 5, "'a' has to be a string, not 5"),
        ("string", [], "'a' has to be a string, not an array"),
        ("integer", 5.5, "'a' has to be an integer, not 5.5"),
        ("integer", True, "'a' has to be an integer, not true"),
        ("integer", math.inf, "'a' has to be an integer, not inf"),
        ("integer", {}, "'a' has to be an integer, not an object"),
        ("number", False, "'a' has to be a number, not false"),
        ("number", math.nan, "'a' has to be a number, not nan"),
        ("number", "nan", "'a' has to be a number, not 'nan'"),
        ("number", "1e999", "'a' has to be a number, not '1e999'"),
        ("boolean", "True", "'a' has to be true or false, not 'True'"),
        ("boolean", "1", "'a' has to be true or false, not '1'"),
        ("array", "x", "'a' has to be an array, not 'x'"),
        ("array", "[1", "'a' has to be an array, not '[1'"),
        ("array", {"a": 1}, "'a' has to be an array, not an object"),
        ("object", "[]", "'a' has to be an object, not '[]'"),
        ("object", "{a}", "'a' has to be an object, not '{a}'"),
        ("object", [1], "'a' has to be an object, not an array"),
        ("null", 0, "'a' has to be null, not 0"),
    ],
)
def test_values_that_do_not_fit_are_problems(type_: str, value: Json, detail: str) -> None:
    assert problems_of(lambda: check_one(an_input("a", type_), value)) == {"/a": detail}


def test_problems_inside_of_values_have_pointers() -> None:
    one = an_input(
        "a~/b",
        "object",
        properties={
            "ids": {"type": "array", "items": {"type": "integer"}},
            "name": {"type": "string"},
            "any": {},
        },
        required=["name", "any"],
    )
    value: Json = {"ids": [1, "2", "x", 3.5], "any": 1, "more": True}
    assert problems_of(lambda: compile_checker([one]).check_json({"a~/b": value})) == {
        "/a_b/ids/2": "'a_b.ids[2]' has to be an integer, not 'x'",
        "/a_b/ids/3": "'a_b.ids[3]' has to be an integer, not 3.5",
        "/a_b/name": "'a_b.name' is required",
    }
    assert problems_of(lambda: compile_checker([one]).check_request({}, {"a~/b": value})) == {
        "/a~0~1b/ids/2": "'a~/b.ids[2]' has to be an integer, not 'x'",
        "/a~0~1b/ids/3": "'a~/b.ids[3]' has to be an integer, not 3.5",
        "/a~0~1b/name": "'a~/b.name' is required",
    }


def test_values_inside_of_values_are_healed_and_what_the_caller_gave_stays() -> None:
    one = an_input(
        "a", "object", properties={"ids": {"type": "array", "items": {"type": "integer"}}}
    )
    value: Json = {"ids": "[1, 2.0]", "more": "5"}
    assert check_one(one, value) == {"ids": [1, 2], "more": "5"}
    assert value == {"ids": "[1, 2.0]", "more": "5"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [("5", "5"), (5, 5), (None, None), (True, True), ("true", "true"), ({"a": "1"}, {"a": 1})],
)
def test_of_several_types_the_one_that_needs_no_conversion_is_taken(
    value: Json, expected: Json
) -> None:
    kinds: list[Json] = ["string", "integer", "boolean", "null", "object"]
    inner: dict[str, Json] = {"type": kinds, "properties": {"a": {"type": "integer"}}}
    assert check_one(an_input("a", "array", items=inner), [value]) == [expected]


def test_of_several_types_one_has_to_fit() -> None:
    one = an_input(
        "a",
        "array",
        items={"type": ["integer", "object", "null"], "properties": {"b": {"type": "boolean"}}},
    )
    assert problems_of(lambda: check_one(one, ["x", {"b": 1}])) == {
        "/a/0": "'a[0]' has to be one of these: integer, object, null, not 'x'",
        "/a/1/b": "'a[1].b' has to be true or false, not 1",
    }
    assert check_one(one, ["5"]) == [5]


def test_schemas_that_say_nothing_sensible_let_all_through() -> None:
    odd: list[dict[str, Any]] = [
        {"items": {"type": []}},
        {"items": {"type": "wide"}},
        {"items": {"type": 5}},
        {"items": True},
        {"items": {"type": "object", "properties": [], "required": "all"}},
        {"items": {"minLength": "1", "maximum": True, "pattern": 5, "enum": []}},
    ]
    for schema in odd:
        assert check_one(an_input("a", "array", **schema), [{"b": 1}]) == [{"b": 1}]


def test_schemas_are_followed_to_a_bounded_depth() -> None:
    schema: dict[str, Json] = {"type": "integer"}
    value: Json = "x"
    for _ in range(100):
        schema, value = {"type": "array", "items": schema}, [value]
    assert check_one(an_input("a", "array", items=schema), [value]) == [value]


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, "[" * 1010 + "9" * 20 + "]" * 1010, "[" + "9" * 5000 + "]"],
    ids=["open", "deep", "long"],
)
def test_json_without_measure_is_a_problem(text: str) -> None:
    assert list(problems_of(lambda: check_one(an_input("a", "array"), text))) == ["/a"]


def test_the_number_of_problems_is_bounded() -> None:
    checker = compile_checker([an_input("a", "array", items={"type": "integer"})])
    with pytest.raises(InvalidInput) as caught:
        checker.check_json({"a": ["x"] * 1000})
    assert len(caught.value.problems) == 50
    with pytest.raises(InvalidInput) as caught:
        checker.check_json({f"b{n}": 1 for n in range(1000)})
    assert len(caught.value.problems) == 50


def test_values_are_echoed_briefly_and_on_one_line() -> None:
    one = an_input("a", "integer")
    assert problems_of(lambda: check_one(one, "x" * 50)) == {
        "/a": f"'a' has to be an integer, not '{'x' * 39}…'"
    }
    assert problems_of(lambda: check_one(one, "a\n\x1b[31m")) == {
        "/a": r"'a' has to be an integer, not 'a \x1b[31m'"
    }
    assert problems_of(lambda: check_one(an_input("a", "string"), 10**5000)) == {
        "/a": "'a' has to be a string, not so large a number"
    }
    unknown = problems_of(lambda: compile_checker([]).check_json({"/\ud800" + "x" * 1000: 1}))
    assert unknown == {
        rf"/~1\ud800{'x' * 37}…": rf"there is no input '/\ud800{'x' * 37}…'",
    }
