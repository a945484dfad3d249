"""What units answer: which output is the answer, and when upstream's body is relayed."""

from __future__ import annotations

import pytest

from naftiko_runtime.values import Json
from tests.plan.shaping.building import compiled, shaper

SHIP: Json = {"imo": "9321483", "name": "Star", "size": {"length": 180, "beam": 30}, "tags": ["a"]}


@pytest.mark.parametrize(
    "outputs",
    [
        "[]",
        "[{type: object, mapping: $.}]",
        "[{type: object, mapping: $}]",
        "[{type: object, mapping: ' $. '}]",
        "[{type: object, mapping: '{{$.}}'}]",
        "[{type: object, value: $.}]",
        "[{type: object}]",
        "[{mapping: $.}]",
        "[{type: array, mapping: $.}]",
        "[{type: any, mapping: $.}]",
        "[{name: result, type: object, value: $.}]",
        "[{name: result, type: object, mapping: $.}]",
        "{result: {type: object, value: $.}}",
    ],
)
@pytest.mark.parametrize("decoded", [SHIP, [1], "text", None])
def test_the_whole_value_is_relayed_whatever_its_type(outputs: str, decoded: Json) -> None:
    made = compiled(outputs)

    assert made.plan.identity
    assert made.plan.schema is None
    assert made.plan.structured_schema is None
    assert not made.plan.constant
    assert not made.messages
    assert made.shape(decoded) is decoded


@pytest.mark.parametrize(
    "outputs",
    [
        "[{type: string, mapping: $.}]",
        "[{type: 'string[]', mapping: $.}]",
        "[{type: object, mapping: $., maxLength: 5}]",
        "[{type: object, mapping: $.name}]",
        "[{name: ship, type: object, mapping: $.}]",
        "[{type: object, mapping: $.}, {type: object, mapping: $.}]",
        "[{type: object, mapping: $., properties: {name: {mapping: $.name}}}]",
        "[{type: array, mapping: $., items: {type: string}}]",
        "[{type: object, value: '{}'}]",
    ],
)
def test_what_says_more_than_the_whole_value_is_shaped(outputs: str) -> None:
    assert not compiled(outputs).plan.identity


def test_the_first_unnamed_output_that_is_not_null_is_the_answer() -> None:
    shape = shaper("[{type: string, mapping: $.a}, {type: string, mapping: $.b}, {mapping: $.c}]")

    assert shape({"b": "2", "c": 3}) == "2"
    assert shape({"a": "1", "b": "2"}) == "1"
    assert shape({"c": False}) is False
    assert shape({}) is None


def test_named_outputs_are_an_object_in_their_order() -> None:
    made = compiled("[{name: name, mapping: $.name}, {name: length, mapping: $.size.length}]")

    assert made.shape(SHIP) == {"name": "Star", "length": 180}
    assert str(made.shape(SHIP)) == "{'name': 'Star', 'length': 180}"
    assert made.shape(None) == {"name": None, "length": None}
    assert made.plan.structured


def test_a_named_output_is_an_object_of_one_unless_it_is_the_whole_result() -> None:
    assert shaper("[{name: ship, mapping: $.}]")([1]) == {"ship": [1]}
    assert shaper("[{name: result, mapping: $.name}]")(SHIP) == {"result": "Star"}
    assert shaper("[{name: result, type: string, mapping: $.}]")(12) == "12"
    assert shaper("[{name: result, mapping: $, properties: {n: {mapping: $.name}}}]")(SHIP) == {
        "n": "Star"
    }


def test_a_jsonpath_as_value_is_a_mapping() -> None:
    assert shaper("[{name: length, type: number, value: $.size.length}]")(SHIP) == {"length": 180}
    assert shaper("[{name: all, value: '{{ $.tags }}'}]")(SHIP) == {"all": ["a"]}
    assert shaper("[{type: string, value: $.name}]")(SHIP) == "Star"


def test_a_value_goes_before_a_mapping_and_a_mapping_before_a_const() -> None:
    assert shaper("[{name: a, value: fixed, mapping: $.name}]")(SHIP) == {"a": "fixed"}
    assert shaper("[{name: a, value: $.x, mapping: $.name}]")(SHIP) == {"a": "$.x"}
    assert shaper("[{name: a, const: fixed, mapping: $.name}]")(SHIP) == {"a": "Star"}
    assert shaper("[{name: a, const: fixed}]")(SHIP) == {"a": "fixed"}


def test_without_a_source_a_named_output_is_the_member_of_its_name() -> None:
    shape = shaper(r"""[{name: name, type: string}, {name: "it's \\ odd", type: string}]""")

    assert shape({"name": 5, "it's \\ odd": True}) == {"name": "5", "it's \\ odd": "true"}


def test_an_output_without_a_name_beside_named_ones_is_reported() -> None:
    made = compiled("[{name: name}, {type: string, mapping: $.x}]")

    assert made.shape(SHIP) == {"name": "Star"}
    assert made.messages == [
        "warning value-missing 1: "
        "this output has no name, as the ones beside it have; it is left out"
    ]


def test_paths_that_find_many_give_lists() -> None:
    shape = shaper("[{name: ids, type: array, mapping: '$.ships[*].id'}]")

    assert shape({"ships": [{"id": 1}, {}, {"id": 2}]}) == {"ids": [1, 2]}
    assert shape({}) == {"ids": []}
