"""Reads what authorization servers answer; nothing of it is ever shown, but for known errors."""

from __future__ import annotations

import math
import re
from typing import Final

import orjson

from naftiko_runtime.errors import UpstreamCredentialRefused
from naftiko_runtime.execute.upstream.message import UpstreamResponse
from naftiko_runtime.values import Json

EXPIRY_MARGIN_SECONDS: Final = 30.0
DEFAULT_LIFETIME_SECONDS: Final = 300.0
LONGEST_LIFETIME_SECONDS: Final = 86_400.0
_LARGEST_BODY: Final = 256 * 1024
_TOKEN: Final = re.compile(r"[!-~]{1,16384}")
_OTHER_TYPES: Final = frozenset({"dpop", "mac", "pop", "n_a"})
_KNOWN_ERRORS: Final = frozenset(
    {
        "access_denied",
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "invalid_scope",
        "invalid_target",
        "server_error",
        "slow_down",
        "temporarily_unavailable",
        "unauthorized_client",
        "unsupported_grant_type",
    }
)
"""RFC 6749 section 5.2, RFC 8707, RFC 8628, and what servers answer besides."""


def json_object(response: UpstreamResponse) -> dict[str, Json]:
    """Return an answer's JSON object; an empty one where it is something else, or too large."""
    if len(response.body) > _LARGEST_BODY:
        return {}
    try:
        answer = orjson.loads(response.body)
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}


def access_token(response: UpstreamResponse, answer: dict[str, Json]) -> str:
    """Return the token in an answer, fit for a header.

    Raises:
        UpstreamCredentialRefused: There is none.
    """
    if not 200 <= response.status < 300:
        raise _refused(_reason(response, answer))
    value = answer.get("access_token")
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise _refused(_reason(response, answer))
    if str(answer.get("token_type")).lower() in _OTHER_TYPES:
        raise _refused("the token it gave is no bearer token")
    return value


def seconds_of_use(answer: dict[str, Json]) -> float:
    """Return for how many seconds a token is used: a little less than it lives."""
    seconds = _stated_lifetime(answer.get("expires_in"))
    return max(seconds - EXPIRY_MARGIN_SECONDS, seconds / 2)


def _stated_lifetime(stated: Json) -> float:
    """Return the lifetime that is stated, where it makes sense, but a day at most."""
    if isinstance(stated, bool) or not isinstance(stated, (int, float, str)):
        return DEFAULT_LIFETIME_SECONDS
    try:
        seconds = float(stated)
    except (ValueError, OverflowError):
        return DEFAULT_LIFETIME_SECONDS
    if math.isnan(seconds):
        return DEFAULT_LIFETIME_SECONDS
    return min(max(seconds, 0.0), LONGEST_LIFETIME_SECONDS)


def _refused(reason: str) -> UpstreamCredentialRefused:
    return UpstreamCredentialRefused(f"the authorization server gave no access token: {reason}")


def _reason(response: UpstreamResponse, answer: dict[str, Json]) -> str:
    """Return the error that is named, if it is a known one: others may repeat what was sent."""
    error = answer.get("error")
    known = error if isinstance(error, str) and error in _KNOWN_ERRORS else "no known reason"
    return f"{known} (status {response.status})"
