"""JSON bodies: strict, exact and bounded (RFC 8259)."""

from __future__ import annotations

import json
from typing import Final

import orjson

from naftiko_runtime.errors import InputProblem, InvalidInput
from naftiko_runtime.execute.formats.garbage import collected_later
from naftiko_runtime.values import Json

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_DEEPEST_WRITTEN: Final = 254
"""How deep a value may be nested that orjson writes."""

_DIGITS: Final = bytes(ord("0") if chr(one) in "0123456789" else 0 for one in range(256))
_LONG_NUMBER: Final = b"0" * 19


def looks_like_json(body: bytes) -> bool:
    """Return whether a body starts as an object or an array does."""
    return body.lstrip()[:1] in (b"{", b"[")


def parse_json(body: bytes, deepest: int) -> Json:
    """Parse a body; integers keep all their digits, of doubled keys the last one counts.

    Args:
        body: The text.
        deepest: How deep arrays and objects may be nested.

    Raises:
        InvalidInput: It is not JSON (`NaN` is not), or it is nested too deeply.
    """
    text = body.removeprefix(_BYTE_ORDER_MARK)
    with collected_later(len(text)):
        return _parse(text, deepest)


def _parse(text: bytes, deepest: int) -> Json:
    try:
        value: Json = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _invalid(f"the body is not valid JSON: {error}") from None
    if text.count(b"{") + text.count(b"[") > deepest and _is_too_deep(value, deepest):
        raise _invalid(f"the body may be nested {deepest} levels deep at most")
    if _LONG_NUMBER in text.translate(_DIGITS):
        value = json.loads(text)  # exact, where orjson makes floats of integers past 64 bits
    return value


def _is_too_deep(value: Json, deepest: int) -> bool:
    if deepest > _DEEPEST_WRITTEN:
        return _is_deeper(value, deepest)
    wrapped = value
    for _ in range(_DEEPEST_WRITTEN - deepest):
        wrapped = [wrapped]
    try:
        orjson.dumps(wrapped)  # many times faster than to look at each value here
    except orjson.JSONEncodeError:
        return True
    return False


def _is_deeper(value: Json, deepest: int) -> bool:
    level = [value]
    for _ in range(deepest + 1):
        inside = [
            node.values() if isinstance(node, dict) else node
            for node in level
            if isinstance(node, (dict, list))
        ]
        level = [child for children in inside for child in children]
        if not inside:
            return False
    return True


def _invalid(detail: str) -> InvalidInput:
    return InvalidInput((InputProblem("", detail),))
