"""What callers of an adapter have to prove, compiled from its `authentication`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from naftiko_runtime.diagnostics import Diagnostics, did_you_mean
from naftiko_runtime.errors import VariableMissing
from naftiko_runtime.load.nodes import Node
from naftiko_runtime.plan.credentials import read_secret, report_type
from naftiko_runtime.plan.expressions import Inputs, Scope, compile_term, to_text
from naftiko_runtime.plan.operations import Operation
from naftiko_runtime.plan.proofs import (
    CallerCheck,
    DigestCheck,
    Introspection,
    NamedSecret,
    OAuth2Check,
    SecretCheck,
    carries_proof,
)
from naftiko_runtime.plan.references import Names
from naftiko_runtime.plan.web_addresses import is_web_address
from naftiko_runtime.spec.authentication import Authentication

__all__ = ["CallerCheck", "carries_proof", "read_caller_check", "report_withheld"]

_VALIDATIONS: Final = ("jwks", "introspection")
_DIGESTS: Final = ("SHA-256", "SHA-256-sess", "MD5", "MD5-sess")
_OFFERED_DIGESTS: Final = ("SHA-256", "MD5")
_IN_BODY: Final = ("client_secret_post", "post")

SIGNATURES: Final = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
)
"""The signatures of tokens that can be checked, all of them by a public key: RFC 7518, RFC 8037."""


def read_caller_check(
    block: Authentication | None, names: Names, adapter: str
) -> CallerCheck | None:
    """Compile an adapter's `authentication`; None where it has none, or its type is `none`.

    What can't be checked is an error of the capability: an adapter that asks for proof is never
    served without.

    Args:
        block: As the document has it.
        names: What names mean in the adapter.
        adapter: Its namespace, for messages.
    """
    if block is None:
        return None
    reader = _CheckReader(block, names, adapter)
    match block.kind:
        case "none":
            return None
        case "bearer":
            return reader.bearer()
        case "basic":
            return reader.basic()
        case "apikey":
            return reader.api_key()
        case "digest":
            return reader.digest()
        case "oauth2":
            return reader.oauth2()
    report_type(block, names.diagnostics)
    return None


def report_withheld(
    check: CallerCheck | None, operation: Operation, diagnostics: Diagnostics
) -> None:
    """Report the inputs that an operation can never get, for they carry its callers' proof."""
    for one in operation.inputs:
        if one.required and not one.hidden and carries_proof(check, one.place, one.name):
            diagnostics.warning(
                "proof-withheld",
                f"'{one.name}' of {operation.address} is what callers prove themselves with; "
                "it is not passed on, so the input is always missing",
                one.declared_at or operation.at,
                hint="give the consumed API an 'authentication' of its own",
            )


class _CheckReader:
    """Compiles one block."""

    def __init__(self, block: Authentication, names: Names, adapter: str) -> None:
        self._block = block
        self._names = names
        self._adapter = adapter

    def bearer(self) -> SecretCheck:
        secrets = self._secrets("token" if self._block.value is None else "value")
        return SecretCheck("bearer", "header", "authorization", secrets)

    def api_key(self) -> SecretCheck:
        placement = self._block.placement
        place = placement if placement in ("query", "cookie") else "header"
        key = "Authorization" if self._block.key is None else self._text(self._block.key, "key")
        name = key.lower() if place == "header" else key
        return SecretCheck("apikey", place, name, self._secrets("value"))

    def basic(self) -> SecretCheck:
        pairs = (
            NamedSecret(user, f"{user}:{password}".encode() if user and password else b"")
            for user, password in self._users()
        )
        return SecretCheck("basic", "header", "authorization", tuple(pairs))

    def digest(self) -> DigestCheck:
        users = tuple((user, password) for user, password in self._users() if user and password)
        return DigestCheck(users, self._algorithms(_DIGESTS) or _OFFERED_DIGESTS)

    def oauth2(self) -> OAuth2Check:
        block = self._block
        server = self._address(block.authorization_server_uri, "authorizationServerUri")
        if server is None:
            self._report_lack("authorizationServerUri")
        resource = self._optional(block.resource, "resource")
        audience = self._optional(block.audience, "audience")
        if resource is None and audience is None:
            self._report_lack("resource")
        scopes = (self._text(one, "scopes") for one in block.scopes)
        return OAuth2Check(
            server or "",
            resource or None,
            audience or resource or "",
            tuple(dict.fromkeys(word for scope in scopes for word in scope.split())),
            self._algorithms(SIGNATURES) or SIGNATURES,
            self._address(block.jwks_uri, "jwksUri"),
            self._introspection(),
            self._address(block.token_endpoint, "tokenEndpoint"),
        )

    def _secrets(self, key: str) -> tuple[NamedSecret, ...]:
        """Return the secret of the block itself, and those under `keys`."""
        value: Node = getattr(self._block, key)
        secrets = [NamedSecret(name, secret.encode()) for name, secret in self._keys()]
        if value is not None or not self._block.keys:
            secrets.insert(0, NamedSecret(None, self._text(value, key).encode()))
        return tuple(secrets)

    def _users(self) -> Iterator[tuple[str, str]]:
        """Yield user names and passwords: of the block itself, and those under `keys`."""
        block = self._block
        if block.username is not None or block.password is not None or not block.keys:
            yield self._text(block.username, "username"), self._text(block.password, "password")
        for name, password in self._keys():
            yield name or "", password

    def _keys(self) -> Iterator[tuple[str | None, str]]:
        for key in self._block.keys:
            if key.value is None:
                message = f"the key '{key.name}' of '{self._adapter}' has no value"
                self._names.diagnostics.error("authentication-incomplete", message, key.position)
            else:
                yield key.name, self._text(key.value, "keys")

    def _introspection(self) -> Introspection | None:
        block = self._block
        validation = self._chosen(block.token_validation, "tokenValidation", _VALIDATIONS)
        if validation != "introspection":
            return None
        return Introspection(
            self._address(block.introspection_endpoint, "introspectionEndpoint"),
            self._optional(block.client_id, "clientId"),
            self._optional(block.client_secret, "clientSecret"),
            block.token_endpoint_auth_method in _IN_BODY,
        )

    def _algorithms(self, known: Sequence[str]) -> tuple[str, ...]:
        """Return the algorithms that the block names, spelled as they are registered."""
        spellings = {one.lower(): one for one in known}
        named = [one for one in self._block.algorithms if one is not None]
        for one in named:
            if one.lower() not in spellings:
                self._report_value("algorithms", one, known)
        return tuple(spellings[one.lower()] for one in named if one.lower() in spellings)

    def _chosen(self, word: str | None, key: str, known: Sequence[str]) -> str | None:
        if word is not None and word not in known:
            self._report_value(key, word, known)
            return None
        return word

    def _address(self, value: Node, key: str) -> str | None:
        """Return a URL; None where there is none, empty where a variable has no value."""
        url = self._optional(value, key)
        if url and not is_web_address(url):
            message = f"'{key}' has to be a URL with http or https, and no fragment"
            self._names.diagnostics.error("value-invalid", message, self._block.at(key))
        return url

    def _optional(self, value: Node, key: str) -> str | None:
        return None if value is None else self._text(value, key)

    def _text(self, value: Node, key: str) -> str:
        """Return a value with its variables filled in; empty where one has no value."""
        term = read_secret(self._block, value, key, self._names)
        try:
            return to_text(compile_term(term, Inputs())(Scope()))
        except VariableMissing:
            return ""

    def _report_lack(self, key: str) -> None:
        message = f"'{self._block.type}' authentication needs '{key}'"
        self._names.diagnostics.error("authentication-incomplete", message, self._block.position)

    def _report_value(self, key: str, value: str, known: Sequence[str]) -> None:
        self._names.diagnostics.error(
            "value-invalid",
            f"'{key}' can't be '{value}' in the authentication of '{self._adapter}'",
            self._block.at(key),
            hint=did_you_mean(value, known) or f"it is one of {', '.join(known)}",
        )
