"""An authorization server that gives tokens to clients who prove themselves, RFC 6749."""

from __future__ import annotations

import base64
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

import jwt

from naftiko_runtime.execute.upstream.message import UpstreamRequest, UpstreamResponse
from naftiko_runtime.values import Json
from tests.upstreams import answer

SERVER = "https://login.test/tenant"
ENDPOINT = "https://login.test/token"
CLIENT_ID = "client 1"
CLIENT_SECRET = "s/e:cret+ü"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class TokenServer:
    """Gives tokens, and an API that takes them.

    Attributes:
        metadata_path: Where its description is.
        metadata: What else it says.
        public_key: What assertions are checked with, in PEM.
        expires_in: What it says of the lifetime of its tokens.
        refresh_token: The only one that is good; it is replaced when it is used.
        broken: What it answers to each request for a token instead.
        revoked: Tokens that the API does not take.
        forms: The forms that it got.
        asked: How often each path was asked for.
    """

    metadata_path: str = "/.well-known/oauth-authorization-server/tenant"
    metadata: dict[str, Json] = field(default_factory=dict)
    public_key: bytes = b""
    expires_in: Json = 3600
    refresh_token: str = "refresh-0"
    broken: UpstreamResponse | None = None
    revoked: set[str] = field(default_factory=set)
    forms: list[dict[str, str]] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    assertions: set[str] = field(default_factory=set)

    def __call__(self, request: UpstreamRequest) -> UpstreamResponse:
        path = request.target.decode()
        self.asked[path] += 1
        if request.origin.host == "api.test":
            return self._api(request)
        if path == self.metadata_path:
            return answer({"issuer": SERVER, "token_endpoint": ENDPOINT, **self.metadata})
        return self._token(request) if path == "/token" else answer({}, 404)

    def _api(self, request: UpstreamRequest) -> UpstreamResponse:
        token = dict(request.headers)[b"authorization"].decode().removeprefix("Bearer ")
        return answer({"token": token}, 401 if token in self.revoked else 200)

    def _token(self, request: UpstreamRequest) -> UpstreamResponse:
        form = dict(parse_qsl((request.body or b"").decode(), strict_parsing=True))
        self.forms.append(form)
        if self.broken is not None:
            return self.broken
        if not self._is_proved(form, dict(request.headers).get(b"authorization")):
            return answer({"error": "invalid_client"}, 401)
        given: dict[str, Json] = {
            "access_token": f"token-{len(self.forms)}",
            "token_type": "bearer",
            "expires_in": self.expires_in,
        }
        if form["grant_type"] == "refresh_token":
            if form["refresh_token"] != self.refresh_token:
                return answer({"error": "invalid_grant"}, 400)
            self.refresh_token = given["refresh_token"] = f"refresh-{len(self.forms)}"
        return answer(given)

    def _is_proved(self, form: dict[str, str], authorization: bytes | None) -> bool:
        if "client_assertion" in form:
            return authorization is None and self._is_asserted(form)
        if authorization is None:
            return (form["client_id"], form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        pair = base64.b64decode(authorization.removeprefix(b"Basic ")).decode().split(":")
        return [unquote(one) for one in pair] == [CLIENT_ID, CLIENT_SECRET]

    def _is_asserted(self, form: dict[str, str]) -> bool:
        claims = jwt.decode(
            form["client_assertion"],
            self.public_key,
            ["RS256", "PS256", "ES256", "ES384", "EdDSA"],
            audience=ENDPOINT,
            issuer=CLIENT_ID,
            options={"require": ["exp", "iat", "jti", "sub"]},
        )
        is_new = claims["jti"] not in self.assertions
        self.assertions.add(claims["jti"])
        return form["client_assertion_type"] == ASSERTION and claims["sub"] == CLIENT_ID and is_new
