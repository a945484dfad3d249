"""Calls: a consumed operation bound to the inputs of one exposed unit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field
from typing import Final, Generic, TypeVar

from naftiko_runtime.diagnostics import Position
from naftiko_runtime.plan.base_uris import BaseUri, MissingBaseUri
from naftiko_runtime.plan.bodies import BodyPlan
from naftiko_runtime.plan.consumed import Consumed
from naftiko_runtime.plan.credentials import Credentials
from naftiko_runtime.plan.expressions import Evaluate, Inputs, Scope, compile_term
from naftiko_runtime.plan.formats import FormatPlan
from naftiko_runtime.plan.inputs import Place
from naftiko_runtime.plan.paths import (
    PathTemplate,
    Variable,
    encode_literal,
    encode_query_text,
    encode_variable,
)
from naftiko_runtime.plan.resilience import ResiliencePolicy
from naftiko_runtime.plan.serialisation import (
    cookie_pair,
    header_value,
    query_pairs,
    quote_query_name,
)
from naftiko_runtime.plan.terms import Term, input_references
from naftiko_runtime.values import ABSENT, Absent, record

Pair = TypeVar("Pair", str, bytes)

ACCEPT: Final = {
    "json": b"application/json",
    "xml": b"application/xml, text/xml;q=0.9",
    "csv": b"text/csv",
    "tsv": b"text/tab-separated-values",
    "yaml": b"application/yaml, text/yaml;q=0.9",
    "html": b"text/html",
    "markdown": b"text/markdown",
}
ACCEPT_ANYTHING: Final = b"*/*"

OF_THE_RUNTIME: Final = (b"user-agent", b"accept-encoding")
"""The headers of every request that tell of the runtime; their values are known where it runs."""

_IN_HEADERS: Final = frozenset({Place.HEADER, Place.COOKIE})


@record
class Feed:
    """How one parameter of the upstream request gets its value.

    Attributes:
        name: As upstream calls it.
        place: Where it travels.
        term: What it is fed with.
        at: Where the document says so.
        style: OpenAPI's `style`, where the document gives one.
        explode: OpenAPI's `explode`, where the document gives one.
    """

    name: str
    place: Place
    term: Term
    at: Position
    style: str | None = None
    explode: bool | None = None


@record
class CallPlan:
    """One upstream request, but for the values of a call.

    Attributes:
        address: The consumed operation, `namespace.name`.
        method: The upstream method.
        base: Where the API lives, or what that lacks.
        path: The path behind the base URI, for explanations and for links in answers.
        target: Writes path and query, credentials' query included.
        headers: Writes the headers that parameters bring: pairs with names in lower case.
        steady_headers: The headers of every call, credentials' included, where no value of a call
            changes any; None where one may. Those that tell of the runtime come on top.
        cookies: Writes the cookie pairs, credentials' cookies included.
        brings_credential: Whether the values of a call replace a configured credential.
        body: The body; None where the operation has none.
        accept: The `Accept` header that fits the format of the answer.
        format: The format of the answer's body.
        credentials: What is added to prove who calls.
        resilience: What is done when upstream is slow, busy or broken.
        feeds: All parameters, for explanations.
        at: Where the consumed operation is declared.
    """

    address: str
    method: str
    base: BaseUri | MissingBaseUri
    path: PathTemplate
    target: Callable[[Scope], bytes]
    headers: Callable[[Scope], dict[bytes, bytes]]
    steady_headers: tuple[tuple[bytes, bytes], ...] | None = field(repr=False)
    cookies: Callable[[Scope], list[bytes]]
    brings_credential: Callable[[Scope], bool]
    body: BodyPlan | None
    accept: bytes
    format: FormatPlan
    credentials: Credentials
    resilience: ResiliencePolicy
    feeds: tuple[Feed, ...]
    at: Position


def compile_call(
    consumed: Consumed, feeds: tuple[Feed, ...], body: BodyPlan | None, inputs: Inputs
) -> CallPlan:
    """Compile the call of an operation, now that inputs have their names."""
    media_type = consumed.format.media_type
    accept = (
        media_type.encode() if media_type else ACCEPT.get(consumed.format.name, ACCEPT_ANYTHING)
    )
    return CallPlan(
        consumed.address,
        consumed.method,
        consumed.base,
        consumed.path,
        _target(consumed, feeds, inputs),
        _headers([feed for feed in feeds if feed.place is Place.HEADER], inputs),
        _steady_headers(consumed.credentials, feeds, body, accept),
        _cookies(consumed, [feed for feed in feeds if feed.place is Place.COOKIE], inputs),
        _brings_credential(consumed, feeds, inputs),
        body,
        accept,
        consumed.format,
        consumed.credentials,
        consumed.resilience,
        feeds,
        consumed.at,
    )


def _target(
    consumed: Consumed, feeds: tuple[Feed, ...], inputs: Inputs
) -> Callable[[Scope], bytes]:
    """Compile path and query into one function; constant ones are encoded once."""
    path = _path(consumed, feeds, inputs)
    query = [feed for feed in feeds if feed.place is Place.QUERY]
    proofs = _Proofs(consumed.credentials.query)
    writers = [
        (
            compile_term(feed.term, inputs),
            query_pairs(feed.name, feed.style, feed.explode),
            proofs.take(f"{quote_query_name(feed.name)}="),
        )
        for feed in query
    ]
    written = [encode_query_text(consumed.path.query)] if consumed.path.query else []
    constant = (*written, *proofs.rest)
    if not query:
        suffix = "?" + "&".join(constant) if constant else ""
        return lambda scope: (path(scope) + suffix).encode()

    def target(scope: Scope) -> bytes:
        pairs = [*constant]
        for evaluate, write, otherwise in writers:
            value = evaluate(scope)
            pairs += otherwise if value is None or isinstance(value, Absent) else write(value)
        return (f"{path(scope)}?{'&'.join(pairs)}" if pairs else path(scope)).encode()

    return target


class _Proofs(Generic[Pair]):
    """Credentials in a query or a cookie, given out to the parameters that may replace them.

    Args:
        pairs: All of them, as `name=value`.

    Attributes:
        rest: Those that no parameter replaces.
    """

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self.rest: list[Pair] = list(pairs)

    def take(self, start: Pair) -> list[Pair]:
        """Return what is sent where the parameter is absent whose pairs start like this."""
        taken = [pair for pair in self.rest if pair.startswith(start)]
        self.rest = [pair for pair in self.rest if pair not in taken]
        return taken


def _path(consumed: Consumed, feeds: tuple[Feed, ...], inputs: Inputs) -> Callable[[Scope], str]:
    prefix = consumed.base.prefix if isinstance(consumed.base, BaseUri) else ""
    by_name = {feed.name: feed for feed in feeds if feed.place is Place.PATH}
    parts: list[str | tuple[str, Evaluate]] = []
    for part in consumed.path.parts:
        if isinstance(part, Variable):
            feed = by_name[part.name]
            parts.append((_told_name(feed, inputs), compile_term(feed.term, inputs)))
        else:
            parts.append(encode_literal(part))
    return _joined(prefix, parts)


def _told_name(feed: Feed, inputs: Inputs) -> str:
    """Return the name that problems use: the caller's, where one input alone feeds a parameter."""
    names = {inputs.find(reference.name) for reference in input_references(feed.term)}
    name = names.pop() if len(names) == 1 else None
    return name if name is not None else feed.name


def _joined(prefix: str, parts: list[str | tuple[str, Evaluate]]) -> Callable[[Scope], str]:
    head = prefix + "/" if parts or not prefix else prefix
    if parts and isinstance(parts[0], str):
        parts = [parts[0].lstrip("/"), *parts[1:]]
    if all(isinstance(part, str) for part in parts):
        constant = head + "".join(part for part in parts if isinstance(part, str))
        return lambda _: constant

    def path(scope: Scope) -> str:
        return head + "".join(
            [p if isinstance(p, str) else encode_variable(p[0], p[1](scope)) for p in parts]
        )

    return path


def _headers(feeds: list[Feed], inputs: Inputs) -> Callable[[Scope], dict[bytes, bytes]]:
    if not feeds:
        return lambda _: {}
    writers = [
        (feed.name.lower().encode(), _told_name(feed, inputs), compile_term(feed.term, inputs))
        for feed in feeds
    ]

    def headers(scope: Scope) -> dict[bytes, bytes]:
        written: dict[bytes, bytes] = {}
        for key, name, evaluate in writers:
            value = evaluate(scope)
            if value is not None and not isinstance(value, Absent):
                written[key] = header_value(name, value)
        return written

    return headers


def _steady_headers(
    credentials: Credentials, feeds: tuple[Feed, ...], body: BodyPlan | None, accept: bytes
) -> tuple[tuple[bytes, bytes], ...] | None:
    headers = dict(credentials.headers)
    headers.setdefault(b"accept", accept)
    if body is not None or credentials.cookies or credentials.missing:
        return None
    if any(name in headers for name in OF_THE_RUNTIME):
        return None
    if any(feed.place in _IN_HEADERS for feed in feeds):
        return None
    return tuple(headers.items())


def _cookies(
    consumed: Consumed, feeds: list[Feed], inputs: Inputs
) -> Callable[[Scope], list[bytes]]:
    proofs = _Proofs(consumed.credentials.cookies)
    writers = [
        (feed.name, compile_term(feed.term, inputs), proofs.take(f"{feed.name}=".encode()))
        for feed in feeds
    ]
    constant = proofs.rest
    if not writers:
        return lambda _: constant

    def cookies(scope: Scope) -> list[bytes]:
        pairs: list[bytes] = []
        for name, evaluate, otherwise in writers:
            value = evaluate(scope)
            if value is None or isinstance(value, Absent):
                pairs += otherwise
            else:
                pairs.append(cookie_pair(name, value))
        return [*pairs, *constant]

    return cookies


def _brings_credential(
    consumed: Consumed, feeds: tuple[Feed, ...], inputs: Inputs
) -> Callable[[Scope], bool]:
    """Compile whether a caller's value stands where a configured credential would."""
    provided = consumed.credentials.provides
    replacing = [
        compile_term(feed.term, inputs)
        for feed in feeds
        if (feed.place, feed.name.lower()) in provided
    ]
    return lambda scope: any(evaluate(scope) not in (None, ABSENT) for evaluate in replacing)
