"""Arguments as the HTTP request of a REST caller (behaviour, section 4.5)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from naftiko_runtime.values import ABSENT, Json, Value
from tests.corpus.oracle.exposed import Unit
from tests.corpus.oracle.inputs import ExpectedInput
from tests.corpus.oracle.names import pieces
from tests.corpus.oracle.texts import as_text

_STRAY: Final = {
    "x-stray": "1",
    "x-forwarded-for": "192.0.2.1",
    "referer": "https://caller.example/",
    "cookie": "session=of-the-caller",
    "authorization": "Bearer of-the-caller",
    "accept": "*/*",
}
"""What a client sends of its own accord, and upstream must not see unless it is an input."""


@dataclass(frozen=True, slots=True)
class HttpCall:
    """An HTTP request to the runtime; headers in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    def __str__(self) -> str:
        target = f"{self.path}?{self.query}" if self.query else self.path
        return f"{self.method} {target} with {dict(self.headers)} and {self.body!r}"


def http_call(
    unit: Unit, inputs: Sequence[ExpectedInput], arguments: Mapping[str, Json], *, readable: bool
) -> HttpCall:
    """Return the request that carries arguments to a REST operation.

    Args:
        unit: The operation.
        inputs: Its inputs.
        arguments: Their values, those left out excepted.
        readable: Whether names in the query are written as people type them, not encoded.
    """
    given = [(one, arguments[one.name]) for one in inputs if one.name in arguments]
    body = _body(given)
    headers = _headers(inputs, given)
    if body is not ABSENT:
        headers["content-type"] = "application/json"
    return HttpCall(
        unit.method,
        _path(unit.path, arguments),
        "&".join(_query(given, "$[]@" if readable else "")),
        headers,
        json.dumps(body).encode() if body is not ABSENT else b"",
    )


_Given = Sequence[tuple[ExpectedInput, Json]]


def _path(template: str, arguments: Mapping[str, Json]) -> str:
    return "".join(
        literal + (_segment(as_text(arguments[name])) if name is not None else "")
        for literal, name in pieces(template)
    )


def _segment(text: str) -> str:
    """Return a path variable as a careful client writes it, dot segments included."""
    encoded = quote(text, safe="")
    return encoded.replace(".", "%2E") if text in (".", "..") else encoded


def _query(given: _Given, safe: str) -> Iterator[str]:
    for one, value in given:
        if one.place == "query":
            for key, text in _pairs(one.name, value):
                yield f"{quote(key, safe=safe)}={quote(text, safe='')}"


def _pairs(name: str, value: Json) -> Iterator[tuple[str, str]]:
    """Yield what a caller writes for a value: lists repeat the name, objects are `name[key]`."""
    if isinstance(value, list):
        yield from ((name, as_text(one)) for one in value)
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from _pairs(f"{name}[{key}]", member)
    else:
        yield name, as_text(value)


def _headers(inputs: Sequence[ExpectedInput], given: _Given) -> dict[str, str]:
    own = {one.name.lower() for one in inputs if one.place == "header"}
    stray = {name: value for name, value in _STRAY.items() if name not in own or name == "accept"}
    sent = {one.name.lower(): as_text(value) for one, value in given if one.place == "header"}
    return stray | sent


def _body(given: _Given) -> Value:
    whole = [value for one, value in given if one.place == "body"]
    fields: dict[str, Json] = {one.name: value for one, value in given if one.place == "field"}
    if whole:
        return whole[0]
    return fields or ABSENT
