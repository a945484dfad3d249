"""Nodes: values that know where they stood."""

from __future__ import annotations

import pytest

from naftiko_runtime.diagnostics import Position
from naftiko_runtime.load.nodes import Map, Seq, position_at, to_plain
from tests.load.reading import a_map, sound

TEXT = """\
name: x
tools:
  first: {call: a.b}
  second:
    call: c.d
list:
- 1
- key: 2
"""


def at(line: int, column: int) -> Position:
    return Position("x.yaml", line, column)


def test_a_mapping_knows_its_own_place_and_those_of_keys_and_values() -> None:
    root = a_map(TEXT)
    assert root.position == at(1, 1)
    assert root.position_of_key("tools") == at(2, 1)
    assert root.position_of("tools") == at(3, 3)


def test_a_key_that_is_not_there_stands_where_its_mapping_starts() -> None:
    tools = a_map(TEXT)["tools"]
    assert isinstance(tools, Map)
    assert tools.position_of("third") == tools.position_of_key("third") == at(3, 3)


def test_a_sequence_knows_its_own_place_and_those_of_items() -> None:
    items = a_map(TEXT)["list"]
    assert isinstance(items, Seq)
    assert (items.position, items.position_of(1)) == (at(7, 1), at(8, 3))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param((), at(1, 1), id="the-whole"),
        pytest.param(("list", 1, "key"), at(8, 8), id="through-a-list"),
        pytest.param(("tools", 1, "call"), at(5, 11), id="a-keyed-map-read-as-a-list"),
        pytest.param(("tools", 5, "call"), at(3, 3), id="index-past-the-end-of-a-keyed-map"),
        pytest.param(("list", 7), at(7, 1), id="index-past-the-end-of-a-list"),
        pytest.param(("tools", "tag", "second"), at(5, 5), id="a-step-that-is-no-key-is-skipped"),
        pytest.param(("name", "deeper"), at(1, 7), id="beyond-a-scalar"),
    ],
)
def test_a_path_leads_as_near_as_the_document_reaches(
    path: tuple[str | int, ...], expected: Position
) -> None:
    assert position_at(sound(TEXT), path) == expected


def test_a_scalar_alone_has_no_position() -> None:
    assert position_at("text", ("a",)) is None


def test_to_plain_forgets_positions_only() -> None:
    plain = to_plain(a_map(TEXT))
    assert plain == {
        "name": "x",
        "tools": {"first": {"call": "a.b"}, "second": {"call": "c.d"}},
        "list": [1, {"key": 2}],
    }
    assert type(plain) is dict
