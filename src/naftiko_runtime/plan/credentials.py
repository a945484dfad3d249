"""Credentials towards upstream, encoded once."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import field, replace
from typing import Final

from naftiko_runtime.diagnostics import Diagnostics, Position, did_you_mean
from naftiko_runtime.load.nodes import Node
from naftiko_runtime.load.variables import Variable
from naftiko_runtime.plan.grants import DigestSecret, Grant, OAuth2Grant
from naftiko_runtime.plan.header_fitness import fits_cookie, fits_header
from naftiko_runtime.plan.oauth2_grants import GrantReader
from naftiko_runtime.plan.references import Names
from naftiko_runtime.plan.serialisation import quote_query, quote_query_name
from naftiko_runtime.plan.settled import settle
from naftiko_runtime.plan.terms import Literal, Term, input_references
from naftiko_runtime.spec.authentication import Authentication
from naftiko_runtime.values import record

TYPES: Final = ("bearer", "basic", "digest", "apikey", "oauth2")


@record
class Credentials:
    """What proves to upstream who is calling.

    Attributes:
        headers: Header pairs, names in lower case.
        query: Encoded `name=value` pairs.
        cookies: Encoded `name=value` pairs.
        grant: Credentials that are obtained or computed while calls run.
        missing: The variables that have no value; a call then fails before it is sent.
        provides: What a caller need not bring: (place, name in lower case).
        at: Where the document declares them.
    """

    headers: tuple[tuple[bytes, bytes], ...] = field(default=(), repr=False)
    query: tuple[str, ...] = field(default=(), repr=False)
    cookies: tuple[bytes, ...] = field(default=(), repr=False)
    grant: Grant | None = None
    missing: tuple[Variable, ...] = ()
    provides: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    at: Position | None = None


NONE: Final = Credentials()
_AUTHORIZATION: Final = "Authorization"


def _kind(block: Authentication) -> str | None:
    """Return the type; headers alone make an API key."""
    if block.type is None and block.headers is not None:
        return "apikey"
    return block.kind


def report_type(block: Authentication, diagnostics: Diagnostics) -> None:
    """Report that there is no such type of authentication, or none at all."""
    unknown = f"there is no authentication type '{block.type}'"
    diagnostics.error(
        "authentication-incomplete",
        unknown if block.type else "authentication needs a 'type'",
        block.at("type"),
        hint=did_you_mean(block.kind or "", TYPES) or f"the types are {', '.join(TYPES)}",
    )


def read_secret(block: Authentication, value: Node, key: str, names: Names) -> Term:
    """Read one value of an `authentication` block; it may hold variables, but no inputs.

    What is wrong with it is reported.
    """
    if value is None:
        message = f"'{block.type}' authentication needs '{key}'"
        names.diagnostics.error("authentication-incomplete", message, block.position)
        return Literal("")
    return settled_term(str(value), key, block.at(key), names)


def settled_term(text: str, key: str, at: Position, names: Names) -> Term:
    """Read a text that may hold variables, but no inputs; what is wrong with it is reported."""
    term = replace(names, takes_inputs=False).template(text, at)
    for reference in input_references(term):
        message = f"'{key}' can't be the input '{reference.name}': it is settled before any call"
        names.diagnostics.error("authentication-incomplete", message, at)
    return term


class CredentialReader:
    """Compiles one `authentication` block."""

    def __init__(self, block: Authentication, names: Names) -> None:
        self._block = block
        self._names = names
        self._missing: list[Variable] = []

    def read(self) -> Credentials | None:
        """Return the credentials; None if their type can't be served (then it is reported)."""
        kind = _kind(self._block)
        if kind == "none":
            return NONE
        if kind not in TYPES:
            report_type(self._block, self._names.diagnostics)
            return None
        headers = dict(self._declared_headers())
        query: tuple[str, ...] = ()
        cookies: tuple[bytes, ...] = ()
        grant = None
        if kind in ("digest", "oauth2"):
            grant = self._digest() if kind == "digest" else self._oauth2()
        elif kind == "apikey":
            query, cookies = self._api_key(headers)
        elif not headers or self._has_secret():
            authorization = self._bearer() if kind == "bearer" else self._basic()
            headers.setdefault("authorization", authorization)
        self._check_fit(headers, cookies)
        return Credentials(
            tuple((name.encode(), value.encode()) for name, value in headers.items()),
            query,
            cookies,
            grant,
            tuple(dict.fromkeys(self._missing)),
            frozenset(self._provides(headers)),
            self._block.position,
        )

    def _check_fit(self, headers: dict[str, str], cookies: tuple[bytes, ...]) -> None:
        """Report what would end or split a header or a cookie, without showing the value."""
        for name, value in headers.items():
            if not fits_header(name, value):
                self._report_unfit(f"header '{name}'")
        for pair in cookies:
            name, _, value = pair.decode().partition("=")
            if not fits_cookie(name, value):
                self._report_unfit(f"cookie '{name}'")

    def _report_unfit(self, where: str) -> None:
        message = f"the credential can't be sent in the {where}: name or value is not fit for it"
        self._names.diagnostics.error("value-invalid", message, self._block.position)

    def _provides(self, headers: dict[str, str]) -> Iterator[tuple[str, str]]:
        yield from (("header", name) for name in headers)
        if _kind(self._block) in ("digest", "oauth2"):
            yield ("header", "authorization")
        key, placement = self._block.key, self._block.placement
        if _kind(self._block) == "apikey" and key is not None and placement in ("query", "cookie"):
            yield (placement, str(key).lower())

    def _declared_headers(self) -> Iterator[tuple[str, str]]:
        for name, value in (self._block.headers or {}).items():
            yield name.lower(), self._text(value, "headers")

    def _bearer(self) -> str:
        token = self._secret("token", "value")
        return token if token.lower().startswith("bearer ") else f"Bearer {token}"

    def _basic(self) -> str:
        username = self._text(self._block.username, "username")
        password = self._text(self._block.password, "password")
        pair = base64.b64encode(f"{username}:{password}".encode()).decode()
        return f"Basic {pair}"

    def _digest(self) -> DigestSecret:
        block = self._block
        return DigestSecret(
            self._text(block.username, "username"), self._text(block.password, "password")
        )

    def _oauth2(self) -> OAuth2Grant:
        return GrantReader(self._block, self._text, self._names.diagnostics).read()

    def _api_key(self, headers: dict[str, str]) -> tuple[tuple[str, ...], tuple[bytes, ...]]:
        """Place the key: a header unless the block says query or cookie."""
        block = self._block
        if headers and not self._has_secret():
            return (), ()
        name = self._text(block.key, "key") if block.key is not None else _AUTHORIZATION
        value = self._secret("value", "token")
        if block.placement == "query":
            return (f"{quote_query_name(name)}={quote_query(value)}",), ()
        if block.placement == "cookie":
            return (), (f"{name}={value}".encode(),)
        headers.setdefault(name.lower(), value)
        return (), ()

    def _secret(self, key: str, other: str) -> str:
        """Return the value of the key that the type has, or of the other one if only that is."""
        given = next((one for one in (key, other) if getattr(self._block, one) is not None), key)
        return self._text(getattr(self._block, given), given)

    def _text(self, value: Node, key: str) -> str:
        """Return a value with its variables filled in; those without a value are noted."""
        settled = settle(read_secret(self._block, value, key, self._names))
        self._missing.extend(settled.missing)
        return settled.text

    def _has_secret(self) -> bool:
        """Return whether there is a credential besides the declared headers."""
        block = self._block
        return any(one is not None for one in (block.token, block.value, block.username))
