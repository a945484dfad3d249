"""Credentials that are obtained or computed while calls run: OAuth 2 grants and digest secrets."""

from __future__ import annotations

from dataclasses import field
from typing import Literal, TypeAlias

from naftiko_runtime.values import record

ClientProof: TypeAlias = Literal[
    "client_secret_basic", "client_secret_post", "private_key_jwt", "none"
]
"""How a client proves itself to the authorization server: OpenID Connect Core 1.0, section 9."""


@record
class DigestSecret:
    """A user and password for RFC 7616's challenges."""

    username: str
    password: str = field(repr=False)


@record
class ClientKey:
    """What a client signs its assertions with, RFC 7523.

    Attributes:
        pem: The private key.
        algorithm: The signature's, fit for the key.
        kid: How the authorization server calls the key, where it has to be told.
    """

    pem: str = field(repr=False)
    algorithm: str
    kid: str | None = None


@record
class OAuth2Grant:
    """How an access token is asked for, RFC 6749.

    Attributes:
        token_endpoint: Where; None where the server's metadata has to tell.
        server: The authorization server, whose metadata RFC 8414 describes.
        client_id: The client's name.
        proof: How the client proves itself.
        client_secret: Its secret, for the proofs that need one.
        client_key: Its key, for `private_key_jwt`.
        scopes: What is asked for.
        audience: For whom the token is, where the server wants to know.
        resource: RFC 8707's resource indicator.
        refresh_token: With it the refresh token grant is used, else client credentials.
    """

    token_endpoint: str | None
    server: str | None
    client_id: str
    proof: ClientProof = "none"
    client_secret: str | None = field(default=None, repr=False)
    client_key: ClientKey | None = None
    scopes: tuple[str, ...] = ()
    audience: str | None = None
    resource: str | None = None
    refresh_token: str | None = field(default=None, repr=False)


Grant: TypeAlias = DigestSecret | OAuth2Grant
"""Credentials that take more than a header written once."""
