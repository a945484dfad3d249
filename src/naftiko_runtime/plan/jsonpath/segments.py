"""The segments of a JSONPath, and how they are read from text. RFC 9535, read tolerantly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, TypeAlias

from naftiko_runtime.plan.jsonpath.path import JsonPathInvalid
from naftiko_runtime.values import record


@record
class Name:
    """A member of an object; where it is a number in dotted form, an item of a list as well."""

    name: str
    position: int | None = None


@record
class Index:
    """An item of a list; a negative one counts from the end."""

    position: int


@record
class Slice:
    """A range of a list's items."""

    start: int | None
    stop: int | None
    step: int | None


@record
class Union:
    """What several selectors select, one after the other."""

    selectors: tuple[Name | Index | Slice, ...]


@record
class Wildcard:
    """Every member of an object, every item of a list."""


@record
class Descent:
    """An object or list itself, and all that are inside it."""


@record
class Filter:
    """The members or items that a condition holds for; the text starts with `?`."""

    text: str


@record
class Length:
    """How many items, members or characters there are."""


Segment: TypeAlias = Name | Index | Slice | Union | Wildcard | Descent | Filter | Length

_SINGLE: Final = r"'(?P<single>(?:[^'\\]|\\.)*)'"
_DOUBLE: Final = r'"(?P<double>(?:[^"\\]|\\.)*)"'
_NUMBER: Final = r"-?[0-9]{1,18}"
_QUOTED_NAME: Final = re.compile(rf"(?:{_SINGLE}|{_DOUBLE})(?=\.|\[|$)")
_DOTTED_NAME: Final = re.compile(
    r"[^.\[\]]*@(?:odata|microsoft\.graph)\.[^.\[\]]+"  # OData annotations have dots in their names
    r"|[^.\[\]]+"
)
_FUNCTION: Final = re.compile(r"([a-z]+)\(\)")
_INDEXING_NAME: Final = re.compile(r"[0-9]{1,18}")
_BRACKETED: Final = re.compile(r"""(?:[^\[\]'"]|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")+|\[|\]""")
_SELECTOR: Final = re.compile(
    rf"""\s*(?:
        {_SINGLE} | {_DOUBLE}
      | (?P<start>{_NUMBER})?\s*:\s*(?P<stop>{_NUMBER})?\s*(?P<stepped>:\s*(?P<step>{_NUMBER})?)?
      | (?P<index>{_NUMBER})
      | (?P<name>[^\s'",:?*()\[\]](?:[^'",:?*()\[\]]*[^\s'",:?*()\[\]])?)
    )\s*(?P<end>,|$)""",
    re.VERBOSE,
)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)


def read_segments(text: str) -> tuple[Segment, ...]:
    """Return the segments of a path; the `$` or `@` at its start may be missing.

    Raises:
        JsonPathInvalid: It is no JSONPath.
    """
    rooted = _rooted(text)
    segments: list[Segment] = []
    at = 0
    while at < len(rooted):
        at, read = _next(rooted, at)
        segments.extend(read)
    if Length() in segments[:-1]:
        raise JsonPathInvalid("'length()' has to come last")
    return tuple(segments)


def _rooted(text: str) -> str:
    """Return what follows the root; it starts with `.` or `[`, or is empty."""
    if text[:1] in ("$", "@") and text[1:2] in ("", ".", "["):
        rest = text[1:]
    else:
        rest = text if text.startswith("[") else f".{text}"
    return rest[:-1] if rest.endswith(".") and not rest.endswith("..") else rest


def _next(text: str, at: int) -> tuple[int, list[Segment]]:
    """Return where the next segment ends, and what it is: itself, after a descent if it is one."""
    descent: list[Segment] = []
    if text.startswith("..", at):
        descent, at = [Descent()], at + 1
    if text.startswith(".", at):
        at += 1
        if not text.startswith("[", at):
            end, segment = _dotted(text, at)
            return end, [*descent, segment]
    end = _closing(text, at)
    return end, [*descent, _bracketed(text[at + 1 : end - 1].strip())]


def _dotted(text: str, at: int) -> tuple[int, Segment]:
    quoted = _QUOTED_NAME.match(text, at)
    if quoted:
        return quoted.end(), Name(_unquoted(quoted))
    match = _DOTTED_NAME.match(text, at)
    name = match[0].strip() if match else ""
    if match is None or not name:
        raise JsonPathInvalid("a name is missing after '.'")
    return match.end(), _named(name)


def _named(name: str) -> Segment:
    if name == "*":
        return Wildcard()
    function = _FUNCTION.fullmatch(name)
    if function is None:
        return Name(name, int(name) if _INDEXING_NAME.fullmatch(name) else None)
    if function[1] not in ("length", "size"):
        raise JsonPathInvalid(f"there is no function '{name}'")
    return Length()


def _closing(text: str, at: int) -> int:
    """Return where a bracket that opens here has been closed, quotes and inner ones respected."""
    if not text.startswith("[", at):
        raise JsonPathInvalid(f"'{text[at]}' is not expected here")
    depth = 0
    while match := _BRACKETED.match(text, at):
        at = match.end()
        depth += {"[": 1, "]": -1}.get(match[0], 0)
        if depth == 0:
            return at
    raise JsonPathInvalid("a bracket or a quote is not closed")


def _bracketed(content: str) -> Segment:
    if content == "*":
        return Wildcard()
    if content.startswith("?"):
        return Filter(content)
    selectors = tuple(_selectors(content))
    return selectors[0] if len(selectors) == 1 else Union(selectors)


def _selectors(content: str) -> Iterator[Name | Index | Slice]:
    at, separator = 0, ","
    while separator == ",":
        match = _SELECTOR.match(content, at)
        if match is None:
            raise JsonPathInvalid(f"'[{content}]' is not understood")
        yield _selector(match)
        at, separator = match.end(), match["end"]


def _selector(match: re.Match[str]) -> Name | Index | Slice:
    if match["index"] is not None:
        return Index(int(match["index"]))
    if match["name"] is not None:
        return Name(match["name"])
    if match["single"] is not None or match["double"] is not None:
        return Name(_unquoted(match))
    start, stop, step = (match[part] for part in ("start", "stop", "step"))
    return Slice(*(int(part) if part else None for part in (start, stop, step)))


def _unquoted(match: re.Match[str]) -> str:
    return _ESCAPE.sub(r"\1", match["single"] if match["single"] is not None else match["double"])
