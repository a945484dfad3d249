"""Where each part of an upstream request comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import unquote_plus

from naftiko_runtime.diagnostics import Position
from naftiko_runtime.execute.upstream.message import UpstreamRequest
from naftiko_runtime.plan.calls import CallPlan, Feed
from naftiko_runtime.plan.expressions import Scope
from naftiko_runtime.plan.inputs import Place
from naftiko_runtime.plan.terms import (
    FirstOf,
    InputReference,
    Literal,
    StepReference,
    Term,
    VariableReference,
    leaves,
)

_SHOWN_CHARACTERS: Final = 40


class Origin(NamedTuple):
    """Where one part of a request comes from.

    Attributes:
        part: The part, such as `query limit`.
        source: What it is made of.
        at: Where the document says so, as `file:line`; empty for what the runtime adds by itself.
    """

    part: str
    source: str
    at: str


def provenance(call: CallPlan, scope: Scope, request: UpstreamRequest) -> Iterator[Origin]:
    """Yield the origin of each part of a request, and of each parameter that was left out.

    Args:
        call: What was to be sent.
        scope: The values it was made with.
        request: What came of it.
    """
    yield Origin("method, path", call.address, _line(call.at))
    yield Origin("base URI", str(call.base), "")
    brought = call.headers(scope)
    credentials = list(_credentials(call, request, brought))
    proofs = {one.part.lower() for one in credentials}
    for feed in call.feeds:
        if f"{feed.place} {feed.name}".lower() in proofs:
            continue
        sent = _is_sent(feed, request, brought)
        source = describe(feed.term) if sent else f"not sent: no {describe(feed.term)}"
        yield Origin(f"{feed.place} {feed.name}", source, _line(feed.at))
    yield from credentials
    if call.body is not None and request.body is not None:
        made_of = dict.fromkeys(describe(term) for term in call.body.terms)
        yield Origin("body", ", ".join(made_of), _line(call.body.at))
    yield from _added(call, request, brought)


def describe(term: Term) -> str:
    """Return in words what a term is made of."""
    match term:
        case Literal(value):
            text = json.dumps(value, ensure_ascii=False)
            cut = text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
            return f"the fixed value {cut}"
        case InputReference(name):
            return f"input '{name}'"
        case StepReference(step):
            return f"output of step '{step}'"
        case VariableReference(variable):
            return f"variable '{variable.name}'"
        case FirstOf(choices):
            return ", else ".join(describe(choice) for choice in choices)
    named = [describe(leaf) for leaf in leaves(term) if not isinstance(leaf, Literal)]
    return f"a template with {', '.join(dict.fromkeys(named))}" if named else "a fixed text"


def _is_sent(feed: Feed, request: UpstreamRequest, brought: dict[bytes, bytes]) -> bool:
    if feed.place is Place.HEADER:
        return feed.name.lower().encode() in brought
    if feed.place is Place.QUERY:
        return _has_name(feed.name, _query(request))
    if feed.place is Place.COOKIE:
        return _has_name(feed.name, _cookies(request))
    return True


def _query(request: UpstreamRequest) -> list[str]:
    return request.target.decode().partition("?")[2].split("&")


def _cookies(request: UpstreamRequest) -> list[str]:
    return dict(request.headers).get(b"cookie", b"").decode("latin-1").split("; ")


def _has_name(name: str, pairs: list[str]) -> bool:
    names = [unquote_plus(pair.partition("=")[0]) for pair in pairs]
    return any(one == name or one.startswith(f"{name}[") for one in names)


def _credentials(
    call: CallPlan, request: UpstreamRequest, brought: dict[bytes, bytes]
) -> Iterator[Origin]:
    credentials = call.credentials
    at = _line(credentials.at) if credentials.at else ""
    names = [f"header {name.decode()}" for name, _ in credentials.headers if name not in brought]
    cookies = [pair.decode("latin-1") for pair in credentials.cookies]
    names += [f"query {_name(pair)}" for pair in credentials.query if pair in _query(request)]
    names += [f"cookie {_name(pair)}" for pair in cookies if pair in _cookies(request)]
    for name in names:
        yield Origin(name, "authentication", at)


def _name(pair: str) -> str:
    return unquote_plus(pair.partition("=")[0])


def _added(
    call: CallPlan, request: UpstreamRequest, brought: dict[bytes, bytes]
) -> Iterator[Origin]:
    """Yield the headers that nothing in the document asks for."""
    asked = {*brought, *(name for name, _ in call.credentials.headers), b"cookie"}
    reasons = {b"accept": f"outputRawFormat {call.format.name}", b"content-type": "the body's type"}
    for name, _ in request.headers:
        if name not in asked:
            source = reasons.get(name, "the runtime")
            yield Origin(f"header {name.decode()}", source, "")


def _line(at: Position) -> str:
    return f"{at.file}:{at.line}"
