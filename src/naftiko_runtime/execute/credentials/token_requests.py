"""Writes requests to authorization servers, RFC 6749, with the client's proof of itself."""

from __future__ import annotations

import base64
import secrets
import time
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

import jwt

from naftiko_runtime.errors import UpstreamCredentialRefused
from naftiko_runtime.execute.upstream.message import Headers, UpstreamRequest
from naftiko_runtime.plan.grants import ClientKey, OAuth2Grant
from naftiko_runtime.plan.origins import Origin

ASSERTION_SECONDS: Final = 60
_PORTS: Final = {"http": 80, "https": 443}
_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ACCEPT: Final = (b"accept", b"application/json")
_FORM: Final = (b"content-type", b"application/x-www-form-urlencoded")


def token_request(grant: OAuth2Grant, endpoint: str, refresh_token: str | None) -> UpstreamRequest:
    """Return the request for an access token.

    Args:
        grant: How it is asked for.
        endpoint: Where.
        refresh_token: The newest one, for the grant that needs it.

    Raises:
        UpstreamCredentialRefused: The endpoint is no URL.
    """
    fields = {"grant_type": "client_credentials"}
    if refresh_token is not None:
        fields = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    optional = {
        "scope": " ".join(grant.scopes),
        "audience": grant.audience,
        "resource": grant.resource,
    }
    fields.update({name: value for name, value in optional.items() if value})
    headers: Headers = (_ACCEPT, _FORM)
    if grant.proof == "client_secret_basic":
        headers = (*headers, (b"authorization", _basic(grant.client_id, grant.client_secret or "")))
    else:
        fields.update(_proof_in_body(grant, endpoint))
    origin, target = split_url(endpoint)
    return UpstreamRequest("POST", origin, target, headers, urlencode(fields).encode())


def metadata_request(url: str) -> UpstreamRequest:
    """Return the request for a server's metadata.

    Raises:
        UpstreamCredentialRefused: It is no URL.
    """
    origin, target = split_url(url)
    return UpstreamRequest("GET", origin, target, (_ACCEPT,))


def split_url(url: str) -> tuple[Origin, bytes]:
    """Return where a URL leads, and the request target there.

    Raises:
        UpstreamCredentialRefused: It is no http or https URL.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UpstreamCredentialRefused("the token endpoint is no http or https URL") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise UpstreamCredentialRefused("the token endpoint is no http or https URL")
    origin = Origin(parts.scheme, parts.hostname, port or _PORTS[parts.scheme])
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return origin, target.encode()


def _proof_in_body(grant: OAuth2Grant, endpoint: str) -> dict[str, str]:
    fields = {"client_id": grant.client_id}
    if grant.proof == "client_secret_post":
        fields["client_secret"] = grant.client_secret or ""
    elif grant.client_key is not None:
        fields["client_assertion_type"] = _ASSERTION_TYPE
        fields["client_assertion"] = _assertion(grant.client_id, endpoint, grant.client_key)
    return fields


def _assertion(client_id: str, endpoint: str, key: ClientKey) -> str:
    """Return a JWT that is good once, for a minute, at this endpoint: RFC 7523 section 3."""
    now = int(time.time())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": endpoint,
        "jti": secrets.token_urlsafe(16),
        "iat": now,
        "exp": now + ASSERTION_SECONDS,
    }
    return jwt.encode(claims, key.pem, key.algorithm, {"kid": key.kid} if key.kid else None)


def _basic(client_id: str, secret: str) -> bytes:
    """Return the client's `Authorization` header, RFC 6749 section 2.3.1."""
    pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
    return b"Basic " + base64.b64encode(pair.encode())
