"""Plain scalars to values by the YAML 1.2 core schema, so that `no` and `on` stay words."""

from __future__ import annotations

import re

_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED_INTEGER = re.compile(r"0x[0-9a-fA-F]+|0o[0-7]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_FIRST_OF_NUMBER = frozenset("+-.0123456789")
_MAX_DIGITS = 400


def plain_scalar(text: str) -> str | int | float | bool | None:
    """Return the value of a plain (unquoted) scalar, YAML 1.2 section 10.3.

    Infinities and not-a-number stay text: JSON has no such numbers. So do numerals of absurd
    length, which no interface here could carry as numbers.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _FIRST_OF_NUMBER or len(text) > _MAX_DIGITS:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _BASED_INTEGER.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return _finite(text)
    return text


def _finite(text: str) -> str | float:
    number = float(text)
    return text if number in (float("inf"), float("-inf")) else number
