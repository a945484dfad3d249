"""Credentials that are obtained or computed while calls run: OAuth 2 grants and digest secrets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class DigestSecret:
    """A user and password for RFC 7616's challenges."""

    username: str
    password: str


@dataclass(frozen=True, slots=True)
class OAuth2Grant:
    """How an access token is asked for, RFC 6749.

    Attributes:
        token_endpoint: Where; None where the server's metadata has to tell.
        server: The authorization server, whose metadata RFC 8414 describes.
        client_id: The client's name.
        client_secret: Its secret; None for a public client.
        in_body: Whether name and secret travel in the body (`client_secret_post`) instead of in
            the `Authorization` header (`client_secret_basic`).
        scopes: What is asked for.
        audience: For whom the token is, where the server wants to know.
        resource: RFC 8707's resource indicator.
        refresh_token: With it the refresh token grant is used, else client credentials.
    """

    token_endpoint: str | None
    server: str | None
    client_id: str
    client_secret: str | None
    in_body: bool
    scopes: tuple[str, ...]
    audience: str | None
    resource: str | None
    refresh_token: str | None


Grant: TypeAlias = DigestSecret | OAuth2Grant
