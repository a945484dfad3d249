"""Input and output parameters."""

from __future__ import annotations

import pytest

from naftiko_runtime.load.nodes import Map, to_plain
from naftiko_runtime.spec.parameters import InputParameter, OutputParameter
from tests.spec.typed import block


@pytest.mark.parametrize(
    ("written", "required"),
    [
        ("required: true", True),
        ("required: false", False),
        ("required: 'True'", True),
        ("required: 'no'", False),
        ("name: x", None),
        ("required: [a, b]", None),
        ("required: ~", None),
    ],
)
def test_required_is_said_silent_or_about_the_members(written: str, required: bool | None) -> None:
    assert block(InputParameter, written).is_required is required


@pytest.mark.parametrize("written", ["label: Ship", "display: Ship"])
def test_label_has_the_successor_spelling_display(written: str) -> None:
    assert block(InputParameter, written).label == "Ship"
    assert block(OutputParameter, written).label == "Ship"


def test_words_are_folded_and_texts_are_not() -> None:
    parameter = block(InputParameter, "{in: Query, type: String, style: deepObject}")
    assert (parameter.in_, parameter.type, parameter.style) == ("query", "string", "deepObject")


def test_one_choice_is_an_enum_of_one() -> None:
    assert block(InputParameter, "enum: 5").enum == (5,)


@pytest.mark.parametrize(
    "written",
    ["items: {type: string}", "items: [{type: string}]", "items: [{type: string}, {type: number}]"],
)
def test_items_may_be_an_object_or_a_list_of_it(written: str) -> None:
    items = block(OutputParameter, written).items
    assert items is not None
    assert items.type == "string"


@pytest.mark.parametrize("written", ["items: []", "items:"])
def test_no_items_are_none(written: str) -> None:
    assert block(OutputParameter, written).items is None


@pytest.mark.parametrize("written", ["{a: {type: string}}", "[{name: a, type: string}]"])
def test_properties_may_be_a_mapping_or_a_list(written: str) -> None:
    (one,) = block(OutputParameter, f"properties: {written}").properties
    assert (one.name, one.type) == ("a", "string")


def test_outputs_nest() -> None:
    output = block(OutputParameter, "values: {items: {properties: {a: {values: {type: null}}}}}")
    assert output.values is not None
    assert output.values.items is not None
    (inner,) = output.values.items.properties
    assert inner.values is not None


def test_a_mapping_may_be_a_path_or_nested() -> None:
    assert block(OutputParameter, "mapping: $.a").nested_mapping is None
    nested = block(OutputParameter, "mapping: {items: $.a}").nested_mapping
    assert isinstance(nested, Map)
    assert to_plain(nested) == {"items": "$.a"}


@pytest.mark.parametrize(
    ("written", "fixed"),
    [
        ("{value: 1}", 1),
        ("{const: 2}", 2),
        ("{value: 1, const: 2}", 1),
        ("{value: ~, const: 2}", None),
        ("{type: string}", None),
    ],
)
def test_a_fixed_value_is_spelled_value_or_const(written: str, fixed: int | None) -> None:
    assert block(OutputParameter, written).fixed == fixed
