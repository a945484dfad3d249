"""Access tokens: asked for once for all waiting calls, kept until shortly before they expire."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

import orjson

from naftiko_runtime.errors import UpstreamCredentialRefused
from naftiko_runtime.execute.upstream.message import (
    Origin,
    UpstreamClient,
    UpstreamRequest,
    UpstreamResponse,
)
from naftiko_runtime.plan.grants import OAuth2Grant
from naftiko_runtime.values import Deadline, Json

EXPIRY_MARGIN_SECONDS: Final = 30.0
DEFAULT_LIFETIME_SECONDS: Final = 300.0
ASK_SECONDS: Final = 15.0
_PORTS: Final = {"http": 80, "https": 443}
_METADATA_PATHS: Final = (
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token and the moment until which it is used, on the monotonic clock."""

    value: str
    until: float


class TokenSource:
    """Gets and keeps the access token of one grant.

    Args:
        grant: How it is asked for.
        client: Carries the requests to the authorization server.
        clock: Seconds that never run back.
    """

    def __init__(
        self,
        grant: OAuth2Grant,
        client: UpstreamClient,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._grant = grant
        self._client = client
        self._clock = clock
        self._token: AccessToken | None = None
        self._refresh_token = grant.refresh_token
        self._endpoint = grant.token_endpoint
        self._asking: asyncio.Task[AccessToken] | None = None

    async def token(self, deadline: Deadline) -> str:
        """Return a token that is still good; all calls that wait share one request for it.

        Raises:
            UpstreamCredentialRefused: The authorization server gives none.
            UpstreamError: The authorization server can't be reached.
        """
        if self._token is not None and self._clock() < self._token.until:
            return self._token.value
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        async with asyncio.timeout(deadline.remaining()):
            self._token = await asyncio.shield(self._asking)
        return self._token.value

    def forget(self, token: str) -> None:
        """Drop a token that upstream refused, so that the next call asks for another."""
        if self._token is not None and self._token.value == token:
            self._token = None

    async def aclose(self) -> None:
        """End a request that is under way."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    async def _ask(self) -> AccessToken:
        deadline = Deadline.after(ASK_SECONDS)
        endpoint = self._endpoint or await self._discover(deadline)
        self._endpoint = endpoint
        response = await self._client.send(self._request(endpoint), deadline)
        answer = _json_object(response)
        value = answer.get("access_token")
        if response.status != 200 or not isinstance(value, str):
            raise UpstreamCredentialRefused(
                f"the authorization server gave no access token: {_reason(response, answer)}"
            )
        renewed = answer.get("refresh_token")
        if isinstance(renewed, str):
            self._refresh_token = renewed
        return AccessToken(value, self._clock() + _lifetime(answer))

    async def _discover(self, deadline: Deadline) -> str:
        server = (self._grant.server or "").rstrip("/")
        for path in _METADATA_PATHS:
            response = await self._client.send(_get(server + path), deadline)
            endpoint = _json_object(response).get("token_endpoint")
            if response.status == 200 and isinstance(endpoint, str):
                return endpoint
        raise UpstreamCredentialRefused(
            "the authorization server's metadata names no token endpoint"
        )

    def _request(self, endpoint: str) -> UpstreamRequest:
        grant = self._grant
        fields = {"grant_type": "client_credentials"}
        if self._refresh_token is not None:
            fields = {"grant_type": "refresh_token", "refresh_token": self._refresh_token}
        optional = {
            "scope": " ".join(grant.scopes),
            "audience": grant.audience,
            "resource": grant.resource,
        }
        fields.update({name: value for name, value in optional.items() if value})
        headers = {
            b"accept": b"application/json",
            b"content-type": b"application/x-www-form-urlencoded",
        }
        if grant.client_secret is None or grant.in_body:
            fields["client_id"] = grant.client_id
            fields.update({"client_secret": grant.client_secret} if grant.client_secret else {})
        else:
            headers[b"authorization"] = _basic(grant.client_id, grant.client_secret)
        origin, target = split_url(endpoint)
        body = urlencode(fields).encode()
        return UpstreamRequest("POST", origin, target, tuple(headers.items()), body)


def split_url(url: str) -> tuple[Origin, bytes]:
    """Return where a URL leads, and the request target there.

    Raises:
        UpstreamCredentialRefused: It is no http or https URL.
    """
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise UpstreamCredentialRefused("the token endpoint is no http or https URL")
    origin = Origin(parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme])
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return origin, target.encode()


def _get(url: str) -> UpstreamRequest:
    origin, target = split_url(url)
    return UpstreamRequest("GET", origin, target, ((b"accept", b"application/json"),))


def _basic(client_id: str, secret: str) -> bytes:
    """Return the client's `Authorization` header, RFC 6749 section 2.3.1."""
    pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
    return b"Basic " + base64.b64encode(pair.encode())


def _json_object(response: UpstreamResponse) -> dict[str, Json]:
    try:
        answer = orjson.loads(response.body)
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _lifetime(answer: dict[str, Json]) -> float:
    """Return for how many seconds a token is used: a little less than it lives."""
    stated = answer.get("expires_in")
    seconds = float(stated) if isinstance(stated, (int, float, str)) else DEFAULT_LIFETIME_SECONDS
    return max(seconds - EXPIRY_MARGIN_SECONDS, seconds / 2)


def _reason(response: UpstreamResponse, answer: dict[str, Json]) -> str:
    error = answer.get("error")
    known = error if isinstance(error, str) and error.isascii() else "no reason"
    return f"{known} (status {response.status})"
