"""JSON, RFC 8259."""

from __future__ import annotations

import json
import re
from typing import Final

import orjson

from naftiko_runtime.execute.formats.charsets import charset_of, read_text
from naftiko_runtime.execute.formats.format import MAX_DEPTH, invalid
from naftiko_runtime.execute.formats.garbage import collected_later
from naftiko_runtime.values import Json

_UTF_8: Final = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
_NO_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in b"[]{}")
_DIGITS_AS_ZEROS: Final = bytes(
    ord("0") if byte in b"0123456789" else ord(".") for byte in range(256)
)
_LONG_NUMBER: Final = b"0" * 19
_INTEGER_TOO_LONG: Final = re.compile(rb"[0-9]{19}(?![0-9]*[.eE])")
_SHALLOW_LEVELS: Final = 8


def decode_json(body: bytes, content_type: str | None) -> Json:
    """Decode JSON; an answer of nothing but white space is null.

    Integers are exact, however long. Without a charset it is UTF-8, unless a byte order mark says
    otherwise.

    Raises:
        UpstreamBodyInvalid: It is no JSON, or nested deeper than 500 levels.
    """
    charset = charset_of(content_type)
    if charset is not None and charset.lower() not in _UTF_8:
        body = read_text("JSON", body, content_type).encode()
    try:
        with collected_later(len(body)):
            value = _loads(body)
    except (ValueError, RecursionError) as error:
        return _decode_oddity(body, error)
    if _may_be_deep(body) and _is_deep(value):
        raise invalid("JSON", f"it is nested deeper than {MAX_DEPTH} levels")
    return value


def _loads(body: bytes) -> Json:
    value: Json = orjson.loads(body)
    if _LONG_NUMBER in body.translate(_DIGITS_AS_ZEROS) and _INTEGER_TOO_LONG.search(body):
        value = json.loads(body)
    return value


def _decode_oddity(body: bytes, error: Exception) -> Json:
    """Decode what is no plain UTF-8: nothing at all, or text with a byte order mark."""
    if not body.strip():
        return None
    text = read_text("JSON", body, None).encode()
    if text != body:
        return decode_json(text, None)
    raise invalid("JSON", str(error)) from error


def _may_be_deep(body: bytes) -> bool:
    """Return whether there are brackets enough; those of the innermost levels do not count."""
    if body.count(b"[") + body.count(b"{") <= MAX_DEPTH:
        return False
    brackets = body.translate(None, _NO_BRACKETS)
    for _ in range(_SHALLOW_LEVELS):
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
    return len(brackets) > MAX_DEPTH


def _is_deep(value: Json) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [inner for one in level for inner in _inside(one)]
    return any(isinstance(one, (dict, list)) for one in level)


def _inside(value: Json) -> list[Json]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
