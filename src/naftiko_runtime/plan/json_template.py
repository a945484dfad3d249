"""JSON texts with placeholders, read as what their author meant: JSON."""

from __future__ import annotations

import json
import re
from typing import Final

from naftiko_runtime.diagnostics import Position
from naftiko_runtime.plan.references import PLACEHOLDER, Names
from naftiko_runtime.plan.terms import ListOf, Literal, MapOf, Term, Text
from naftiko_runtime.values import Json

_STRING: Final = re.compile(r'"(?:[^"\\{]|\\.|\{\{.*?\}\}|\{)*"', re.DOTALL)
_MARK: Final = re.compile("\ue000(\\d+)\ue001")


def read_json_template(text: str, names: Names, at: Position) -> Term | None:
    """Read a JSON text with `{{...}}` in it as the structure that it is.

    A placeholder inside quotes stays text, one without quotes brings its value with its type.

    Returns:
        The term; None if the text is no JSON, whatever the placeholders bring.
    """
    found: list[Term] = []

    def mark(match: re.Match[str]) -> str:
        found.append(names.placeholder(match[1], at))
        return f"\ue000{len(found) - 1}\ue001"

    pieces: list[str] = []
    end = 0
    for string in _STRING.finditer(text):
        pieces.append(
            PLACEHOLDER.sub(lambda match: f'"{mark(match)}!"', text[end : string.start()])
        )
        pieces.append(PLACEHOLDER.sub(mark, string[0]))
        end = string.end()
    pieces.append(PLACEHOLDER.sub(lambda match: f'"{mark(match)}!"', text[end:]))
    try:
        value = json.loads("".join(pieces), strict=False)
    except ValueError:
        return None
    return _term(value, found)


def _term(value: Json, found: list[Term]) -> Term:
    if isinstance(value, dict):
        return MapOf(tuple((key, _term(item, found)) for key, item in value.items()))
    if isinstance(value, list):
        return ListOf(tuple(_term(item, found) for item in value))
    if isinstance(value, str):
        return _string(value, found)
    return Literal(value)


def _string(value: str, found: list[Term]) -> Term:
    if (bare := re.fullmatch("\ue000(\\d+)\ue001!", value)) is not None:
        return found[int(bare[1])]
    if (only := _MARK.fullmatch(value)) is not None:
        return Text((found[int(only[1])],), optional=True)
    pieces = _MARK.split(value)
    if len(pieces) == 1:
        return Literal(value)
    parts = (found[int(p)] if odd % 2 else Literal(p) for odd, p in enumerate(pieces))
    return Text(tuple(part for part in parts if part != Literal("")))
