"""Published schemas: what is certain, and nothing more."""

from __future__ import annotations

import pytest

from naftiko_runtime.values import Json
from tests.plan.shaping.building import compiled


def test_the_schema_of_an_object_says_what_its_members_can_be() -> None:
    made = compiled("""
        - type: object
          description: A ship
          properties:
            name: {type: string, mapping: $.name, description: The name, maxLength: 9}
            length: {type: number, mapping: $.length}
            active: {type: boolean, mapping: $.active}
            count: {type: integer, mapping: $.count}
            kind: {type: string, value: cargo}
            template: {type: string, value: "{{x}}"}
            any: {mapping: $.any}
            meta: {type: object, mapping: $.meta}
            tags: {type: array, mapping: $.tags}
            size: {type: object, properties: {beam: {type: string, mapping: $.beam}}}
            home: {type: object, mapping: $.home, properties: {port: {mapping: $.port}}}
            crew: {type: array, mapping: $.crew, items: {type: object, properties: {id: {}}}}
            map: {type: object, mapping: $.map, values: {type: string}}
        """)
    texts: Json = ["string", "null", "object", "array"]

    assert made.plan.structured
    assert made.plan.structured_schema is made.plan.schema
    assert made.plan.schema == {
        "type": "object",
        "description": "A ship",
        "properties": {
            "name": {"type": texts, "description": "The name", "maxLength": 9},
            "length": {"type": ["number", "null", "string", "boolean", "object", "array"]},
            "active": {"type": ["boolean", "null", "string", "number", "object", "array"]},
            "count": {
                "type": ["integer", "null", "string", "number", "boolean", "object", "array"]
            },
            "kind": {"type": "string", "const": "cargo"},
            "template": {"type": texts},
            "any": {},
            "meta": {"type": ["object", "null", "string", "number", "boolean", "array"]},
            "tags": {"type": ["array", "null"], "items": {}},
            "size": {
                "type": "object",
                "properties": {"beam": {"type": texts}},
                "required": ["beam"],
            },
            "home": {"type": ["object", "null"], "properties": {"port": {}}, "required": ["port"]},
            "crew": {
                "type": ["array", "null"],
                "items": {
                    "type": ["object", "null"],
                    "properties": {"id": {}},
                    "required": ["id"],
                },
            },
            "map": {"type": ["object", "null"], "additionalProperties": {"type": texts}},
        },
        "required": [
            *("name", "length", "active", "count", "kind", "template", "any", "meta", "tags"),
            *("size", "home", "crew", "map"),
        ],
    }


@pytest.mark.parametrize(
    "outputs",
    [
        "[{type: string, mapping: $.a}]",
        "[{type: object, mapping: $.a}]",
        "[{type: array, mapping: $.a}]",
        "[{type: object, value: {a: 1}, properties: {a: {}}}]",
        "[{type: array, items: {type: string}}, {type: array, items: {type: number}}]",
    ],
)
def test_outputs_that_declare_no_shape_have_no_schema(outputs: str) -> None:
    assert compiled(outputs).plan.schema is None


def test_an_answer_that_is_no_object_is_wrapped_where_it_has_to_be_one() -> None:
    plan = compiled("[{type: array, mapping: $.a, items: {type: string}}]").plan

    assert plan.schema == {
        "type": ["array", "null"],
        "items": {"type": ["string", "null", "object", "array"]},
    }
    assert not plan.structured
    assert plan.structured_schema == {
        "type": "object",
        "properties": {"result": plan.schema},
        "required": ["result"],
    }
    assert plan.structure(["a"]) == {"result": ["a"]}
    assert plan.structure(None) == {"result": None}
