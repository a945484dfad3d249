"""What the values of `with` and of body templates stand for (behaviour, section 3)."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from naftiko_runtime.values import Json
from tests.corpus.oracle.documents import UnknownConstruct

_ADAPTERS: Final = frozenset({"rest", "tools", "mcp", "resources", "prompts"})
_PLACES: Final = ("path.", "query.", "header.", "cookie.", "body.")
_TEMPLATE: Final = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")


@dataclass(frozen=True, slots=True)
class InputReference:
    """A value that is the caller's input of a name."""

    name: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that stands for itself, but for the variables in it."""

    value: Json


Source: TypeAlias = InputReference | Literal


def source(value: Any, namespace: str, bound: Collection[str]) -> Source:
    """Return what a value means in a unit of the adapter with a namespace.

    Args:
        value: What the document says.
        namespace: The exposing adapter's, which is a name for the caller's inputs too.
        bound: The names of variables.
    """
    if not isinstance(value, str):
        return Literal(value)
    names = _TEMPLATE.findall(value)
    if all(name in bound for name in names) and names:
        return Literal(value)
    if names:
        return _whole_template(value, names[0], namespace)
    if value.startswith("$"):
        raise UnknownConstruct(f"the reference {value}")
    name = _input_name(value, namespace)
    return Literal(value) if name is None else InputReference(name)


def _whole_template(value: str, name: str, namespace: str) -> Source:
    if not _TEMPLATE.fullmatch(value) or name.startswith("$"):
        raise UnknownConstruct(f"the template {value}")
    if "." not in name:
        return InputReference(name)
    inner = _input_name(name, namespace)
    if inner is None:
        raise UnknownConstruct(f"the template {value}")
    return InputReference(inner)


def _input_name(reference: str, namespace: str) -> str | None:
    """Return the input that a reference is to; None where it is none."""
    for adapter in (*_ADAPTERS, namespace):
        name = reference.removeprefix(f"{adapter}.")
        if name and name != reference:
            place = next((one for one in _PLACES if name.startswith(one)), "")
            return name.removeprefix(place) if adapter == "rest" else name
    return None
