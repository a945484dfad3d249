"""Requests that are passed on to a consumed API as they are: `forward`. Section 10."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field, replace
from typing import Final
from urllib.parse import unquote_plus

from naftiko_runtime.diagnostics import Position, did_you_mean
from naftiko_runtime.errors import InvalidInput, VariableMissing
from naftiko_runtime.plan.base_uris import BaseUri, MissingBaseUri
from naftiko_runtime.plan.callers import CallerCheck, carries_proof
from naftiko_runtime.plan.consumed import Api
from naftiko_runtime.plan.context import Context
from naftiko_runtime.plan.credentials import NONE, CredentialReader, Credentials
from naftiko_runtime.plan.expressions import Inputs, Scope, compile_term
from naftiko_runtime.plan.header_fitness import UNSETTABLE_HEADERS
from naftiko_runtime.plan.inputs import Place
from naftiko_runtime.plan.paths import PathTemplate, Variable
from naftiko_runtime.plan.resilience import ResiliencePolicy
from naftiko_runtime.plan.serialisation import cookie_pair, header_value, query_pairs
from naftiko_runtime.spec.parameters import InputParameter
from naftiko_runtime.spec.rest import Forward
from naftiko_runtime.values import Absent, Json, record

_REST: Final = "path"
"""The variable that stands for the path behind the base URI."""

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")


@record
class ForwardPlan:
    """What requests of one resource are passed on to, and with what.

    Attributes:
        address: The resource, `namespace.name`.
        target: The consumed API's namespace.
        base: Where it lives, or what that lacks.
        trusted: The callers' headers that are passed on, in lower case.
        headers: The API's fixed headers, names in lower case.
        query: Encoded pairs: the API's fixed parameters and credentials.
        cookies: Encoded pairs, of the same.
        own_query: The names of query parameters that are not passed on: those that are added here,
            and the one that callers prove themselves with.
        own_cookies: The same of cookies.
        credentials: What is added to prove who calls.
        resilience: What is done when the API is slow, busy or broken.
        missing: Why nothing can be passed on, where a fixed parameter has no value.
        at: Where the document declares it.
    """

    address: str
    target: str
    base: BaseUri | MissingBaseUri
    trusted: frozenset[bytes]
    headers: tuple[tuple[bytes, bytes], ...] = field(repr=False)
    query: tuple[str, ...] = field(repr=False)
    cookies: tuple[bytes, ...] = field(repr=False)
    own_query: frozenset[str]
    own_cookies: frozenset[str]
    credentials: Credentials
    resilience: ResiliencePolicy
    missing: str | None
    at: Position


def forward_path(path: PathTemplate) -> PathTemplate:
    """Return the path of a resource that forwards: its last variable `path` spans slashes."""
    *before, last = path.parts
    if not (before and isinstance(last, Variable) and last.name == _REST):
        return path
    return replace(path, spans=isinstance(before[-1], str) and before[-1].endswith("/"))


def plan_forward(
    forward: Forward, unit: str, callers: CallerCheck | None, context: Context
) -> ForwardPlan | None:
    """Compile a `forward`; None if it can't be served (an error tells why).

    Args:
        forward: The declaration.
        unit: The resource, `namespace.name`.
        callers: What callers of the adapter have to prove.
        context: The consumed APIs, and what names mean.
    """
    api = _target(forward, unit, context)
    if api is None:
        return None
    block = api.spec.authentication
    proof = CredentialReader(block, context.names).read() if block is not None else None
    credentials = proof or NONE
    fixed = _FixedParameters(unit, context)
    fixed.read(api.spec.input_parameters)
    query = (*fixed.query, *credentials.query)
    cookies = (*fixed.cookies, *credentials.cookies)
    return ForwardPlan(
        unit,
        api.namespace,
        api.base,
        frozenset(_trusted(forward, callers, context)),
        tuple(fixed.headers),
        query,
        cookies,
        _names(query, Place.QUERY, callers),
        _names([pair.decode() for pair in cookies], Place.COOKIE, callers),
        credentials,
        api.resilience.of_streams,
        fixed.missing,
        forward.position,
    )


def _target(forward: Forward, unit: str, context: Context) -> Api | None:
    namespace = forward.target_namespace
    api = context.apis.get(namespace or "")
    if namespace and api is not None:
        return api
    context.diagnostics.error(
        "namespace-unknown" if namespace else "value-missing",
        f"there is no consumed API '{namespace}'"
        if namespace
        else "'forward' has to say its 'targetNamespace'",
        forward.at("targetNamespace"),
        hint=did_you_mean(namespace or "", list(context.apis)),
        unit=unit,
    )
    return None


def _trusted(forward: Forward, callers: CallerCheck | None, context: Context) -> Iterator[bytes]:
    """Yield the headers that are passed on; those that never are get a warning."""
    for written in forward.trusted_headers:
        name = (written or "").strip().lower()
        reason = _withheld(name, callers)
        if reason is None:
            yield name.encode()
            continue
        context.diagnostics.warning(
            "header-not-forwarded",
            f"the header '{written}' is not passed on: {reason}",
            forward.at("trustedHeaders"),
        )


def _withheld(name: str, callers: CallerCheck | None) -> str | None:
    """Return why a header is never passed on; None where it is."""
    if name in UNSETTABLE_HEADERS:
        return "it belongs to the connection"
    if not _TOKEN.fullmatch(name):
        return "this is no header's name"
    if carries_proof(callers, Place.HEADER, name):
        return "callers prove themselves with it, and that proof ends here"
    return None


def _names(pairs: Iterable[str], place: Place, callers: CallerCheck | None) -> frozenset[str]:
    names = {unquote_plus(pair.partition("=")[0]) for pair in pairs}
    if callers is not None and callers.place == place:
        names.add(callers.name)
    return frozenset(names)


class _FixedParameters:
    """Encodes the parameters of a consumed API that have a `value`.

    Attributes:
        headers: Header pairs, names in lower case.
        query: Encoded pairs.
        cookies: Encoded pairs.
        missing: What lacks a value, and how to set it; None where nothing does.
    """

    def __init__(self, unit: str, context: Context) -> None:
        self._unit = unit
        self._context = context
        self.headers: list[tuple[bytes, bytes]] = []
        self.query: list[str] = []
        self.cookies: list[bytes] = []
        self.missing: str | None = None

    def read(self, parameters: Sequence[InputParameter]) -> None:
        """Take all of them."""
        for spec in parameters:
            if spec.value is None or not spec.name:
                continue
            value = self._value(spec)
            if value is not None and not isinstance(value, Absent):
                self._write(spec, spec.name, value)

    def _value(self, spec: InputParameter) -> Json | Absent:
        try:
            return compile_term(self._context.names.term(spec.value, spec.at("value")), Inputs())(
                Scope()
            )
        except VariableMissing as error:
            self.missing = self.missing or error.detail
            return None

    def _write(self, spec: InputParameter, name: str, value: Json) -> None:
        place = Place.named(spec.in_)
        if spec.in_ is None or place is Place.QUERY:
            self.query += query_pairs(name, spec.style, spec.explode)(value)
        elif place is Place.COOKIE:
            self.cookies.append(cookie_pair(name, value))
        elif place is Place.HEADER and name.lower() not in UNSETTABLE_HEADERS:
            self._write_header(spec, name, value)

    def _write_header(self, spec: InputParameter, name: str, value: Json) -> None:
        try:
            self.headers.append((name.lower().encode(), header_value(name, value)))
        except InvalidInput as error:
            self._context.diagnostics.error(
                "value-invalid", error.detail, spec.at("value"), unit=self._unit
            )
