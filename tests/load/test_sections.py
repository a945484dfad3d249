"""Sections as keyed maps: section 1 of the behaviour."""

from __future__ import annotations

import pytest

from naftiko_runtime.diagnostics import Position
from naftiko_runtime.load.nodes import Map, Seq, to_plain
from naftiko_runtime.load.sections import list_sections
from naftiko_runtime.values import Json
from tests.load.reading import a_map


def listed(text: str) -> Json:
    root = a_map(text)
    list_sections(root)
    return to_plain(root)


@pytest.mark.parametrize("section", ["consumes", "exposes", "aggregates", "binds"])
def test_a_keyed_section_is_a_list_of_entries_in_order(section: str) -> None:
    assert listed(f"{section}: {{b: {{type: x}}, a: {{type: y}}}}") == {
        section: [{"type": "x", "namespace": "b"}, {"type": "y", "namespace": "a"}]
    }


def test_sections_of_a_capability_may_be_keyed_too() -> None:
    assert listed("capability: {exposes: {a: {port: 1}}}") == {
        "capability": {"exposes": [{"port": 1, "namespace": "a"}]}
    }


def test_an_entry_that_names_itself_keeps_its_name() -> None:
    assert listed("consumes: {a: {namespace: b}}") == {"consumes": [{"namespace": "b"}]}


def test_the_key_of_an_import_is_what_it_is_called_here() -> None:
    assert listed("consumes: {a: {from: x.yaml, import: b}}") == {
        "consumes": [{"from": "x.yaml", "import": "b", "as": "a"}]
    }


@pytest.mark.parametrize(
    "entry",
    [
        "{type: http, namespace: a}",
        "{resources: {a: {path: /a}}}",
        "{keys: {A: a}}",
        "[{namespace: a}]",
        "text",
    ],
)
def test_a_lone_entry_is_no_keyed_map(entry: str) -> None:
    text = f"consumes: {entry}"
    assert listed(text) == to_plain(a_map(text))


def test_entries_know_where_they_stand() -> None:
    root = a_map("consumes:\n  a:\n    type: http\n")
    list_sections(root)
    entries = root["consumes"]
    assert isinstance(entries, Seq)
    (entry,) = entries
    assert isinstance(entry, Map)
    assert entries.position_of(0) == Position("x.yaml", 3, 5)
    assert entry.position_of("namespace") == Position("x.yaml", 2, 3)
