"""Objects, arrays and maps, at any depth, in both notations."""

from __future__ import annotations

import pytest

from naftiko_runtime.values import Json
from tests.plan.shaping.building import compiled, shaper

SHIP: Json = {
    "imo": "9321483",
    "details": {"name": "Star", "dims": {"length": "180.5"}},
    "crew": [{"id": 1, "role": {"title": "master"}}, {"id": "2"}, None, "x"],
    "ports": {"NO": {"n": "Oslo"}, "FI": {"n": 7}},
}


def test_properties_find_their_values_where_the_object_does() -> None:
    shape = shaper("""
        - type: object
          properties:
            imo: {type: number, mapping: $.imo}
            size:
              type: object
              properties:
                length: {type: number, mapping: $.details.dims.length}
                unit: {type: string, value: m}
        """)

    assert shape(SHIP) == {"imo": 9321483, "size": {"length": 180.5, "unit": "m"}}
    assert shape(None) == {"imo": None, "size": {"length": None, "unit": "m"}}
    assert shape([1]) == {"imo": None, "size": {"length": None, "unit": "m"}}


def test_properties_are_relative_to_the_objects_own_mapping() -> None:
    shape = shaper("""
        - type: object
          mapping: $.details
          properties:
            - {name: name, type: string, mapping: $.name}
            - name: dims
              type: object
              mapping: $.dims
              properties: [{name: length, type: string, mapping: $.length}]
        """)

    assert shape(SHIP) == {"name": "Star", "dims": {"length": "180.5"}}
    assert shape({"details": {}}) == {"name": None, "dims": None}
    assert shape({}) == {"name": None, "dims": None}


def test_properties_that_say_nowhere_where_they_come_from_are_members() -> None:
    shape = shaper("""
        - name: details
          type: object
          properties:
            name: {type: string}
            dims: {type: object, properties: {length: {type: number}}}
        - {name: imo, type: string}
        """)

    assert shape(SHIP) == {"details": {"name": "Star", "dims": {"length": 180.5}}, "imo": "9321483"}
    assert shape({"details": 1}) == {"details": {"name": None, "dims": None}, "imo": None}
    assert shape({}) == {"details": None, "imo": None}


def test_items_are_shaped_each_relative_to_itself() -> None:
    shape = shaper("""
        - type: array
          mapping: $.crew
          items:
            type: object
            properties:
              id: {type: number, mapping: $.id}
              role: {type: object, properties: {name: {type: string, mapping: $.role.title}}}
        """)

    assert shape(SHIP) == [
        {"id": 1, "role": {"name": "master"}},
        {"id": 2, "role": {"name": None}},
        None,
        {"id": None, "role": {"name": None}},
    ]
    assert shape({"crew": []}) == []
    assert shape({}) is None


def test_items_may_be_scalars_or_arrays_and_have_mappings() -> None:
    assert shaper("[{type: array, mapping: $., items: {type: string}}]")([1, None, "a"]) == [
        "1",
        None,
        "a",
    ]
    assert shaper("[{type: array, mapping: $., items: [{type: number, mapping: $.a}]}]")(
        [{"a": "5"}, {}]
    ) == [5, None]
    assert shaper("[{type: array, items: {type: array, items: {type: integer}}}]")(
        [["1"], [2]]
    ) == [
        [1],
        [2],
    ]
    assert shaper("[{type: 'number[]', mapping: $.}]")(["1", "x"]) == [1, "x"]
    assert shaper("[{name: a, type: array, mapping: $.}]")([1]) == {"a": [1]}


def test_a_lone_value_is_an_array_of_one_and_no_text_an_empty_one() -> None:
    shape = shaper("[{type: array, mapping: $.v, items: {properties: {n: {mapping: $.n}}}}]")

    assert shape({"v": {"n": 1}}) == [{"n": 1}]
    assert shape({"v": ""}) == []


def test_an_array_with_properties_is_one_of_such_objects() -> None:
    shape = shaper("[{type: array, mapping: $.crew, properties: {id: {type: string}}}]")

    assert shape({"crew": [{"id": 1, "x": 2}]}) == [{"id": "1"}]


def test_the_values_of_a_map_keep_their_keys() -> None:
    shape = shaper("[{type: object, mapping: $.ports, values: {type: string, mapping: $.n}}]")

    assert shape(SHIP) == {"NO": "Oslo", "FI": "7"}
    assert shape({"ports": [1]}) == {}
    assert shape({}) == {}
    assert shaper("[{name: p, mapping: $.p, values: {type: string}}]")({}) == {"p": None}


@pytest.mark.parametrize(
    "outputs",
    [
        """
        - type: object
          mapping:
            properties:
              imo: {type: number, mapping: $.imo}
              name: $.details.name
              crew: {type: array, mapping: $.crew, items: {type: number, mapping: $.id}}
        """,
        """
        - type: object
          properties:
            imo: {type: number}
            crew: {type: array, items: {type: number, mapping: $.id}}
          mapping:
            properties:
              imo: $.imo
              name: {mapping: $.details.name}
              crew: {mapping: $.crew}
        """,
        """
        - mapping:
            properties:
              - {name: imo, type: number, mapping: $.imo}
              - {name: name, mapping: $.details.name}
              - {name: crew, mapping: {items: {type: number, mapping: $.id}}}
        """,
        """
        - properties:
            crew: {items: {type: number, mapping: $.id}}
          mapping: {properties: {imo: {type: number}, name: $.details.name}}
        """,
    ],
)
def test_the_nested_notation_says_the_same(outputs: str) -> None:
    crew: Json = [{"id": "1"}, {"id": 2}]

    shaped = shaper(outputs)({"imo": "5", "details": {"name": "Star"}, "crew": crew})

    assert shaped == {"imo": 5, "name": "Star", "crew": [1, 2]}


def test_the_nested_notation_describes_items_and_values() -> None:
    assert shaper("[{type: array, mapping: {items: $.id}}]")([{"id": 1}]) == [1]
    assert shaper("[{mapping: {mapping: $.p, values: $.n}}]")({"p": {"a": {"n": 1}}}) == {"a": 1}
    assert shaper("[{mapping: {type: object, properties: {a: $.b}}}]")({"b": 1}) == {"a": 1}


def test_a_nested_mapping_that_cannot_be_read_is_reported_and_not_used() -> None:
    made = compiled("[{name: a, mapping: {properties: {b: 5}}}]")

    assert made.shape({"a": 1}) == {"a": 1}
    assert made.messages == [
        "warning value-invalid 1: 'properties.0' has to be a mapping or a JSONPath; "
        "the whole mapping is not used"
    ]


def test_a_property_needs_a_name() -> None:
    made = compiled("[{type: object, properties: [{name: a, mapping: $.a}, {mapping: $.b}]}]")

    assert made.shape({"a": 1, "b": 2}) == {"a": 1}
    assert [one.code for one in made.diagnostics] == ["value-missing"]
