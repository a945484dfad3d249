"""Objects and arrays written with brackets: `p[a][b]=v`, `p[k][]=v`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from naftiko_runtime.plan.checking.mismatch import Mismatch
from naftiko_runtime.values import Json

Node: TypeAlias = "dict[str, Node | list[str]]"
"""Members by what stands between brackets, and the values of the innermost ones."""

_CLASHES: Final = "is given in two ways"


def put(root: Node, path: Sequence[str], value: str) -> None:
    """Add the value of one pair.

    Args:
        root: The node of the name before the first bracket.
        path: What stands between brackets, from the outside in; empty at the end for arrays.
        value: The value.

    Raises:
        Mismatch: The path is ambiguous, or clashes with an earlier one.
    """
    *outer, last = path
    if "" in outer:
        raise Mismatch.of("may have empty brackets at the end of a name only")
    node = root
    for step in outer:
        inner = node.setdefault(step, {})
        if isinstance(inner, list):
            raise Mismatch.of(_CLASHES)
        node = inner
    leaf = node.setdefault(last, [])
    if isinstance(leaf, dict):
        raise Mismatch.of(_CLASHES)
    leaf.append(value)


def joined(node: Node, *, keeps_names: bool = False) -> Json:
    """Return a node as the value that it stands for.

    Members called 0, 1, 2 and so on are the items of an array.

    Args:
        node: What `put` has filled.
        keeps_names: Whether it is an object even so.

    Raises:
        Mismatch: It is an array and an object at the same time.
    """
    if "" in node:
        if len(node) > 1:
            raise Mismatch.of(_CLASHES)
        return _texts(node[""])
    members = {name: _value(inner) for name, inner in node.items()}
    indexes = [str(index) for index in range(len(members))]
    if keeps_names or members.keys() != set(indexes):
        return members
    return [members[index] for index in indexes]


def _value(inner: Node | list[str]) -> Json:
    if isinstance(inner, dict):
        return joined(inner)
    return inner[0] if len(inner) == 1 else _texts(inner)


def _texts(inner: Node | list[str]) -> Json:
    return [*inner]
