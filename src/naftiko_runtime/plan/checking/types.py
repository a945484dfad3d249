"""Checks of JSON Schema's scalar types. Text that stands for a value of the type is read."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, TypeAlias

from naftiko_runtime.plan.checking.json_text import read_integer, read_number
from naftiko_runtime.plan.checking.mismatch import Mismatch
from naftiko_runtime.values import Json

Check: TypeAlias = Callable[[Json], Json]
"""Returns the value, converted if need be; raises `Mismatch` if it does not fit."""

_BOOLEANS: Final = {"true": True, "false": False}


def anything(value: Json) -> Json:
    """Return the value as it is."""
    return value


def string(value: Json) -> Json:
    """Return a string as it is."""
    if isinstance(value, str):
        return value
    raise Mismatch.of("has to be a string", value)


def integer(value: Json) -> Json:
    """Return an integer; 5.0 is 5."""
    if type(value) is int:
        return value
    read = None
    if isinstance(value, str):
        read = read_integer(value)
    elif isinstance(value, float) and value.is_integer():
        read = int(value)
    if read is None:
        raise Mismatch.of("has to be an integer", value)
    return read


def number(value: Json) -> Json:
    """Return a finite number."""
    if type(value) is int or (isinstance(value, float) and math.isfinite(value)):
        return value
    read = read_number(value) if isinstance(value, str) else None
    if read is None:
        raise Mismatch.of("has to be a number", value)
    return read


def boolean(value: Json) -> Json:
    """Return a boolean."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in _BOOLEANS:
        return _BOOLEANS[value]
    raise Mismatch.of("has to be true or false", value)


def null(value: Json) -> Json:
    """Return null."""
    if value is None:
        return None
    raise Mismatch.of("has to be null", value)


SCALARS: Final[dict[str, Check]] = {
    "string": string,
    "integer": integer,
    "number": number,
    "boolean": boolean,
    "null": null,
}
"""The checks by the name of the type."""
