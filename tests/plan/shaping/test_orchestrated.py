"""Units with mappings: outputs give what the mappings make types and order."""

from __future__ import annotations

from tests.plan.shaping.building import orchestrated


def test_declared_members_come_first_and_typed_and_others_stay() -> None:
    made = orchestrated("""
        - {name: voyage, type: object, properties: {id: {type: string}, days: {type: number}}}
        - {name: crew, type: array, items: [{name: member, type: string}]}
        - {name: port, type: string}
        """)

    answer = made.shape({"extra": 1, "crew": [1], "voyage": {"id": 5, "days": "3", "x": 1}})

    assert answer == {"voyage": {"id": "5", "days": 3}, "crew": ["1"], "port": None, "extra": 1}
    assert list(answer or ()) == ["voyage", "crew", "port", "extra"]
    assert made.plan.structured
    assert not made.messages


def test_the_properties_of_a_lone_unnamed_object_are_members() -> None:
    made = orchestrated("[{type: object, mapping: $., properties: {a: {type: string}}}]")

    assert made.shape({"b": 1, "a": 2}) == {"a": "2", "b": 1}


def test_without_outputs_the_answer_is_what_the_mappings_make() -> None:
    made = orchestrated("[]")

    assert not made.plan.identity
    assert made.plan.structured
    assert made.plan.schema is None
    assert made.shape({"a": 1}) == {"a": 1}


def test_an_output_with_a_source_of_its_own_is_the_answer() -> None:
    assert orchestrated("[{type: string, mapping: $.a}]").shape({"a": 1}) == "1"
    assert orchestrated("[{properties: {b: {}}, mapping: $.a}]").shape({"a": {"b": 1}}) == {"b": 1}
    assert orchestrated("[{mapping: $.a}, {mapping: $.b}]").shape({"b": 1}) == 1


def test_what_is_no_object_is_answered_with_nulls() -> None:
    assert orchestrated("[{name: a}]").shape([1]) == {"a": None}
