"""Fixed values, and mocks that consist of them."""

from __future__ import annotations

import re

import pytest

from naftiko_runtime.plan.shaping import is_constant
from naftiko_runtime.values import Json
from tests.plan.shaping.building import compiled, parameters, shaper


@pytest.mark.parametrize(
    ("facts", "value"),
    [
        ("type: string, value: cargo", "cargo"),
        ("type: string, value: 5", "5"),
        ("type: number, value: '5'", 5),
        ("type: boolean, const: 'true'", True),
        ("type: array, value: [1, {a: b}]", [1, {"a": "b"}]),
        ("type: array, value: '[1, 2]'", [1, 2]),
        ("type: object, value: '{\"a\": 1}'", {"a": 1}),
        ("type: object, value: {a: 1}", {"a": 1}),
        ("type: string, value: $19.99", "$19.99"),
        ("value: 5", 5),
        ("value: false", False),
    ],
)
def test_fixed_values_are_of_the_declared_type(facts: str, value: Json) -> None:
    made = compiled(f"[{{name: a, {facts}}}]")

    assert made.shape(None) == {"a": value}
    assert not made.messages
    assert made.plan.constant
    said = re.match("type: ([a-z]+)", facts)
    says_type = {} if said is None else {"type": said[1]}
    assert made.plan.schema == {
        "type": "object",
        "properties": {"a": {**says_type, "const": value}},
        "required": ["a"],
    }


@pytest.mark.parametrize(
    ("facts", "value"),
    [
        ("type: number, value: many", "many"),
        ("type: boolean, value: 1", 1),
        ("type: number, value: true", True),
        ("type: integer, value: 1.5", 1.5),
        ("type: object, value: '[1]'", "[1]"),
        ("type: array, value: none", "none"),
        ("type: array, value: {a: 1}", {"a": 1}),
    ],
)
def test_a_fixed_value_that_cannot_be_converted_is_reported(facts: str, value: Json) -> None:
    made = compiled(f"[{{name: a, {facts}}}]")

    assert made.shape(None) == {"a": value}
    (found,) = made.messages
    assert found.startswith("warning value-invalid 1: ")
    assert "can't be converted to" in found


def test_templates_are_resolved_and_converted() -> None:
    made = compiled("""
        - {name: typed, type: number, value: "{{n}}"}
        - {name: kept, value: "{{n}}"}
        - {name: text, type: string, value: "ship {{n}}"}
        - {name: absent, type: string, value: "{{x}}"}
        - {name: inside, value: {a: ["{{n}}", "{{x}}", 5], b: "{{x}}"}}
        - {name: json, type: array, value: "{{l}}"}
        - {name: template, mapping: "{{n}}", type: string}
        - {name: mapped, const: "{{n}}", mapping: $.a}
        """)

    assert not made.messages
    assert made.plan.constant is False
    assert made.shape({"a": "up"}, n="12", l="[1]") == {
        "typed": 12,
        "kept": "12",
        "text": "ship 12",
        "absent": None,
        "inside": {"a": ["12", None, 5], "b": None},
        "json": [1],
        "template": "12",
        "mapped": "up",
    }


def test_a_mock_answers_its_fixed_values_at_every_depth() -> None:
    made = compiled(
        """
        - {name: imo, type: string, value: "{{imo}}"}
        - {name: length, type: number, value: "180"}
        - {name: active, type: boolean, value: "true"}
        - name: size
          type: object
          properties:
            beam: {type: number, value: 30}
            unit: {type: string}
        - {name: crew, type: array, items: {properties: {id: {type: number, value: 1}}}}
        - {name: tags, type: array, items: {type: string}}
        - {name: ports, type: array}
        - {name: map, type: object, mapping: $.m, values: {type: string}}
        - {name: mapped, type: string, mapping: $.x}
        """,
        mock=True,
    )

    assert made.plan.constant
    assert not made.plan.identity
    assert made.shape(None, imo="9321483") == {
        "imo": "9321483",
        "length": 180,
        "active": True,
        "size": {"beam": 30, "unit": None},
        "crew": [{"id": 1}],
        "tags": [],
        "ports": [],
        "map": {},
        "mapped": None,
    }


def test_unnamed_mocks_answer_the_first_that_has_a_value() -> None:
    assert compiled("[{type: string}, {type: string, value: x}]", mock=True).shape(None) == "x"
    assert compiled("[{type: object, mapping: $.}]", mock=True).shape(None) is None
    assert compiled("[{type: array, items: {value: 5}}]", mock=True).shape(None) == [5]


def test_a_mock_without_outputs_is_an_empty_object() -> None:
    plan = compiled("[]", "[{name: a, value: $.a}]", mock=True).plan

    assert (plan.identity, plan.structured, plan.constant, plan.schema) == (False, True, True, None)
    assert compiled("[]", mock=True).shape(None) == {}


def test_fixed_items_without_a_source_are_one_item_without_a_mock_too() -> None:
    made = compiled("[{name: a, type: array, items: {properties: {b: {value: 1}}}}]")

    assert made.plan.constant
    assert made.shape({"a": [1, 2]}) == {"a": [{"b": 1}]}
    mapped = shaper("[{name: a, mapping: $.a, items: {properties: {b: {value: 1}}}}]")
    assert mapped({"a": [1, 2]}) == {"a": [{"b": 1}, {"b": 1}]}


@pytest.mark.parametrize(
    ("outputs", "constant"),
    [
        ("[]", False),
        ("[{name: a, value: 1}]", True),
        ("[{name: a, const: 1}]", True),
        ("[{name: a, mapping: $.a, const: 1}]", False),
        ("[{name: result, value: $.}]", False),
        ("[{name: a}, {name: b, type: array, items: {properties: {c: {value: 1}}}}]", True),
        ("[{name: a, values: {type: string, value: x}}]", True),
        ("[{mapping: {properties: {a: {value: 1}}}}]", True),
        ("[{mapping: {properties: {a: $.a}}}]", False),
    ],
)
def test_outputs_are_an_answer_by_themselves_when_one_of_them_is_fixed(
    outputs: str, constant: bool
) -> None:
    assert is_constant(parameters(outputs)) is constant
