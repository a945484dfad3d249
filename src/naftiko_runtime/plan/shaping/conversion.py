"""Scalars to their declared type, where nothing is lost; else they stay what they are."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final, TypeAlias

from naftiko_runtime.plan.checking.json_text import read_integer, read_json, read_number
from naftiko_runtime.plan.expressions import to_text
from naftiko_runtime.values import Absent, Json

Convert: TypeAlias = Callable[[Json], Json]

_MAX_NUMERAL: Final = 400
_EXACT_INTEGERS: Final = 2**53
_BOOLEANS: Final = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def converter(type_: str | None, max_length: int | None = None) -> Convert | None:
    """Return what brings a value to a type, or None if that leaves every value alone.

    Args:
        type_: JSON Schema's word for the type.
        max_length: How many characters a text may have; the rest is cut off.
    """
    convert = _CONVERTERS.get(type_ or "")
    if max_length is None:
        return convert

    def cut(value: Json) -> Json:
        converted = convert(value) if convert is not None else value
        return converted[:max_length] if isinstance(converted, str) else converted

    return cut


def fixed_value(value: Json, type_: str | None, max_length: int | None) -> Json:
    """Return a value of the document as its type has it; objects and arrays may be JSON text."""
    if isinstance(value, str) and type_ in _COMPOSED:
        read = read_json(value)
        if not isinstance(read, Absent) and is_of_type(read, type_):
            return read
    convert = converter(type_, max_length)
    return value if convert is None else convert(value)


def is_of_type(value: Json, type_: str | None) -> bool:
    """Return whether a value is of a type; null is of every type."""
    if value is None or type_ is None:
        return True
    if isinstance(value, bool):
        return type_ == "boolean"
    return isinstance(value, _COMPOSED.get(type_) or _SCALARS[type_])


_COMPOSED: Final[dict[str, type]] = {"array": list, "object": dict}
_SCALARS: Final[dict[str, type | tuple[type, ...]]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}


def _string(value: Json) -> Json:
    if isinstance(value, str) or value is None or isinstance(value, (list, dict)):
        return value
    try:
        return to_text(value)
    except ValueError:  # more digits than Python writes
        return format(Decimal(value), "f")


def _integer(value: Json) -> Json:
    if isinstance(value, str):
        read = read_integer(value) if len(value) <= _MAX_NUMERAL else None
        return value if read is None else read
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT_INTEGERS:
        return int(value)
    return value


def _number(value: Json) -> Json:
    if not isinstance(value, str) or len(value) > _MAX_NUMERAL:
        return value
    read = read_number(value)
    return value if read is None or not _says_as_much(value, read) else read


def _says_as_much(text: str, number: int | float) -> bool:
    """Return whether a number has all the digits of its text."""
    return isinstance(number, int) or Decimal(repr(number)) == Decimal(text)


def _boolean(value: Json) -> Json:
    return _BOOLEANS.get(value, value) if isinstance(value, str) else value


_CONVERTERS: Final[dict[str, Convert]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
}
