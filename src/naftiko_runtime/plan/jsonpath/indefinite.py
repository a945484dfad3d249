"""Paths that may lead to many values: each selector turns the nodes so far into the next ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import TypeAlias

from naftiko_runtime.plan.jsonpath.definite import DefiniteSegment, compile_definite
from naftiko_runtime.plan.jsonpath.library import compile_filter
from naftiko_runtime.plan.jsonpath.path import Find
from naftiko_runtime.plan.jsonpath.segments import (
    Descent,
    Filter,
    Index,
    Length,
    Name,
    Segment,
    Slice,
    Union,
)
from naftiko_runtime.values import ABSENT, Json

Select: TypeAlias = Callable[[list[Json], Json], list[Json]]
"""Returns what is selected in nodes; the second argument is the root of the document."""

_DEFINITE = (Name, Index, Length)


def is_definite(segment: Segment) -> bool:
    """Return whether a segment selects one value at most."""
    return isinstance(segment, _DEFINITE)


def compile_indefinite(segments: Sequence[Segment]) -> Find:
    """Compile any segments; the function gives a list.

    Raises:
        JsonPathInvalid: A filter is none.
    """
    selects = tuple(_selects(segments))

    def find(value: Json) -> list[Json]:
        nodes = [value]
        for select in selects:
            nodes = select(nodes, value)
        return nodes

    return find


def _selects(segments: Sequence[Segment]) -> Iterator[Select]:
    for definite, group in groupby(segments, is_definite):
        if definite:
            yield _found([one for one in group if isinstance(one, _DEFINITE)])
        else:
            yield from map(_select, group)


def _select(segment: Segment) -> Select:
    match segment:
        case Filter(text):
            return _filtered(text)
        case Union(selectors):
            return _united([_select(one) for one in selectors])
        case Slice(start, stop, step):
            return _sliced(slice(start, stop, step)) if step != 0 else _nothing
        case Descent():
            return _descended
        case Name() | Index():
            return _found([segment])
    return _children


def _found(segments: Sequence[DefiniteSegment]) -> Select:
    match segments:
        case [Name(name, None)]:
            return _members(name)
    find = compile_definite(segments)

    def select(nodes: list[Json], _: Json) -> list[Json]:
        return [one for one in map(find, nodes) if one is not ABSENT]

    return select


def _members(name: str) -> Select:
    def select(nodes: list[Json], _: Json) -> list[Json]:
        return [node[name] for node in nodes if isinstance(node, dict) and name in node]

    return select


def _children(nodes: list[Json], _: Json) -> list[Json]:
    if len(nodes) == 1 and isinstance(nodes[0], list):
        return nodes[0]
    return [child for node in nodes for child in _inside(node)]


def _inside(node: Json) -> Iterable[Json]:
    if isinstance(node, list):
        return node
    return node.values() if isinstance(node, dict) else ()


def _descended(nodes: list[Json], _: Json) -> list[Json]:
    """Return the objects and lists at and below nodes, each once, so that the work is linear."""
    seen: set[int] = set()
    found: list[Json] = []
    waiting = nodes[::-1]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (list, dict)) and id(node) not in seen:
            seen.add(id(node))
            found.append(node)
            waiting.extend(reversed(list(_inside(node))))
    return found


def _sliced(part: slice) -> Select:
    def select(nodes: list[Json], _: Json) -> list[Json]:
        return [one for node in nodes if isinstance(node, list) for one in node[part]]

    return select


def _nothing(_nodes: list[Json], _root: Json) -> list[Json]:
    return []


def _united(selects: Sequence[Select]) -> Select:
    def select(nodes: list[Json], root: Json) -> list[Json]:
        return [one for node in nodes for part in selects for one in part([node], root)]

    return select


def _filtered(text: str) -> Select:
    filtered = compile_filter(text)

    def select(nodes: list[Json], root: Json) -> list[Json]:
        return [one for node in nodes for one in filtered(node, root)]

    return select
