"""Tokens that prove themselves: JWTs, checked by the public keys of their issuer."""

from __future__ import annotations

from typing import Any, Final

import jwt

from naftiko_runtime.execute.upstream.message import UpstreamClient
from naftiko_runtime.expose.callers.caller import Caller
from naftiko_runtime.expose.callers.claims import (
    EXPIRED,
    SKEW_SECONDS,
    audiences,
    caller_of,
    issuers,
)
from naftiko_runtime.expose.callers.discovery import Metadata
from naftiko_runtime.expose.callers.documents import unverifiable
from naftiko_runtime.expose.callers.keys import KeySource, PublicKey
from naftiko_runtime.expose.callers.refusals import ProofStale, ProofWrong
from naftiko_runtime.plan.proofs import OAuth2Check
from naftiko_runtime.values import Json

_TYPES: Final = frozenset({"", "jwt", "at+jwt", "application/at+jwt"})
_REASONS: Final[tuple[tuple[type[jwt.PyJWTError], str], ...]] = (
    (jwt.ImmatureSignatureError, "the token is not valid yet"),
    (jwt.InvalidIssuerError, "the token is from another issuer"),
    (jwt.InvalidAudienceError, "the token is for another audience"),
    (jwt.MissingRequiredClaimError, "the token lacks a claim that is needed"),
)
_UNREADABLE: Final = "the token can't be read"


class SignatureJudge:
    """Judges tokens by their signature.

    Args:
        check: What they have to prove.
        client: Carries requests to their issuer.
        keys: The issuer's; found by its metadata by default.
    """

    def __init__(
        self, check: OAuth2Check, client: UpstreamClient, keys: KeySource | None = None
    ) -> None:
        self._check = check
        self._keys = keys or KeySource(check.jwks_uri, Metadata(check.server, client), client)

    def judge(self, token: str) -> Caller | None:
        """Return whose a token is; None where its issuer's keys have to be fetched first."""
        kid, algorithm = self._head(token)
        if self._keys.wants_fetching(kid):
            return None
        return self._verified(token, kid, algorithm)

    async def ask(self, token: str) -> Caller:
        """Return whose a token is, with the newest keys."""
        kid, algorithm = self._head(token)
        await self._keys.refresh(kid)
        return self._verified(token, kid, algorithm)

    def _head(self, token: str) -> tuple[str | None, str]:
        """Return the name of the key, and the algorithm, if it is one of those that are taken."""
        try:
            head = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise ProofWrong(_UNREADABLE) from None
        algorithm = head.get("alg")
        if not isinstance(algorithm, str) or algorithm not in self._check.algorithms:
            raise ProofWrong("the token is signed in a way that is not accepted")
        if str(head.get("typ") or "").lower() not in _TYPES:
            raise ProofWrong("the token is no access token")
        return head.get("kid"), algorithm

    def _verified(self, token: str, kid: str | None, algorithm: str) -> Caller:
        if not self._keys.is_usable:
            raise unverifiable("the authorization server's keys can't be had")
        reason = "the token is signed with a key that is not known"
        for key in self._keys.find(kid, algorithm):
            try:
                claims = self._claims(token, key, algorithm)
            except jwt.InvalidSignatureError:
                reason = "the token's signature is wrong"
                continue
            return caller_of(self._check, claims)
        raise ProofWrong(reason)

    def _claims(self, token: str, key: PublicKey, algorithm: str) -> dict[str, Json]:
        """Return the claims of a token if its signature and they are right.

        Raises:
            jwt.InvalidSignatureError: It was made with another key.
        """
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key.key,
                algorithms=[algorithm],
                audience=audiences(self._check),
                issuer=issuers(self._check),
                leeway=SKEW_SECONDS,
                options={"require": ["exp", "iss", "aud"]},
            )
        except jwt.InvalidSignatureError:
            raise
        except jwt.ExpiredSignatureError:
            raise ProofStale(EXPIRED) from None
        except (jwt.PyJWTError, ValueError, TypeError, ArithmeticError, RecursionError) as error:
            raise ProofWrong(_reason(error)) from None
        return claims


def _reason(error: Exception) -> str:
    return next((text for kind, text in _REASONS if isinstance(error, kind)), _UNREADABLE)
