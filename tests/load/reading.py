"""Reading YAML text in tests."""

from __future__ import annotations

from naftiko_runtime.diagnostics import Diagnostics
from naftiko_runtime.load.nodes import Map, Node, to_plain
from naftiko_runtime.load.yaml_reader import read_text
from naftiko_runtime.values import Json


def read(text: str | bytes) -> tuple[Node, Diagnostics]:
    """Return what a text holds, and what is wrong with it."""
    diagnostics = Diagnostics()
    data = text.encode() if isinstance(text, str) else text
    return read_text(data, "x.yaml", diagnostics), diagnostics


def sound(text: str) -> Node:
    """Return what a text holds that nothing is wrong with."""
    node, diagnostics = read(text)
    assert not diagnostics.found
    return node


def a_map(text: str) -> Map:
    """Return the mapping that a sound text holds."""
    node = sound(text)
    assert isinstance(node, Map)
    return node


def plain(text: str) -> Json:
    """Return what a sound text holds, without positions."""
    return to_plain(sound(text))


def problems(text: str | bytes) -> list[str]:
    """Return what is wrong with a text, each as `line:column code: message`."""
    _, diagnostics = read(text)
    return [
        f"{one.position.line}:{one.position.column} {one.code}: {one.message}"
        if one.position
        else f"{one.code}: {one.message}"
        for one in diagnostics
    ]
