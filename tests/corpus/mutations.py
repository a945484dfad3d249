"""Capability documents with parts deleted, doubled, retyped, renamed, moved and tied in knots."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

import yaml
from hypothesis import strategies as st

from tests.corpus.oracle.documents import title

_T = TypeVar("_T")

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER: Final = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_WINDOW: Final = 4
"""How many entries of a long list a mutant keeps: one is like the other."""

_CHANGES: Final = ("delete", "double", "retype", "rename", "move")
_NAMES: Final = ("", "x", "name", "path", "call", "with", "in", "value", "type", "body", "ref")
_VALUES: Final = (
    *("null", "true", "-1", "99999999999999999999", ".nan", "2026-05-19", "''", "{}", "[]"),
    *("'{{'", "'{{env.X}}'", "'{a}{a}/{'", "'$['", "'$.a[?(@.b)]..*'", "rest.", "'..'", "a.b"),
    *("'https://[::1'", "[1, {a: b}]", "{a: {b: [c]}}", '"\\u2028é"', "'#'", "GET", "json"),
)


class Pick(Protocol):
    """Chooses one of several things."""

    def __call__(self, among: Sequence[_T]) -> _T: ...


@dataclass(frozen=True, slots=True)
class Mutant:
    """A document that was changed.

    Attributes:
        origin: The file that it was.
        changes: What was done to it, in order.
        text: The YAML that came of it.
    """

    origin: str
    changes: tuple[str, ...]
    text: str


@st.composite
def mutants(draw: st.DrawFn, files: Sequence[Path]) -> Mutant:
    """Draw a mutant of one of the files."""

    def pick(among: Sequence[_T]) -> _T:
        return draw(st.sampled_from(among))

    file = pick(files)
    root = _excerpt(_composed(file), draw(st.integers(0, 200)))
    changes = [_change(root, pick) for _ in range(draw(st.integers(1, 3)))]
    if draw(st.integers(0, 9)) == 9:
        changes.append(_tie(root, pick))
    text = yaml.serialize(root, Dumper=_DUMPER, allow_unicode=True)
    return Mutant(title(file), tuple(changes), text)


@functools.cache
def _composed(file: Path) -> yaml.Node:
    return yaml.compose(file.read_bytes(), Loader=_LOADER)


def _excerpt(node: yaml.Node, start: int = 0) -> yaml.Node:
    """Return a copy of a tree with a part of each long list only."""
    if isinstance(node, yaml.MappingNode):
        pairs = [(_excerpt(key, start), _excerpt(value, start)) for key, value in node.value]
        return yaml.MappingNode(node.tag, pairs)
    if isinstance(node, yaml.SequenceNode):
        first = start % max(1, len(node.value) - _WINDOW)
        kept = node.value[first : first + _WINDOW]
        return yaml.SequenceNode(node.tag, [_excerpt(one, start) for one in kept])
    return yaml.ScalarNode(node.tag, node.value)


def _change(root: yaml.Node, pick: Pick) -> str:
    """Change one entry of one mapping or list, and say what was done."""
    parents = [node for node in _collections(root) if node.value]
    if not parents:
        return "nothing is left to change"
    entries, change = pick(parents).value, pick(_CHANGES)
    at = pick(range(len(entries)))
    told = f"{change} {_shown(entries[at])}"
    if change == "delete":
        del entries[at]
    elif change == "double":
        entries.insert(at, entries[at])
    else:
        entries[at] = _CHANGED[change](root, entries[at], pick)
    return told


def _tie(root: yaml.Node, pick: Pick) -> str:
    """Put an alias of any node in any place: perhaps of one around it."""
    nodes = list(_collections(root))
    entries = pick(nodes).value
    if not entries:
        return "nothing to tie"
    at = pick(range(len(entries)))
    told = f"tie {_shown(entries[at])}"
    entries[at] = _with_value(entries[at], pick(nodes))
    return told


def _retyped(root: yaml.Node, entry: Any, pick: Pick) -> Any:
    return _with_value(entry, yaml.compose(pick(_VALUES), Loader=_LOADER))


def _renamed(root: yaml.Node, entry: Any, pick: Pick) -> Any:
    if isinstance(entry, tuple):
        return yaml.ScalarNode("tag:yaml.org,2002:str", pick(_NAMES)), entry[1]
    return _retyped(root, entry, pick)


def _moved(root: yaml.Node, entry: Any, pick: Pick) -> Any:
    return _with_value(entry, _excerpt(pick(list(_collections(root)))))


_CHANGED: Final = {"retype": _retyped, "rename": _renamed, "move": _moved}


def _collections(node: yaml.Node) -> Iterator[yaml.CollectionNode]:
    """Yield all mappings and lists of a tree, outer ones first."""
    if isinstance(node, yaml.CollectionNode):
        yield node
        for entry in node.value:
            yield from _collections(entry[1] if isinstance(entry, tuple) else entry)


def _with_value(entry: Any, value: yaml.Node) -> Any:
    return (entry[0], value) if isinstance(entry, tuple) else value


def _shown(entry: Any) -> str:
    node = entry[0] if isinstance(entry, tuple) else entry
    return repr(node.value)[:40] if isinstance(node, yaml.ScalarNode) else f"a {node.id}"
