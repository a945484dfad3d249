"""Parsed YAML that still knows where each part stood."""

from __future__ import annotations

from typing import Final, NamedTuple, Protocol, TypeAlias

from naftiko_runtime.diagnostics import Position
from naftiko_runtime.values import Json


class Mark(Protocol):
    """A place in a file. Those that libyaml makes are kept as they are: there is one per value."""

    @property
    def line(self) -> int:
        """From 0."""

    @property
    def column(self) -> int:
        """From 0, in characters."""


class _Point(NamedTuple):
    line: int
    column: int


START: Final[Mark] = _Point(0, 0)
"""Where files start."""


class Map(dict[str, "Node"]):
    """A mapping that knows its file, its own place and the places of its keys and values."""

    __slots__ = ("file", "key_marks", "mark", "value_marks")

    def __init__(self, file: str, mark: Mark) -> None:
        self.file = file
        self.mark = mark
        self.key_marks: dict[str, Mark] = {}
        self.value_marks: dict[str, Mark] = {}

    @property
    def position(self) -> Position:
        """Where the mapping starts."""
        return position(self.file, self.mark)

    def position_of_key(self, key: str) -> Position:
        """Return where a key stands, or where the mapping starts if it has no such key."""
        return position(self.file, self.key_marks.get(key, self.mark))

    def position_of(self, key: str) -> Position:
        """Return where a key's value stands, or where the mapping starts if it has no such key."""
        return position(self.file, self.value_marks.get(key, self.mark))


class Seq(list["Node"]):
    """A sequence that knows its file and the places of its items."""

    __slots__ = ("file", "mark", "value_marks")

    def __init__(self, file: str, mark: Mark) -> None:
        self.file = file
        self.mark = mark
        self.value_marks: list[Mark] = []

    @property
    def position(self) -> Position:
        """Where the sequence starts."""
        return position(self.file, self.mark)

    def position_of(self, index: int) -> Position:
        """Return where an item stands."""
        return position(self.file, self.value_marks[index])


Node: TypeAlias = Map | Seq | str | int | float | bool | None
"""One parsed YAML value."""


def position(file: str, mark: Mark) -> Position:
    """Return a mark as a position that counts from 1."""
    return Position(file, mark.line + 1, mark.column + 1)


def position_at(root: Node, path: tuple[str | int, ...]) -> Position | None:
    """Return where the value at a path stands, as near as the document reaches along it."""
    found = root.position if isinstance(root, (Map, Seq)) else None
    node = root
    for step in path:
        if isinstance(node, Map) and isinstance(step, int) and step < len(node):
            step = list(node)[step]  # a keyed map that is read as a list
        if isinstance(node, Map) and step in node:
            found, node = node.position_of(str(step)), node[str(step)]
        elif isinstance(node, Seq) and isinstance(step, int) and step < len(node):
            found, node = node.position_of(step), node[step]
        elif isinstance(step, int) or not isinstance(node, (Map, Seq)):
            break
    return found


def named_entry(keyed: Map, key: str, naming: str) -> Node:
    """Return a member of a keyed map as the named thing that it stands for.

    Args:
        keyed: The map.
        key: The member's key, which is the name of what does not name itself.
        naming: The key that holds a thing's name, such as `name`.
    """
    value = keyed[key]
    if value is not None and not isinstance(value, Map):
        return value
    named = Map(keyed.file, keyed.value_marks.get(key, keyed.mark))
    if value is not None:
        named.update(value)
        named.key_marks.update(value.key_marks)
        named.value_marks.update(value.value_marks)
    named.setdefault(naming, key)
    named.value_marks.setdefault(naming, keyed.key_marks.get(key, keyed.mark))
    return named


def to_plain(node: Node) -> Json:
    """Return a parsed value without its positions."""
    if isinstance(node, Map):
        return {key: to_plain(value) for key, value in node.items()}
    if isinstance(node, Seq):
        return [to_plain(value) for value in node]
    return node
