"""Values to query pairs, headers and cookies, in the styles of OpenAPI 3.1."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias
from urllib.parse import quote

from naftiko_runtime.errors import InputProblem, InvalidInput
from naftiko_runtime.plan.expressions import to_text
from naftiko_runtime.plan.paths import pointer_part
from naftiko_runtime.values import Json

Pairs: TypeAlias = Callable[[Json], list[str]]
"""Turns a value into encoded `name=value` pairs."""

Quote: TypeAlias = Callable[[str], str]

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_COOKIE_SAFE: Final = "!#$&'()*+/:<=>?@[]^`{|}-._~"
_SEPARATORS: Final = {"form": ",", "spaceDelimited": "%20", "pipeDelimited": "%7C"}


def quote_query(text: str) -> str:
    """Return text encoded for a query: all but unreserved characters."""
    return quote(text, safe="")


def quote_query_name(text: str) -> str:
    """Return a parameter's name encoded for a query; `$select` and `@id` stay readable."""
    return quote(text, safe="$@")


def quote_form(text: str) -> str:
    """Return text as `application/x-www-form-urlencoded` has it (WHATWG URL, section 5.2)."""
    return quote(text, safe=" *-._").replace("~", "%7E").replace(" ", "+")


def query_pairs(name: str, style: str | None = None, explode: bool | None = None) -> Pairs:
    """Compile how a query parameter is written.

    Args:
        name: The parameter.
        style: OpenAPI's `style`; without it arrays repeat the name, objects are deep, and names
            that start with `$` (OData) join arrays with commas.
        explode: OpenAPI's `explode`; by default true for `form` and `deepObject` alone.
    """
    key = quote_query_name(name)
    if style is None and explode is None and not name.startswith("$"):
        return lambda value: _deep(key, value, quote_query)
    exploded = _explodes(name, style, explode)
    style = style or ("form" if explode is not None else None)
    separator = _SEPARATORS.get(style or "form", ",")

    def pairs(value: Json) -> list[str]:
        if isinstance(value, list) and not exploded:
            texts = [quote_query(to_text(item)) for item in value if item is not None]
            return [f"{key}={separator.join(texts)}"] if texts else []
        if isinstance(value, dict) and style in _SEPARATORS:
            return _flat_object(key, value, separator, exploded)
        return _deep(key, value, quote_query)

    return pairs


def _explodes(name: str, style: str | None, explode: bool | None) -> bool:
    if explode is not None:
        return explode
    if style is None:
        return not name.startswith("$")
    return style in ("form", "deepObject")


def _flat_object(key: str, value: dict[str, Json], separator: str, exploded: bool) -> list[str]:
    members = [(quote_query(k), quote_query(to_text(v))) for k, v in value.items() if v is not None]
    if exploded:
        return [f"{name}={text}" for name, text in members]
    return [f"{key}={separator.join(f'{k}{separator}{v}' for k, v in members)}"]


def form_pairs(name: str, value: Json) -> list[str]:
    """Return a form field's encoded pairs; lists repeat the name, objects are deep."""
    return _deep(quote_form(name), value, quote_form)


def _deep(key: str, value: Json, quote: Quote) -> list[str]:
    if isinstance(value, str):
        return [f"{key}={quote(value)}"]
    if value is None:
        return []
    if isinstance(value, (list, dict)):
        return list(_nested(key, value, quote))
    return [f"{key}={quote(to_text(value))}"]


def _nested(key: str, value: Json, quote: Quote) -> Iterator[str]:
    if isinstance(value, dict):
        for member, inner in value.items():
            yield from _nested(f"{key}%5B{quote(member)}%5D", inner, quote)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            inside = f"{key}%5B{index}%5D" if isinstance(item, (list, dict)) else key
            yield from _nested(inside, item, quote)
    elif value is not None:
        yield f"{key}={quote(to_text(value))}"


def header_value(name: str, value: Json) -> bytes:
    """Return a header's value: arrays joined with commas, objects as JSON, text in UTF-8.

    Raises:
        InvalidInput: It holds a control character, which could end the header.
    """
    if isinstance(value, list):
        text = ",".join(to_text(item) for item in value if item is not None)
    else:
        text = to_text(value)
    if _CONTROL.search(text):
        detail = f"'{name}' is sent as a header and may not hold control characters"
        raise InvalidInput((InputProblem(f"/{pointer_part(name)}", detail),))
    return text.strip().encode()


def cookie_pair(name: str, value: Json) -> bytes:
    """Return `name=value` for a `Cookie` header, with what RFC 6265 forbids encoded."""
    return f"{name}={quote(to_text(value), safe=_COOKIE_SAFE)}".encode()
