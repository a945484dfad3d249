"""An authorization server: it signs real tokens, rotates its keys, and answers for its tokens."""

from __future__ import annotations

import asyncio
import base64
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from naftiko_runtime.errors import UpstreamUnreachable
from naftiko_runtime.execute.upstream.message import UpstreamRequest, UpstreamResponse
from naftiko_runtime.plan.origins import Origin
from naftiko_runtime.plan.proofs import Introspection, OAuth2Check
from naftiko_runtime.values import Deadline, Json
from tests.upstreams import WithoutStreams, answer

ISSUER = "https://login.test/tenant"
RESOURCE = "https://api.test/ships"
CLIENT = ("resource server", "s/ecret")
PRIVATE = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
PUBLIC = (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@dataclass(frozen=True)
class SigningKey:
    """A key pair of the server's."""

    kid: str
    algorithm: str
    private: Any

    @property
    def public_pem(self) -> bytes:
        """The public half, as anybody may have it."""
        pem: bytes = self.private.public_key().public_bytes(*PUBLIC)
        return pem

    def jwk(self, **more: Json) -> dict[str, Json]:
        """Return the public half as the server publishes it."""
        kind = jwt.get_algorithm_by_name(self.algorithm)
        written: dict[str, Json] = kind.to_jwk(self.private.public_key(), as_dict=True)
        written.pop("key_ops", None)
        return {**written, "kid": self.kid, "use": "sig", **more}


def signing_key(kid: str, algorithm: str = "ES256") -> SigningKey:
    """Make a key pair."""
    if algorithm.startswith("ES"):
        curve = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1()}[algorithm]
        return SigningKey(kid, algorithm, ec.generate_private_key(curve))
    if algorithm == "EdDSA":
        return SigningKey(kid, algorithm, ed25519.Ed25519PrivateKey.generate())
    return SigningKey(kid, algorithm, rsa.generate_private_key(65537, 2048))


@dataclass
class IdentityServer(WithoutStreams):
    """Answers requests over the seam, as an `UpstreamClient`.

    Attributes:
        keys: Those that it publishes; it signs with the last.
        metadata: Where its description is, and what else it says.
        active: The opaque tokens that it knows, and what it says of them.
        asked: How often each path was asked for.
        is_down: Whether it can't be reached.
        is_stuck: Whether it never answers.
    """

    keys: list[SigningKey] = field(default_factory=lambda: [signing_key("key 1")])
    metadata_path: str = "/.well-known/oauth-authorization-server/tenant"
    metadata: dict[str, Json] = field(default_factory=dict)
    published: list[Json] | None = None
    active: dict[str, dict[str, Json]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    is_down: bool = False
    is_stuck: bool = False
    requests: list[UpstreamRequest] = field(default_factory=list)

    async def send(self, request: UpstreamRequest, deadline: Deadline) -> UpstreamResponse:
        assert deadline.remaining() <= 10
        path = request.target.decode()
        self.asked[path] += 1
        self.requests.append(request)
        if self.is_down:
            raise UpstreamUnreachable("there is nobody")
        if self.is_stuck:
            await asyncio.Event().wait()
        if path == self.metadata_path:
            return answer(self._metadata())
        if path == "/keys":
            return answer({"keys": self._published()})
        if path == "/introspect":
            return self._introspect(request)
        if path == "/page":
            return UpstreamResponse(200, (), b"<html>")
        return answer([], 200 if path == "/list" else 404)

    async def aclose(self) -> None:
        """Nothing to close."""

    def rotate(self, kid: str, algorithm: str = "ES256") -> None:
        """Replace all keys by another."""
        self.keys = [signing_key(kid, algorithm)]

    def token(self, *, key: SigningKey | None = None, head: Any = None, **claims: Any) -> str:
        """Return a token that is good for an hour, but for what is said; None leaves one out."""
        signed_by = key or self.keys[-1]
        now = int(time.time())
        said = {
            "iss": ISSUER,
            "aud": RESOURCE,
            "sub": "ada",
            "iat": now,
            "exp": now + 3600,
            "scope": "ships:read ships:write",
            **claims,
        }
        return jwt.encode(
            {name: value for name, value in said.items() if value is not None},
            signed_by.private,
            signed_by.algorithm,
            {"kid": signed_by.kid, "typ": "at+jwt", **(head or {})},
        )

    def opaque(self, token: str, **claims: Any) -> str:
        """Make a token known that says nothing by itself."""
        said = {"active": True, "iss": ISSUER, "aud": RESOURCE, "sub": "ada"}
        found = {**said, "scope": "ships:read ships:write", **claims}
        self.active[token] = {name: value for name, value in found.items() if value is not None}
        return token

    def _metadata(self) -> dict[str, Json]:
        return {
            "issuer": ISSUER,
            "jwks_uri": "https://login.test/keys",
            "introspection_endpoint": "https://login.test/introspect",
            **self.metadata,
        }

    def _published(self) -> list[Json]:
        return [key.jwk() for key in self.keys] if self.published is None else self.published

    def _introspect(self, request: UpstreamRequest) -> UpstreamResponse:
        pair = b"resource%20server:s%2Fecret"
        if dict(request.headers).get(b"authorization") != b"Basic " + base64.b64encode(pair):
            return answer({}, 401)
        (token,) = parse_qs((request.body or b"").decode())["token"]
        return answer(self.active.get(token, {"active": False}))


@asynccontextmanager
async def listening(identity: IdentityServer) -> AsyncIterator[str]:
    """Let the authorization server listen on a port; yield its issuer."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        method, target, _ = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)
        request = UpstreamRequest(method.decode(), Origin("http", "", 80), target, ())
        response = await identity.send(request, Deadline.after(5))
        length = b"content-length: %d\r\nconnection: close\r\n\r\n" % len(response.body)
        writer.write(b"HTTP/1.1 %d \r\n" % response.status + length + response.body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        issuer = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/tenant"
        keys = issuer.replace("/tenant", "/keys")
        identity.metadata = {"issuer": issuer, "jwks_uri": keys}
        yield issuer


def by_keys(**more: Any) -> OAuth2Check:
    """Return what an adapter asks for that checks signatures."""
    said = {
        "server": ISSUER,
        "resource": RESOURCE,
        "audience": RESOURCE,
        "scopes": ("ships:read",),
        "algorithms": ("RS256", "PS256", "ES256", "ES384", "EdDSA"),
    }
    return OAuth2Check(**{**said, **more})


def by_asking(**more: Any) -> OAuth2Check:
    """Return what an adapter asks for that asks about tokens."""
    return by_keys(introspection=Introspection(None, *CLIENT), **more)


@dataclass
class ManualClock:
    """A clock that moves when it is told to."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now
