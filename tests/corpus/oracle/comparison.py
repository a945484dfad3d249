"""What differs between the request that upstream must see and the one that was sent."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qsl

from naftiko_runtime._version import __version__
from naftiko_runtime.execute.upstream.message import UpstreamRequest
from naftiko_runtime.values import ABSENT, Value
from tests.corpus.oracle.request import ExpectedRequest

_LEGAL_QUERY: Final = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?\[\]]|%[0-9A-Fa-f]{2})*")
_OWN: Final = frozenset({"user-agent", "accept", "accept-encoding", "content-type", "traceparent"})


def differences(expected: ExpectedRequest, got: UpstreamRequest) -> Iterator[str]:
    """Yield one line for everything that is not as it must be."""
    if got.method != expected.method:
        yield _line("method", expected.method, got.method)
    origin = (got.origin.scheme, got.origin.host, got.origin.port)
    if origin != expected.origin:
        yield _line("origin", expected.origin, origin)
    yield from _target_differences(expected, got.target.decode("ascii"))
    yield from _header_differences(expected, got)
    yield from _body_differences(expected.body, got)


def _target_differences(expected: ExpectedRequest, target: str) -> Iterator[str]:
    path, _, query = target.partition("?")
    if path != expected.path:
        yield _line("path", expected.path, path)
    if not _LEGAL_QUERY.fullmatch(query):
        yield f"query: {query!r} has characters that RFC 3986 does not allow there"
    decoded: dict[str, list[str]] = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        decoded.setdefault(key, []).append(value)
    if decoded != expected.query:
        yield _line("query", dict(expected.query), decoded)


def _header_differences(expected: ExpectedRequest, got: UpstreamRequest) -> Iterator[str]:
    pairs = [(name.decode(), value.decode("latin-1")) for name, value in got.headers]
    repeated = [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
    if repeated:
        yield f"headers: {repeated} are sent more than once"
    headers = dict(pairs)
    for name, value in (_defaults(expected) | dict(expected.headers)).items():
        if headers.get(name) != value:
            yield _line(f"header {name}", value, headers.get(name))
    stray = sorted(set(headers) - set(expected.headers) - _OWN)
    if stray:
        yield f"headers: nobody asked for {stray}"
    if "accept-encoding" not in headers:
        yield "headers: there is no accept-encoding"


def _defaults(expected: ExpectedRequest) -> dict[str, str]:
    """Return the runtime's own headers; all files of the corpus expect JSON."""
    return {"user-agent": f"naftiko-runtime/{__version__}", "accept": "application/json"}


def _body_differences(expected: Value, got: UpstreamRequest) -> Iterator[str]:
    kinds = [value.decode() for name, value in got.headers if name == b"content-type"]
    if expected is ABSENT:
        if got.body is not None or kinds:
            yield _line("body", "no body, no content type", (got.body, kinds))
        return
    if kinds != ["application/json"]:
        yield _line("content type", ["application/json"], kinds)
    if _canonical_json(got.body) != _canonical(expected):
        yield _line("body", _canonical(expected), got.body)


def _canonical(value: object) -> str:
    """Return a JSON value as text that differs where values differ, `1` and `true` included."""
    return json.dumps(value, sort_keys=True)


def _canonical_json(body: bytes | None) -> str | None:
    """Return a JSON text in the same form, or None where it is no JSON."""
    try:
        return _canonical(json.loads(body or b""))
    except ValueError:
        return None


def _line(what: str, expected: object, got: object) -> str:
    return f"{what}: expected {expected!r}, got {got!r}"
