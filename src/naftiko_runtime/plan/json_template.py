"""JSON texts with placeholders, read as what their author meant: JSON."""

from __future__ import annotations

import json
import re
from typing import Final

from naftiko_runtime.diagnostics import Position
from naftiko_runtime.plan.references import PLACEHOLDER, Names
from naftiko_runtime.plan.terms import ListOf, Literal, MapOf, Term, Text
from naftiko_runtime.values import Json

_STRING: Final = re.compile(
    r'("(?:[^"\\{]|\\.|\{\{[^{}]*\}\}|\{(?!\{[^{}]*\}\}))*")',
    re.DOTALL,
)
_PRIVATE: Final = "\ue000"
_MAX_NESTING: Final = 100


def read_json_template(text: str, names: Names, at: Position) -> Term | None:
    """Read a JSON text with `{{...}}` in it as the structure that it is.

    A placeholder inside quotes stays text, one without quotes brings its value with its type.

    Returns:
        The term; None if the text is no JSON, whatever the placeholders bring.
    """
    template = _JsonTemplate(text, names, at)
    try:
        return template.term(json.loads(template.marked(), strict=False))
    except (ValueError, RecursionError):
        return None


class _JsonTemplate:
    """Puts marks in the place of placeholders, reads the JSON, puts terms in the place of marks.

    A mark is longer than any run of its character that the text can hold.
    """

    def __init__(self, text: str, names: Names, at: Position) -> None:
        self._text = text
        self._names = names
        self._at = at
        self._found: list[Term] = []
        self._mark = _PRIVATE * (1 + text.count(_PRIVATE) + text.lower().count("\\ue000"))
        self._bare = re.compile(rf"{self._mark}!(\d+);")
        self._quoted = re.compile(rf"{self._mark}(\d+);")

    def marked(self) -> str:
        """Return the text with marks; one outside of quotes becomes a string of its own."""
        outside_and_inside = enumerate(_STRING.split(self._text))
        return "".join(
            PLACEHOLDER.sub(self._mark_quoted if number % 2 else self._mark_bare, piece)
            for number, piece in outside_and_inside
        )

    def term(self, value: Json, nesting: int = 0) -> Term:
        """Return what a marked value stands for.

        Raises:
            ValueError: It is nested more deeply than documents may be.
        """
        if nesting > _MAX_NESTING:
            raise ValueError("nested too deeply")
        if isinstance(value, dict):
            members = value.items()
            return MapOf(tuple((self._key(k), self.term(v, nesting + 1)) for k, v in members))
        if isinstance(value, list):
            return ListOf(tuple(self.term(item, nesting + 1) for item in value))
        return self._string(value) if isinstance(value, str) else Literal(value)

    def _mark_quoted(self, match: re.Match[str]) -> str:
        self._found.append(self._names.placeholder(match["name"], self._at))
        return f"{self._mark}{len(self._found) - 1};"

    def _mark_bare(self, match: re.Match[str]) -> str:
        self._found.append(self._names.placeholder(match["name"], self._at))
        return f'"{self._mark}!{len(self._found) - 1};"'

    def _key(self, key: str) -> str | Term:
        return self._string(key) if self._mark in key else key

    def _string(self, value: str) -> Term:
        if (bare := self._bare.fullmatch(value)) is not None:
            return self._found[int(bare[1])]
        if (only := self._quoted.fullmatch(value)) is not None:
            return Text((self._found[int(only[1])],), optional=True)
        pieces = self._quoted.split(value)
        if len(pieces) == 1:
            return Literal(value)
        parts = (self._found[int(p)] if odd % 2 else Literal(p) for odd, p in enumerate(pieces))
        return Text(tuple(part for part in parts if part != Literal("")))
