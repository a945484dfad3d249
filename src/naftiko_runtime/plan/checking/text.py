"""Inputs that arrive as text: in the path, the query, headers and cookies of a request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from naftiko_runtime.plan.checking.json_text import read_json
from naftiko_runtime.plan.checking.mismatch import Mismatch
from naftiko_runtime.plan.checking.types import Check
from naftiko_runtime.plan.inputs import Input, Place
from naftiko_runtime.values import Json

TextCheck: TypeAlias = Callable[[Sequence[str]], Json]
"""Returns the value that the texts of one name stand for; raises `Mismatch`."""

_JOINED_BY_COMMAS: Final = (Place.HEADER, Place.PATH)


def compile_text_check(one: Input, check: Check) -> TextCheck:
    """Compile how an input is read from the values that its name has, one or more.

    Several values are an array; in headers and paths its items are joined by commas (OpenAPI 3.1,
    style `simple`). A single value may be an array as JSON, where the items are no texts: `[1]` for
    an array of texts is a text.
    """
    if one.type == "array":
        split = _split if one.place in _JOINED_BY_COMMAS else _whole
        may_be_json = _item_type(one) not in (None, "string")
        return lambda values: check(_array(values, split, may_be_json=may_be_json))
    if one.type is None:
        return lambda values: check(values[0] if len(values) == 1 else list(values))
    return _single(check)


def _single(check: Check) -> TextCheck:
    def read(values: Sequence[str]) -> Json:
        if len(values) > 1:
            raise Mismatch.of(f"takes one value, not {len(values)}")
        return check(values[0])

    return read


def _item_type(one: Input) -> Json:
    items = one.schema.get("items")
    return items.get("type") if isinstance(items, dict) else None


def _array(values: Sequence[str], split: Callable[[str], list[Json]], *, may_be_json: bool) -> Json:
    if may_be_json and len(values) == 1 and values[0].startswith("["):
        read = read_json(values[0])
        if isinstance(read, list):
            return read
    return [part for value in values for part in split(value)]


def _split(text: str) -> list[Json]:
    parts = (part.strip(" \t") for part in text.split(","))
    return [part for part in parts if part]


def _whole(text: str) -> list[Json]:
    return [text]
