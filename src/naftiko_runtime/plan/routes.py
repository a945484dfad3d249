"""The route table: a trie of path segments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Generic, TypeAlias, TypeVar
from urllib.parse import unquote

from naftiko_runtime.plan.paths import PathTemplate, Segment, Variable
from naftiko_runtime.values import record

T = TypeVar("T")

ANY_METHOD: Final = "*"
"""Stands for every method that has no route of its own."""


@record
class Match(Generic[T]):
    """What a request's path and method lead to.

    Attributes:
        route: The route; None where the path is known and the method is not.
        variables: The path's variables, decoded.
        allowed: The methods that the path offers, where it does not offer this one.
        rest: What a variable that spans slashes stands for, still percent-encoded.
    """

    route: T | None
    variables: dict[str, str]
    allowed: tuple[str, ...]
    rest: str = ""


@dataclass(slots=True)
class _Node(Generic[T]):
    """One segment's worth of the table."""

    literals: dict[str, _Node[T]] = field(default_factory=dict)
    patterns: dict[str, tuple[re.Pattern[str], _Node[T]]] = field(default_factory=dict)
    any_segment: _Node[T] | None = None
    all_segments: _Node[T] | None = None
    methods: dict[str, tuple[T, tuple[str, ...]]] = field(default_factory=dict)
    depth: int = 0
    spans: bool = False

    def child(self) -> _Node[T]:
        """Return a new node for the next segment."""
        return _Node(depth=self.depth + 1)


_Way: TypeAlias = tuple[_Node[T], int, tuple[str, ...]]
"""How far a path has been followed: to which node, how many segments, with which values."""


class RouteTable(Generic[T]):
    """Routes by path and method.

    In each segment a literal goes before a pattern (`v{version}.json`), a pattern before a
    variable, a variable before one that spans slashes, whatever the order of the routes; a method
    goes before `ANY_METHOD`; among routes of one path and method the first wins.
    """

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()

    def add(self, method: str, path: PathTemplate, route: T) -> T | None:
        """Add a route; return the one that is there already, which then stays."""
        node = self._root
        *segments, last = path.segments
        for segment in segments:
            node = _child(node, segment)
        node = _spanning(node) if path.spans else _child(node, last)
        names = tuple(part.name for part in path.parts if isinstance(part, Variable))
        there = node.methods.setdefault(method, (route, names))
        return None if there[0] is route else there[0]

    def match(self, method: str, path: str) -> Match[T] | None:
        """Find what a request leads to.

        Args:
            method: In upper case.
            path: The request's path, still percent-encoded, from its first slash.

        Returns:
            The match; None where no route has this path.
        """
        segments = path[1:].split("/")
        if "%" in path:
            segments = [unquote(segment) for segment in segments]
        allowed: dict[str, None] = {}
        ways: list[_Way[T]] = [(self._root, 0, ())]
        while ways:
            node, values = _follow(ways, segments)
            if node is None:
                continue
            found = node.methods.get(method) or node.methods.get(ANY_METHOD)
            if found is not None:
                route, names = found
                rest = _rest(node, path) if node.spans else ""
                return Match(route, dict(zip(names, values, strict=True)), (), rest)
            allowed.update(dict.fromkeys(node.methods))
        return Match(None, {}, tuple(allowed)) if allowed else None


def _rest(node: _Node[T], path: str) -> str:
    """Return what the last variable of a spanning route stands for, as it was sent."""
    return path.split("/", node.depth)[node.depth]


def _spanning(node: _Node[T]) -> _Node[T]:
    if node.all_segments is None:
        node.all_segments = node.child()
        node.all_segments.spans = True
    return node.all_segments


def _child(node: _Node[T], segment: Segment) -> _Node[T]:
    if isinstance(segment, str):
        if segment not in node.literals:
            node.literals[segment] = node.child()
        return node.literals[segment]
    if len(segment) == 1:
        node.any_segment = node.any_segment or node.child()
        return node.any_segment
    expression = "".join(
        re.escape(unquote(part)) if isinstance(part, str) else "(.+?)" for part in segment
    )
    return node.patterns.setdefault(expression, (re.compile(expression, re.DOTALL), node.child()))[
        1
    ]


def _follow(ways: list[_Way[T]], segments: list[str]) -> tuple[_Node[T] | None, tuple[str, ...]]:
    """Follow the best way to its end, and note the others that branch off it.

    Args:
        ways: Those that are left, the best last.
        segments: The path's.

    Returns:
        The end, None where the way has none, and what variables on the way stand for.
    """
    node, depth, values = ways.pop()
    end = len(segments)
    while depth < end:
        segment = segments[depth]
        depth += 1
        if node.all_segments is not None:
            ways.append((node.all_segments, end, (*values, "/".join(segments[depth - 1 :]))))
        if node.any_segment is not None and segment:
            ways.append((node.any_segment, depth, (*values, segment)))
        if node.patterns:
            ways.extend(_fitting(node, segment, depth, values))
        literal = node.literals.get(segment)
        if literal is None:
            return None, values
        node = literal
    return node, values


def _fitting(
    node: _Node[T], segment: str, depth: int, values: tuple[str, ...]
) -> Iterator[tuple[_Node[T], int, tuple[str, ...]]]:
    """Yield where the patterns that fit a segment lead, the best last."""
    for pattern, child in reversed(node.patterns.values()):
        found = pattern.fullmatch(segment)
        if found:
            yield child, depth, (*values, *found.groups())
