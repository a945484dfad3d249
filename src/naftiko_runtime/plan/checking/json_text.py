"""Numbers and JSON that arrive as text: RFC 8259, to the letter and without loss."""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from typing import Final

import orjson

from naftiko_runtime.values import ABSENT, Json, Value

_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_LONG_NUMBER: Final = re.compile(r"[0-9]{19}")
_MOST_DIGITS: Final = 400


def read_integer(text: str) -> int | None:
    """Return the integer that a text is, `5.0` and `5e3` included; None for any other text."""
    try:
        return int(text) if _INTEGER.fullmatch(text) else _integral(text)
    except ValueError:  # more digits than Python converts
        return None


def _integral(text: str) -> int | None:
    if len(text) > _MOST_DIGITS or not _NUMBER.fullmatch(text):
        return None
    number = Decimal(text)
    if not 0 <= number.adjusted() < _MOST_DIGITS:
        return 0 if number.is_zero() else None
    numerator, denominator = number.as_integer_ratio()
    return numerator if denominator == 1 else None


def read_number(text: str) -> int | float | None:
    """Return the finite number that a text is; an integer where it is written as one."""
    if _INTEGER.fullmatch(text):
        return read_integer(text)
    number = float(text) if _NUMBER.fullmatch(text) else math.inf
    return number if math.isfinite(number) else None


def read_json(text: str) -> Value:
    """Return the value that a JSON text stands for; ABSENT if it is no JSON."""
    try:
        value: Json = orjson.loads(text)
        return json.loads(text) if _LONG_NUMBER.search(text) else value
    except (ValueError, RecursionError):
        return ABSENT
