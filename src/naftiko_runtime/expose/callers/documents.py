"""JSON from authorization servers: over the seam to the network, bounded in time and size."""

from __future__ import annotations

from typing import Final

import orjson

from naftiko_runtime.errors import CallerUnverifiable, UpstreamError
from naftiko_runtime.execute.credentials.token_requests import split_url
from naftiko_runtime.execute.upstream.message import (
    Headers,
    UpstreamClient,
    UpstreamLimits,
    UpstreamRequest,
    UpstreamResponse,
)
from naftiko_runtime.values import Deadline, Json

ASK_SECONDS: Final = 5.0
RETRY_SECONDS: Final = 5
AUTHORIZATION_SERVER_LIMITS: Final = UpstreamLimits(response_bytes=256 * 1024, connections=16)
"""What a client for authorization servers may use."""

_ACCEPT: Final = (b"accept", b"application/json")
_OK: Final = 200


def unverifiable(detail: str) -> CallerUnverifiable:
    """Return the error of a caller who can't be verified now, but perhaps a little later."""
    return CallerUnverifiable(detail, ((b"retry-after", b"%d" % RETRY_SECONDS),))


async def fetch(client: UpstreamClient, url: str) -> dict[str, Json] | None:
    """Get a JSON object; None where the answer is something else.

    Raises:
        CallerUnverifiable: The server can't be reached.
    """
    return _object(await _send(client, "GET", url, (_ACCEPT,), None))


async def post(
    client: UpstreamClient, url: str, headers: Headers, body: bytes
) -> dict[str, Json] | None:
    """Send a form and get a JSON object; None where the answer is something else.

    Raises:
        CallerUnverifiable: The server can't be reached.
    """
    form = (b"content-type", b"application/x-www-form-urlencoded")
    return _object(await _send(client, "POST", url, (_ACCEPT, form, *headers), body))


async def _send(
    client: UpstreamClient, method: str, url: str, headers: Headers, body: bytes | None
) -> UpstreamResponse:
    try:
        origin, target = split_url(url)
        request = UpstreamRequest(method, origin, target, headers, body)
        return await client.send(request, Deadline.after(ASK_SECONDS))
    except (UpstreamError, ValueError):
        raise unverifiable("the authorization server can't be reached") from None


def _object(response: UpstreamResponse) -> dict[str, Json] | None:
    if response.status != _OK:
        return None
    try:
        value = orjson.loads(response.body)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None
