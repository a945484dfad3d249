"""JSON Schemas of parameters and tools."""

from __future__ import annotations

from typing import Any

import pytest

from naftiko_runtime.load.nodes import START, Map, Node, Seq
from naftiko_runtime.plan.checking import input_schema, schema_of
from naftiko_runtime.spec.parameters import InputParameter
from naftiko_runtime.values import Json
from tests.plan.checking.building import an_input, schema_validator


def _node(value: Any) -> Node:
    if isinstance(value, dict):
        node = Map("a.yaml", START)
        node.update({key: _node(inner) for key, inner in value.items()})
        return node
    if isinstance(value, list):
        sequence = Seq("a.yaml", START)
        sequence.extend(_node(inner) for inner in value)
        return sequence
    scalar: Node = value
    return scalar


def _schema(**facts: Any) -> dict[str, Json]:
    schema = schema_of(InputParameter.model_validate(_node({"name": "a", **facts})))
    schema_validator(schema)
    return schema


@pytest.mark.parametrize(
    ("word", "schema"),
    [
        ("string", {"type": "string"}),
        ("String", {"type": "string"}),
        ("text", {"type": "string"}),
        ("date", {"type": "string", "format": "date"}),
        ("datetime", {"type": "string", "format": "date-time"}),
        ("date_time", {"type": "string", "format": "date-time"}),
        ("uuid", {"type": "string", "format": "uuid"}),
        ("url", {"type": "string", "format": "uri"}),
        ("int", {"type": "integer"}),
        ("double", {"type": "number"}),
        ("decimal", {"type": "number"}),
        ("bool", {"type": "boolean"}),
        ("list", {"type": "array", "items": {}}),
        ("string[]", {"type": "array", "items": {"type": "string"}}),
        ("array<int>", {"type": "array", "items": {"type": "integer"}}),
        ("list[str]", {"type": "array", "items": {"type": "string"}}),
        ("array of thing", {"type": "array", "items": {}}),
        ("json", {"type": "object"}),
        ("dict", {"type": "object"}),
        ("banana", {}),
        (None, {}),
    ],
)
def test_words_for_types_are_read_tolerantly(word: str | None, schema: dict[str, Json]) -> None:
    assert _schema(type=word) == schema


def test_what_the_document_says_is_in_the_schema() -> None:
    assert _schema(
        type="string",
        description="A name.",
        format="hostname",
        pattern="^[a-z]+$",
        minLength=1,
        maxLength=9,
        exclusiveMinimum=0.5,
        enum=["a", 1, True, None],
        default=1.5,
        required=True,
    ) == {
        "type": "string",
        "description": "A name.",
        "format": "hostname",
        "pattern": "^[a-z]+$",
        "exclusiveMinimum": 0.5,
        "minLength": 1,
        "maxLength": 9,
        "enum": ["a", "1", "true", None],
        "default": "1.5",
    }


def test_values_are_those_of_the_type() -> None:
    assert _schema(type="integer", enum=["1", 2.0, "x"], default="1") == {
        "type": "integer",
        "enum": [1, 2, "x"],
        "default": 1,
    }
    assert _schema(type="array", default=["a"])["default"] == ["a"]
    assert _schema(enum="one", default={"a": [1]}) == {"enum": ["one"], "default": {"a": [1]}}


def test_what_can_not_be_read_is_left_out() -> None:
    assert _schema(
        type="integer",
        description="",
        pattern="(",
        minimum="1",
        maximum=True,
        minLength=-1,
        maxItems=1.5,
        enum=[],
        default="{{DEFAULT}}",
        items={"type": "string"},
        properties={"a": {}},
    ) == {"type": "integer"}


def test_items_and_properties_are_read_in_all_their_forms() -> None:
    assert _schema(
        type="array",
        minItems=1,
        items=[
            {
                "type": "object",
                "description": "One of them.",
                "properties": [
                    {"name": "id", "type": "int", "required": True},
                    {"name": "kind", "type": "string", "enum": "a"},
                    {"type": "string"},
                    "stray",
                ],
                "required": ["kind", 5],
            }
        ],
    ) == {
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "description": "One of them.",
            "properties": {
                "id": {"type": "integer"},
                "kind": {"type": "string", "enum": ["a"]},
            },
            "required": ["kind", "id"],
        },
    }
    assert _schema(type="array", items="string")["items"] == {"type": "string"}
    assert _schema(type="array", items=5)["items"] == {}
    assert _schema(type="array", items=[])["items"] == {}
    assert _schema(type="object", properties={"a": "int", "b": None, "c": []}) == {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {}, "c": {}},
    }


def test_a_type_follows_from_items_or_properties() -> None:
    assert _schema(items={"type": "integer"}) == {"type": "array", "items": {"type": "integer"}}
    assert _schema(properties={"a": {"properties": {"b": "bool"}}}) == {
        "type": "object",
        "properties": {"a": {"type": "object", "properties": {"b": {"type": "boolean"}}}},
    }


def test_required_as_a_list_is_about_properties() -> None:
    assert _schema(type="object", required=["a"]) == {"type": "object", "required": ["a"]}


def test_nested_values_may_have_several_types_or_be_null() -> None:
    properties = {
        "a": {"type": ["String", "null"]},
        "b": {"type": "int", "nullable": True},
        "c": {"type": ["banana", 5]},
        "d": {"type": ["array", None], "items": "str"},
        "e": {"nullable": True},
    }
    assert _schema(type="object", properties=properties)["properties"] == {
        "a": {"type": ["string", "null"]},
        "b": {"type": ["integer", "null"]},
        "c": {},
        "d": {"type": ["array", "null"], "items": {"type": "string"}},
        "e": {},
    }
    assert _schema(type="string", nullable=True) == {"type": "string"}


def test_nested_schemas_are_followed_to_a_bounded_depth() -> None:
    block: dict[str, Any] = {"type": "string"}
    for _ in range(90):
        block = {"type": "array", "items": block}
    schema, depth = _schema(**block), 0
    while isinstance(inner := schema.get("items"), dict):
        schema, depth = inner, depth + 1
    assert depth == 32


def test_a_tool_publishes_its_inputs_in_order() -> None:
    schema = input_schema(
        [
            an_input("id", "string", is_required=True, description="Which one."),
            an_input("$select", "array"),
            an_input("mode", "string", is_required=True, default="a", enum=["a", "b"]),
            an_input("any", description="Anything."),
            an_input("tags", "array", items={"type": "string"}),
            an_input("Authorization", "string", is_required=True, is_hidden=True),
        ]
    )
    schema_validator(schema)
    assert schema == {
        "type": "object",
        "properties": {
            "id": {"type": "string", "description": "Which one."},
            "select": {"type": "array", "items": {}},
            "mode": {"type": "string", "enum": ["a", "b"]},
            "any": {"description": "Anything."},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["id"],
        "additionalProperties": False,
    }
    properties = schema["properties"]
    assert isinstance(properties, dict)
    assert [*properties] == ["id", "select", "mode", "any", "tags"]


def test_a_tool_without_inputs_has_an_empty_schema() -> None:
    assert input_schema([]) == {"type": "object", "properties": {}, "additionalProperties": False}
