"""Keys that take one of a few words: what those are, and where the document has another."""

from __future__ import annotations

from typing import Final

from naftiko_runtime.diagnostics import Diagnostics, did_you_mean
from naftiko_runtime.spec.block import Block
from naftiko_runtime.spec.consumes import ConsumedApi, ConsumedOperation, RequestBody
from naftiko_runtime.spec.mcp import McpAdapter
from naftiko_runtime.spec.parameters import InputParameter
from naftiko_runtime.spec.rest import RestOperation

_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "TRACE")
_BODIES: Final = ("json", "text", "xml", "sparql", "formUrlEncoded", "multipartForm", "raw")
_PLACES: Final = ("path", "query", "header", "cookie", "body", "environment")
_STYLES: Final = ("form", "spaceDelimited", "pipeDelimited", "deepObject")
_LIKE_FORM: Final = ("simple", "matrix", "label")
"""OpenAPI's styles of paths and headers, which are written there without being asked for."""

WORDS: Final[dict[type[Block], dict[str, tuple[str, ...]]]] = {
    ConsumedApi: {"type": ("http",)},
    ConsumedOperation: {"method": _METHODS},
    RestOperation: {"method": _METHODS},
    RequestBody: {"type": _BODIES},
    InputParameter: {"in_": _PLACES, "style": (*_STYLES, *_LIKE_FORM)},
    McpAdapter: {"transport": ("http", "stdio")},
}
"""The words, by block and field."""

_IN_LOWER_CASE: Final = {
    words: frozenset(map(str.lower, words))
    for fields in WORDS.values()
    for words in fields.values()
}


def report_unknown_words(block: Block, diagnostics: Diagnostics) -> None:
    """Report each key of a block whose value is none of the words that it takes."""
    for field, known in WORDS.get(type(block), {}).items():
        value = getattr(block, field)
        if value is None or value.strip().lower() in _IN_LOWER_CASE[known]:
            continue
        key = _key(block, field)
        diagnostics.warning(
            "word-unknown",
            f"'{value}' is no word that '{key}' takes",
            block.at(key),
            hint=did_you_mean(value, known) or f"the words are {', '.join(known)}",
        )


def _key(block: Block, field: str) -> str:
    """Return the key of a field, as the document spells it."""
    alias = type(block).model_fields[field].validation_alias
    choices = [str(one) for one in getattr(alias, "choices", [alias or field])]
    return next((one for one in choices if block.has(one)), choices[0])
