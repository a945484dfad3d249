"""What a token has to say: RFC 7519, RFC 7662, RFC 9068. One place for both kinds of proof."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from naftiko_runtime.expose.callers.caller import LONGEST_NAME, Caller
from naftiko_runtime.expose.callers.refusals import ProofStale, ProofWrong, ScopeMissing
from naftiko_runtime.plan.proofs import OAuth2Check
from naftiko_runtime.values import Json

SKEW_SECONDS: Final = 60
"""By how much the clocks of two machines may differ."""

EXPIRED: Final = "the token has expired"

NAMES: Final = ("sub", "username", "client_id", "azp")
"""The claims that tell who bears a token, the best first."""


def issuers(check: OAuth2Check) -> tuple[str, str]:
    """Return how tokens may write their issuer: with or without a slash at its end."""
    return _with_and_without_slash(check.server)


def audiences(check: OAuth2Check) -> tuple[str, str]:
    """Return how tokens may write for whom they are."""
    return _with_and_without_slash(check.audience)


def _with_and_without_slash(url: str) -> tuple[str, str]:
    plain = url.rstrip("/")
    return plain, f"{plain}/"


def check_introspected(check: OAuth2Check, claims: Mapping[str, Json], now: float) -> None:
    """Check what an authorization server says of a token that it calls active.

    Args:
        check: What is needed.
        claims: The server's answer.
        now: Seconds since the epoch.

    Raises:
        ProofStale: The token has expired.
        ProofWrong: The token is not for here, or not for now.
    """
    if claims.get("iss", issuers(check)[0]) not in issuers(check):
        raise ProofWrong("the token is from another issuer")
    if str(claims.get("token_type") or "bearer").lower() != "bearer":
        raise ProofWrong("the token can't be sent alone")
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if not any(one in audiences(check) for one in named):
        raise ProofWrong("the token is for another audience")
    if _moment(claims, "exp", now) <= now - SKEW_SECONDS:
        raise ProofStale(EXPIRED)
    if _moment(claims, "nbf", now) > now + SKEW_SECONDS:
        raise ProofWrong("the token is not valid yet")


def caller_of(check: OAuth2Check, claims: Mapping[str, Json]) -> Caller:
    """Return who bears a token that is good.

    Raises:
        ProofWrong: The token is bound to a key that its bearer has not shown.
        ScopeMissing: The token lacks a scope.
    """
    if claims.get("cnf") is not None:
        raise ProofWrong("the token is bound to a key, and can't be sent alone")
    names = (claims.get(name) for name in NAMES)
    name = next((one for one in names if isinstance(one, str) and one), None)
    caller = Caller(name[:LONGEST_NAME] if name is not None else None)
    if not scopes_of(claims).issuperset(check.scopes):
        raise ScopeMissing(caller)
    return caller


def scopes_of(claims: Mapping[str, Json]) -> set[str]:
    """Return the scopes of a token: `scope` or `scp`, a text with spaces or a list."""
    found: set[str] = set()
    for value in (claims.get("scope"), claims.get("scp")):
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str):
                found.update(one.split())
    return found


def _moment(claims: Mapping[str, Json], name: str, now: float) -> float:
    """Return when something begins or ends, in seconds since the epoch; now where it is silent."""
    value = claims.get(name)
    if value is None:
        return now
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ProofWrong(f"the token's '{name}' can't be read")
    return value
