"""The outputs of consumed operations, for steps, for mappings and for units without outputs."""

from __future__ import annotations

import pytest

from naftiko_runtime.diagnostics import Diagnostics
from naftiko_runtime.plan.shaping import compile_consumed
from naftiko_runtime.values import Json
from tests.plan.shaping.building import compiled, parameters, shaper

NAMED = "[{name: user-id, type: string, value: $.id}, {name: city, value: $.address.city}]"


def _consumed(text: str, decoded: Json) -> Json:
    diagnostics = Diagnostics()
    shape = compile_consumed(parameters(text), diagnostics, "api.get")
    assert not diagnostics.found
    return shape(decoded)


def test_an_object_becomes_one_of_the_declared_names() -> None:
    assert _consumed(NAMED, {"id": 5, "address": {"city": "Oslo"}, "x": 1}) == {
        "user-id": "5",
        "city": "Oslo",
    }
    assert _consumed(NAMED, {}) == {"user-id": None, "city": None}
    assert _consumed(NAMED, None) == {"user-id": None, "city": None}


def test_objects_in_a_list_keep_their_members_and_gain_the_declared_names() -> None:
    assert _consumed(NAMED, [{"id": 5, "city": "Bergen"}, "text"]) == [
        {"id": 5, "city": "Bergen", "user-id": "5"},
        "text",
    ]


def test_paths_into_a_list_are_about_the_list() -> None:
    assert _consumed("[{name: ids, type: array, value: '$[*].id'}]", [{"id": 1}, {"id": 2}]) == {
        "ids": [1, 2]
    }
    assert _consumed("[{name: ships, value: $}]", [1]) == {"ships": [1]}


@pytest.mark.parametrize(
    "outputs", ["[]", "[{name: result, type: object, value: $.}]", "[{type: object, mapping: $}]"]
)
def test_without_a_shape_a_step_has_the_whole_body(outputs: str) -> None:
    assert _consumed(outputs, [1, {"a": 2}]) == [1, {"a": 2}]


def test_unnamed_outputs_are_the_value_itself() -> None:
    assert _consumed("[{type: number, mapping: $.count}]", {"count": "5"}) == 5
    assert _consumed("[{mapping: $.a}, {mapping: $.b}]", {"b": 2}) == 2
    assert _consumed("[{name: result, type: string, value: $}]", 5) == "5"


def test_fixed_texts_stand_literally() -> None:
    assert _consumed("[{name: a, value: '{{x}}'}, {name: b, value: 1}]", {}) == {
        "a": "{{x}}",
        "b": 1,
    }


def test_consumed_outputs_shape_the_answer_of_a_unit_without_its_own() -> None:
    made = compiled("[]", NAMED)

    assert not made.plan.identity
    assert made.plan.schema is None
    assert made.shape({"id": 5, "address": {}}) == {"user-id": "5", "city": None}
    assert made.plan.structure([1]) is None
    assert made.plan.structure({"a": 1}) == {"a": 1}


def test_the_lone_identity_leaves_the_body_alone() -> None:
    assert compiled("[]", "[{name: result, type: object, value: $.}]").plan.identity


def test_what_the_body_lacks_is_taken_from_the_consumed_outputs() -> None:
    shape = shaper(
        """
        - {name: user, type: string, mapping: $.user-id}
        - {name: where, type: string, mapping: $.place.city}
        - {name: id, type: string, mapping: $.id}
        - {name: city}
        - name: both
          type: object
          properties: {user: {mapping: $.user-id}}
        - {name: whole, type: number, mapping: $.result.id}
        - {name: none, mapping: $.declared-only}
        """,
        """
        - {name: user-id, type: string, value: $.id}
        - {name: city, value: $.address.city}
        - {name: place, type: object, value: $.address}
        - {name: id, value: $.other}
        - {name: result, value: $.}
        - {name: declared-only}
        """,
    )

    assert shape({"id": 5, "address": {"city": "Oslo"}, "other": 6}) == {
        "user": "5",
        "where": "Oslo",
        "id": "5",
        "city": "Oslo",
        "both": {"user": "5"},
        "whole": 5,
        "none": None,
    }
    assert shape([1])["user"] is None  # type: ignore[index,call-overload]


def test_items_of_the_body_have_the_consumed_outputs_too() -> None:
    consumed = "[{name: imo-number, type: string, value: $.imo}]"
    items = "{type: object, properties: {imo: {type: number, mapping: $.imo-number}}}"

    assert shaper(f"[{{type: array, mapping: $., items: {items}}}]", consumed)([{"imo": 5}]) == [
        {"imo": 5}
    ]
    assert shaper(f"[{{type: array, mapping: $.a, items: {items}}}]", consumed)(
        {"a": [{"imo": 5}]}
    ) == [{"imo": None}]
    assert shaper("[{type: object, mapping: $.m, values: {mapping: $.imo-number}}]", consumed)(
        {"m": {"a": {"imo": 5}}}
    ) == {"a": None}
