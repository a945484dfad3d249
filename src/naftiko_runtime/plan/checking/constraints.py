"""Checks of what JSON Schema asks of a value beyond its type. Each lets other types through."""

from __future__ import annotations

import operator
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeGuard

from naftiko_runtime.plan.checking.json_text import read_json
from naftiko_runtime.plan.checking.mismatch import Mismatch, echo
from naftiko_runtime.plan.checking.types import Check
from naftiko_runtime.values import Absent, Json, Value

BOUNDS: Final[Mapping[str, tuple[Callable[[float, float], bool], str]]] = {
    "minimum": (operator.ge, "at least"),
    "maximum": (operator.le, "at most"),
    "exclusiveMinimum": (operator.gt, "more than"),
    "exclusiveMaximum": (operator.lt, "less than"),
}
SIZES: Final[Mapping[str, tuple[type[str] | type[list[Json]], bool, str]]] = {
    "minLength": (str, True, "character"),
    "maxLength": (str, False, "character"),
    "minItems": (list, True, "item"),
    "maxItems": (list, False, "item"),
}
_LISTED: Final = 10
_END: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\$", re.DOTALL)


def compile_constraints(schema: Mapping[str, Json]) -> Iterator[Check]:
    """Yield the checks for the keywords of a schema, JSON Schema validation section 6."""
    for keyword, (holds, words) in BOUNDS.items():
        if keyword in schema and is_number(limit := schema[keyword]):
            yield _bound(limit, holds, words)
    for keyword, (kind, least, noun) in SIZES.items():
        if keyword in schema and is_size(size := schema[keyword]):
            yield _size(size, kind, least, noun)
    text = schema.get("pattern")
    pattern = compile_pattern(text) if isinstance(text, str) else None
    if pattern is not None:
        yield _pattern(pattern, f"has to match the pattern {text}")
    choices = schema.get("enum")
    if isinstance(choices, list) and choices:
        yield _enum(choices)


def is_number(value: Json) -> TypeGuard[int | float]:
    """Return whether a value can be a bound."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_size(value: Json) -> TypeGuard[int]:
    """Return whether a value can be a length or a number of items."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def compile_pattern(text: str) -> re.Pattern[str] | None:
    """Compile a pattern of ECMA-262; None if it is none that Python can read.

    `$` stands for the end alone, not for a place before a closing line break.
    """
    exact = _END.sub(lambda part: r"\Z" if part[0] == "$" else part[0], text)
    with warnings.catch_warnings(action="ignore"):  # about sets that Python may read otherwise
        try:
            return re.compile(exact)
        except (re.error, OverflowError, RecursionError):
            return None


def _bound(limit: float, holds: Callable[[float, float], bool], words: str) -> Check:
    def check(value: Json) -> Json:
        if is_number(value) and not holds(value, limit):
            raise Mismatch.of(f"has to be {words} {limit}", value)
        return value

    return check


def _size(size: int, kind: type[str] | type[list[Json]], least: bool, noun: str) -> Check:
    words = f"has to have at {'least' if least else 'most'} {size} {noun}{'s' * (size != 1)}"
    holds = operator.ge if least else operator.le

    def check(value: Json) -> Json:
        if isinstance(value, kind) and not holds(len(value), size):
            raise Mismatch.of(f"{words}, not {len(value)}")
        return value

    return check


def _pattern(pattern: re.Pattern[str], expected: str) -> Check:
    search = pattern.search

    def check(value: Json) -> Json:
        if isinstance(value, str) and search(value) is None:
            raise Mismatch.of(expected, value)
        return value

    return check


def _enum(choices: list[Json]) -> Check:
    texts = frozenset(choice for choice in choices if isinstance(choice, str))
    shown = ", ".join(echo(choice) for choice in choices[:_LISTED])
    expected = f"has to be one of {shown}{', …' if len(choices) > _LISTED else ''}"

    def check(value: Json) -> Json:
        if isinstance(value, str):
            if value in texts:
                return value
            value = _named(value, choices)
        if any(_same(value, choice) for choice in choices):
            return value
        raise Mismatch.of(expected, value)

    return check


def _named(text: str, choices: list[Json]) -> Json:
    """Return the choice that a text is JSON for: where there is no type, all queries are text."""
    read: Value = read_json(text)
    if isinstance(read, Absent) or not any(_same(read, choice) for choice in choices):
        return text
    return read


def _same(one: Json, other: Json) -> bool:
    """Return whether two values are equal as JSON: true is not 1, yet 1.0 is."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and one == other
