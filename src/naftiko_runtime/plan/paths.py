"""Path templates: `/orders/{id}`, on either side."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias
from urllib.parse import quote, unquote

from naftiko_runtime.errors import InputProblem, InvalidInput
from naftiko_runtime.plan.expressions import to_text
from naftiko_runtime.values import Value, record

_VARIABLE: Final = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}|\{\s*([^{}]+?)\s*\}")
_LEGAL_IN_PATH: Final = "/:@!$&'()*+,;=-._~%"
_PLAIN: Final = re.compile(r"[A-Za-z0-9_~-]+")
"""What most values are: text that stays as it is. (Dots do, too, but not alone.)"""

_LITERAL: Final = re.compile(r"[A-Za-z0-9/._~-]*")
"""What most paths are made of besides variables: text that stays as it is."""

_STRAY_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


@record
class Variable:
    """A variable of a path.

    Attributes:
        name: Between the braces.
        doubled: Whether it is written `{{name}}`, which may also mean a bound variable.
    """

    name: str
    doubled: bool = False


Segment: TypeAlias = "str | tuple[str | Variable, ...]"
"""What stands between two slashes: decoded text, or a variable with what stands around it."""


@dataclass(frozen=True)  # without slots: variables and segments are found once
class PathTemplate:
    """A path split into literal text and variables.

    Attributes:
        parts: In order; two literals never touch.
        query: The text behind a `?` in the document's path, kept as written.
        spans: Whether the last part, a variable, stands for all that is left of a path, slashes
            included.
    """

    parts: tuple[str | Variable, ...]
    query: str = ""
    spans: bool = False

    @cached_property
    def variables(self) -> tuple[Variable, ...]:
        """The variables in order, each once."""
        found = (part for part in self.parts if isinstance(part, Variable))
        return tuple(dict.fromkeys(found))

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """What stands between the slashes, behind the first one."""
        segments: list[list[str | Variable]] = [[]]
        for part in self.parts:
            if isinstance(part, Variable):
                segments[-1].append(part)
            else:
                first, *others = part.split("/")
                segments[-1].append(first)
                segments += [[piece] for piece in others]
        if len(segments) > 1 and segments[0] == [""]:
            del segments[0]
        return tuple(map(_segment, segments))

    def __str__(self) -> str:
        parts = (p if isinstance(p, str) else f"{{{p.name}}}" for p in self.parts)
        return "".join(parts)


def _segment(parts: list[str | Variable]) -> Segment:
    """Return a segment without variables as the text that it is."""
    texts = [part for part in parts if isinstance(part, str)]
    return unquote("".join(texts)) if len(texts) == len(parts) else tuple(filter(None, parts))


def parse_path(text: str) -> PathTemplate:
    """Split a path; a fragment is dropped, for it is never sent."""
    path, _, query = text.partition("#")[0].partition("?")
    return PathTemplate(tuple(_split(path)), query)


def climbs(path: PathTemplate) -> bool:
    """Return whether a segment is `..`, encoded or not; no value of a variable can be."""
    text = str(path)
    return (".." in text or "%" in text) and ".." in unquote(text).split("/")


def _split(path: str) -> list[str | Variable]:
    parts: list[str | Variable] = []
    end = 0
    for match in _VARIABLE.finditer(path):
        if match.start() > end:
            parts.append(path[end : match.start()])
        parts.append(Variable(match[1] or match[2], doubled=match[1] is not None))
        end = match.end()
    if end < len(path):
        parts.append(path[end:])
    return parts


def encode_literal(text: str) -> str:
    """Return literal path text with what RFC 3986 forbids encoded, and all else as written."""
    if _LITERAL.fullmatch(text):
        return text
    return quote(_STRAY_PERCENT.sub("%25", text), safe=_LEGAL_IN_PATH)


def encode_query_text(text: str) -> str:
    """Return a query as the document has it, with what RFC 3986 forbids encoded."""
    return quote(_STRAY_PERCENT.sub("%25", text), safe=_LEGAL_IN_PATH + "?")


def encode_variable(name: str, value: Value) -> str:
    """Return a path variable's value with all but unreserved characters encoded.

    Raises:
        InvalidInput: The value is empty, `.` or `..`, which would change the path.
    """
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return value
    if isinstance(value, list):
        text = ",".join(encode_variable(name, item) for item in value)
    else:
        text = quote(to_text(value), safe="")
    if text in ("", ".", ".."):
        detail = f"'{name}' stands in the path and may not be empty, '.' or '..'"
        raise InvalidInput((InputProblem(f"/{pointer_part(name)}", detail),))
    return text


def pointer_part(name: str) -> str:
    """Return a name as a part of a JSON pointer, RFC 6901 section 3."""
    return name.replace("~", "~0").replace("/", "~1")
