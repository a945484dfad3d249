"""The words that people write for types."""

from __future__ import annotations

import re
from typing import Final

from naftiko_runtime.values import Json

_PLAIN: Final = {
    "string": "string str text char character varchar keyword file",
    "integer": "integer int int8 int16 int32 int64 long short bigint uint uint32 uint64",
    "number": "number float double decimal numeric real float32 float64",
    "boolean": "boolean bool",
    "array": "array list sequence set tuple",
    "object": "object map dict dictionary mapping hash json record struct",
}
_FORMATS: Final = {
    "date": "date",
    "date-time": "date-time datetime",
    "time": "time",
    "duration": "duration",
    "email": "email",
    "hostname": "hostname",
    "ipv4": "ipv4",
    "ipv6": "ipv6",
    "uri": "uri url",
    "uuid": "uuid guid",
    "password": "password",
    "byte": "byte base64",
    "binary": "binary",
}
_SCHEMAS: Final[dict[str, dict[str, Json]]] = {
    **{word: {"type": name} for name, words in _PLAIN.items() for word in words.split()},
    **{
        word: {"type": "string", "format": name}
        for name, words in _FORMATS.items()
        for word in words.split()
    },
}
_ARRAY_OF: Final = re.compile(
    r"(?:array|list|set)\s*(?:<\s*(.+?)\s*>|\[\s*(.+?)\s*\]|\s+of\s+(.+?))"
)
_SUFFIXED: Final = re.compile(r"(.+?)\s*\[\s*\]")


def schema_of_word(word: str) -> dict[str, Json]:
    """Return what a word for a type says as JSON Schema; nothing, if it is no such word.

    `string[]`, `array<string>`, `list[string]` and `array of string` name the type of items too.
    """
    lower = word.strip().lower()
    known = _SCHEMAS.get(lower.replace("_", "-"))
    if known is not None:
        return known.copy()
    match = _SUFFIXED.fullmatch(lower) or _ARRAY_OF.fullmatch(lower)
    if match is None:
        return {}
    return {"type": "array", "items": schema_of_word(match[match.lastindex or 1])}
