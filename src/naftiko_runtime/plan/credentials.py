"""Credentials towards upstream, encoded once."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from naftiko_runtime.diagnostics import Position, did_you_mean
from naftiko_runtime.errors import VariableMissing
from naftiko_runtime.load.nodes import Node
from naftiko_runtime.load.variables import Variable
from naftiko_runtime.plan.expressions import Inputs, Scope, compile_term, to_text
from naftiko_runtime.plan.grants import DigestSecret, Grant, OAuth2Grant
from naftiko_runtime.plan.references import Names
from naftiko_runtime.plan.serialisation import quote_query, quote_query_name
from naftiko_runtime.plan.terms import VariableReference, leaves
from naftiko_runtime.spec.authentication import Authentication

TYPES: Final = ("bearer", "basic", "digest", "apikey", "oauth2")


@dataclass(frozen=True, slots=True)
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

    headers: tuple[tuple[bytes, bytes], ...] = ()
    query: tuple[str, ...] = ()
    cookies: tuple[bytes, ...] = ()
    grant: Grant | None = None
    missing: tuple[Variable, ...] = ()
    provides: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    at: Position | None = None


NONE: Final = Credentials()
_AUTHORIZATION: Final = "Authorization"


def _kind(block: Authentication) -> str | None:
    """Return the type as the specification spells it; headers alone make an API key."""
    if block.type is None:
        return "apikey" if block.headers is not None else None
    return block.type.replace("-", "").replace("_", "")


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
            self._report_type(kind)
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
        return Credentials(
            tuple((name.encode(), value.encode()) for name, value in headers.items()),
            query,
            cookies,
            grant,
            tuple(dict.fromkeys(self._missing)),
            frozenset(self._provides(headers)),
            self._block.position,
        )

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
        source = "token" if self._block.token is not None else "value"
        token = self._text(getattr(self._block, source), source)
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
        block = self._block
        if block.token_endpoint is None and block.authorization_server_uri is None:
            self._names.diagnostics.error(
                "authentication-incomplete",
                "'oauth2' authentication needs 'tokenEndpoint' or 'authorizationServerUri'",
                block.position,
            )
        scopes = (self._text(one, "scopes") for one in block.scopes)
        return OAuth2Grant(
            self._optional(block.token_endpoint, "tokenEndpoint"),
            self._optional(block.authorization_server_uri, "authorizationServerUri"),
            self._text(block.client_id, "clientId"),
            self._optional(block.client_secret, "clientSecret"),
            block.token_endpoint_auth_method in ("client_secret_post", "post"),
            tuple(word for scope in scopes for word in scope.split()),
            self._optional(block.audience, "audience"),
            self._optional(block.resource, "resource"),
            self._optional(block.refresh_token, "refreshToken"),
        )

    def _optional(self, value: Node, key: str) -> str | None:
        return None if value is None else self._text(value, key)

    def _api_key(self, headers: dict[str, str]) -> tuple[tuple[str, ...], tuple[bytes, ...]]:
        """Place the key: a header unless the block says query or cookie."""
        block = self._block
        if headers and not self._has_secret():
            return (), ()
        name = self._text(block.key, "key") if block.key is not None else _AUTHORIZATION
        source = "value" if block.value is not None else "token"
        value = self._text(block.value if source == "value" else block.token, source)
        if block.placement == "query":
            return (f"{quote_query_name(name)}={quote_query(value)}",), ()
        if block.placement == "cookie":
            return (), (f"{name}={value}".encode(),)
        headers.setdefault(name.lower(), value)
        return (), ()

    def _text(self, value: Node, key: str) -> str:
        """Return a value with its variables filled in; those without a value are noted."""
        at = self._block.at(key)
        if value is None:
            self._names.diagnostics.error(
                "authentication-incomplete",
                f"'{self._block.type}' authentication needs '{key}'",
                self._block.position,
            )
            return ""
        term = self._names.template(str(value), at)
        variables = [leaf.variable for leaf in leaves(term) if isinstance(leaf, VariableReference)]
        self._missing.extend(variable for variable in variables if variable.value is None)
        try:
            return to_text(compile_term(term, Inputs())(Scope())).strip()
        except VariableMissing:
            return ""

    def _has_secret(self) -> bool:
        """Return whether there is a credential besides the declared headers."""
        block = self._block
        return any(one is not None for one in (block.token, block.value, block.username))

    def _report_type(self, kind: str | None) -> None:
        at = self._block.at("type")
        self._names.diagnostics.error(
            "authentication-incomplete",
            f"there is no authentication type '{kind}'"
            if kind
            else "authentication needs a 'type'",
            at,
            hint=did_you_mean(kind or "", TYPES) or f"the types are {', '.join(TYPES)}",
        )
