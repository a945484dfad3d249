"""`oauth2` of consumed APIs: how access tokens are asked for, and as which client."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from naftiko_runtime.diagnostics import Diagnostics, did_you_mean
from naftiko_runtime.load.nodes import Node
from naftiko_runtime.plan.grants import ClientKey, ClientProof, OAuth2Grant
from naftiko_runtime.plan.web_addresses import is_web_address
from naftiko_runtime.spec.authentication import Authentication

_PROOFS: Final[dict[str, ClientProof]] = {
    "client_secret_basic": "client_secret_basic",
    "client_secret_post": "client_secret_post",
    "private_key_jwt": "private_key_jwt",
    "none": "none",
    "basic": "client_secret_basic",
    "post": "client_secret_post",
}
_GRANT_TYPES: Final = ("client_credentials", "refresh_token")


class GrantReader:
    """Reads one `oauth2` block of a consumed API.

    Args:
        block: The block.
        text: Returns a value with its variables filled in.
        diagnostics: Takes what is wrong.
    """

    def __init__(
        self, block: Authentication, text: Callable[[Node, str], str], diagnostics: Diagnostics
    ) -> None:
        self._block = block
        self._text = text
        self._diagnostics = diagnostics

    def read(self) -> OAuth2Grant:
        """Return how a token is asked for; what is wrong with it is reported."""
        block = self._block
        if block.token_endpoint is None and block.authorization_server_uri is None:
            self._report_lack("'tokenEndpoint' or 'authorizationServerUri'")
        self._check_grant_type()
        scopes = (self._text(one, "scopes") for one in block.scopes)
        proof = self._proof()
        return OAuth2Grant(
            self._address(block.token_endpoint, "tokenEndpoint"),
            self._address(block.authorization_server_uri, "authorizationServerUri"),
            self._text(block.client_id, "clientId"),
            proof,
            self._secret(proof),
            self._client_key() if proof == "private_key_jwt" else None,
            tuple(word for scope in scopes for word in scope.split()),
            self._optional(block.audience, "audience"),
            self._optional(block.resource, "resource"),
            self._optional(block.refresh_token, "refreshToken"),
        )

    def _check_grant_type(self) -> None:
        grant_type = self._block.grant_type
        if grant_type is not None and grant_type not in _GRANT_TYPES:
            self._report_value("grantType", grant_type, _GRANT_TYPES)
        if grant_type == "refresh_token" and self._block.refresh_token is None:
            self._report_lack("'refreshToken'")

    def _proof(self) -> ClientProof:
        """Return how the client proves itself: as it says, or by what it has."""
        block, said = self._block, self._block.token_endpoint_auth_method
        if said is not None:
            proof = _PROOFS.get(said)
            if proof is None:
                self._report_value("tokenEndpointAuthMethod", said, tuple(_PROOFS)[:4])
            return proof or "none"
        if block.client_secret is not None:
            return "client_secret_basic"
        return "none" if block.private_key is None else "private_key_jwt"

    def _secret(self, proof: ClientProof) -> str | None:
        if proof not in ("client_secret_basic", "client_secret_post"):
            return None
        return self._text(self._block.client_secret, "clientSecret")

    def _client_key(self) -> ClientKey:
        from naftiko_runtime.plan.client_keys import fitting_algorithms  # few sign, and with much

        block = self._block
        pem = self._text(block.private_key, "privateKey")
        fitting = fitting_algorithms(pem) if pem else ()
        if pem and not fitting:
            message = "'privateKey' is no private key in PEM that can sign: RSA from 2048 bits, EC"
            self._diagnostics.error("value-invalid", message, block.at("privateKey"))
        algorithm = next((one for one in block.algorithms if one), None)
        if algorithm is not None and fitting and algorithm not in fitting:
            self._report_value("algorithms", algorithm, fitting)
        usual = fitting[0] if fitting else ""
        return ClientKey(pem, algorithm or usual, self._optional(block.key_id, "keyId"))

    def _address(self, value: Node, key: str) -> str | None:
        """Return a URL; None where there is none, empty where a variable has no value."""
        url = self._optional(value, key)
        if url and not is_web_address(url):
            message = f"'{key}' has to be a URL with http or https, and no fragment"
            self._diagnostics.error("value-invalid", message, self._block.at(key))
        return url

    def _optional(self, value: Node, key: str) -> str | None:
        return None if value is None else self._text(value, key)

    def _report_lack(self, what: str) -> None:
        message = f"'oauth2' authentication needs {what}"
        self._diagnostics.error("authentication-incomplete", message, self._block.position)

    def _report_value(self, key: str, value: str, known: Sequence[str]) -> None:
        self._diagnostics.error(
            "value-invalid",
            f"'{key}' can't be '{value}'",
            self._block.at(key),
            hint=did_you_mean(value, known) or f"it is one of {', '.join(known)}",
        )
