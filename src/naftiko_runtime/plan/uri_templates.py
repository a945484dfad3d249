"""URI templates, RFC 6570 level 1: `ships://{imo}/crew`, matched against the URIs that are read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, TypeAlias
from urllib.parse import unquote_to_bytes

from naftiko_runtime.plan.paths import Variable
from naftiko_runtime.values import record

LONGEST_URI: Final = 8192
"""Longer URIs match nothing."""

_EXPRESSION: Final = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}|\{\s*([^{}]*?)\s*\}")
_NAME: Final = re.compile(r"[A-Za-z0-9_%][A-Za-z0-9_%.\-]*")
_DELIMITERS: Final = re.compile(r"([/?#])")

Part: TypeAlias = "str | Variable"


class UriTemplateInvalid(ValueError):
    """A text is no URI template of level 1."""


@record
class UriTemplate:
    """A URI, or a template of many.

    Matching takes time in proportion to the URI's length, whatever it holds: within the text
    between two of `/`, `?` and `#`, which no value has, the last variable takes what the others
    leave.

    Attributes:
        text: As clients see it: every variable in single braces.
        segments: The parts of the text between its delimiters, and the delimiters among them.
    """

    text: str
    segments: tuple[tuple[Part, ...], ...]

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the variables in order, each once."""
        parts = (part for segment in self.segments for part in segment)
        return tuple(dict.fromkeys(part.name for part in parts if isinstance(part, Variable)))

    def match(self, uri: str) -> dict[str, str] | None:
        """Return the variables' values, percent-decoded; None where the URI is another."""
        if len(uri) > LONGEST_URI:
            return None
        pieces = _DELIMITERS.split(uri)
        if len(pieces) != len(self.segments):
            return None
        values: dict[str, str] = {}
        for segment, piece in zip(self.segments, pieces, strict=True):
            if not _match_segment(segment, piece, values):
                return None
        return values


def parse_uri_template(text: str) -> UriTemplate:
    """Read a URI or a template; `{{name}}` means `{name}`.

    Raises:
        UriTemplateInvalid: It holds an expression of a higher level, a stray brace, or two
            variables with nothing between them.
    """
    shown = _EXPRESSION.sub(lambda match: f"{{{match[1] or match[2] or ''}}}", text)
    return UriTemplate(shown, tuple(_segment(piece) for piece in _DELIMITERS.split(shown)))


def _segment(text: str) -> tuple[Part, ...]:
    parts: list[Part] = []
    end = 0
    for match in _EXPRESSION.finditer(text):
        if match.start() > end:
            parts.append(_literal(text[end : match.start()]))
        if parts and isinstance(parts[-1], Variable):
            raise UriTemplateInvalid(f"nothing stands between '{parts[-1].name}' and {match[0]}")
        parts.append(_variable(match[2]))
        end = match.end()
    if end < len(text):
        parts.append(_literal(text[end:]))
    return tuple(parts)


def _literal(text: str) -> str:
    if "{" in text or "}" in text:
        raise UriTemplateInvalid(f"'{text}' has a brace without its counterpart")
    return text


def _variable(name: str) -> Variable:
    if not _NAME.fullmatch(name):
        raise UriTemplateInvalid(f"'{{{name}}}' is no simple variable, as level 1 of RFC 6570 has")
    return Variable(name)


def _match_segment(segment: Sequence[Part], piece: str, values: dict[str, str]) -> bool:
    """Match the text between two delimiters; take down the values of its variables."""
    start = 0
    end = len(piece)
    parts = list(segment)
    if parts and isinstance(parts[-1], str) and len(parts) > 1:
        last = parts.pop()
        assert isinstance(last, str)
        if not piece.endswith(last):
            return False
        end -= len(last)
    while parts:
        part = parts.pop(0)
        if isinstance(part, str):
            if not piece.startswith(part, start, end):
                return False
            start += len(part)
            continue
        stop = end
        if parts:
            following = parts[0]
            assert isinstance(following, str)
            stop = piece.find(following, start + 1, end)
        if stop <= start or not _take(part.name, piece[start:stop], values):
            return False
        start = stop
    return start == end


def _take(name: str, text: str, values: dict[str, str]) -> bool:
    """Take a value down; return whether it is one: UTF-8, and the same wherever it stands."""
    try:
        value = unquote_to_bytes(text).decode()
    except UnicodeError:
        return False
    return values.setdefault(name, value) == value
