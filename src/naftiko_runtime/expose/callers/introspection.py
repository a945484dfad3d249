"""Tokens that their issuer is asked about, RFC 7662."""

from __future__ import annotations

import asyncio
import base64
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from urllib.parse import quote, urlencode

from naftiko_runtime.execute.upstream.message import Headers, UpstreamClient
from naftiko_runtime.expose.callers.caller import Caller
from naftiko_runtime.expose.callers.claims import NAMES, caller_of, check_introspected
from naftiko_runtime.expose.callers.discovery import Metadata
from naftiko_runtime.expose.callers.documents import post, unverifiable
from naftiko_runtime.expose.callers.refusals import ProofWrong
from naftiko_runtime.plan.proofs import Introspection, OAuth2Check
from naftiko_runtime.values import Json

KEEP_SECONDS: Final = 30.0
MOST_KEPT: Final = 1024
AT_ONCE: Final = 16
PATIENCE_SECONDS: Final = 10.0
_KEPT: Final = frozenset(
    {"active", "iss", "aud", "exp", "nbf", "cnf", "token_type", "scope", "scp", *NAMES}
)


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What the issuer said of a token, and until when that is taken for true."""

    claims: dict[str, Json]
    until: float


class IntrospectionJudge:
    """Judges tokens by what their issuer says of them.

    Verdicts are kept for a short while, under a hash of the token, so a token that is revoked
    works for that long at most.

    Args:
        check: What tokens have to prove.
        how: How the issuer is asked.
        client: Carries the requests.
        clock: Seconds that never run back.
    """

    def __init__(
        self,
        check: OAuth2Check,
        how: Introspection,
        client: UpstreamClient,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._check = check
        self._how = how
        self._client = client
        self._clock = clock
        self._metadata = Metadata(check.server, client)
        self._verdicts: OrderedDict[bytes, _Verdict] = OrderedDict()
        self._turns = asyncio.Semaphore(AT_ONCE)

    def judge(self, token: str) -> Caller | None:
        """Return whose a token is; None where its issuer has to be asked."""
        verdict = self._verdicts.get(_name(token))
        if verdict is None or self._clock() >= verdict.until:
            return None
        return self._caller(verdict.claims)

    async def ask(self, token: str) -> Caller:
        """Return whose a token is; all but so many have to wait for their turn to ask."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), self._turns:
                known = self.judge(token)
                if known is not None:
                    return known
                claims = await self._introspect(token)
        except TimeoutError:
            raise unverifiable("the authorization server does not answer in time") from None
        self._keep(token, claims)
        return self._caller(claims)

    def _caller(self, claims: dict[str, Json]) -> Caller:
        if claims.get("active") is not True:
            raise ProofWrong("the token is not active")
        check_introspected(self._check, claims, time.time())
        return caller_of(self._check, claims)

    def _keep(self, token: str, claims: dict[str, Json]) -> None:
        if len(self._verdicts) >= MOST_KEPT:
            self._verdicts.popitem(last=False)
        name = _name(token)
        self._verdicts.pop(name, None)
        self._verdicts[name] = _Verdict(claims, self._clock() + KEEP_SECONDS)

    async def _introspect(self, token: str) -> dict[str, Json]:
        url = self._how.endpoint or await self._metadata.endpoint("introspection_endpoint")
        form = {"token": token, "token_type_hint": "access_token"}
        headers: Headers = ()
        if self._how.client_id is not None:
            if self._how.in_body or self._how.client_secret is None:
                form["client_id"] = self._how.client_id
                form["client_secret"] = self._how.client_secret or ""
            else:
                headers = (_basic(self._how.client_id, self._how.client_secret),)
        claims = await post(self._client, url, headers, urlencode(form).encode())
        if claims is None or not isinstance(claims.get("active"), bool):
            raise unverifiable("the authorization server does not say whether the token is good")
        return {name: value for name, value in claims.items() if name in _KEPT}


def _name(token: str) -> bytes:
    return sha256(token.encode()).digest()


def _basic(client_id: str, secret: str) -> tuple[bytes, bytes]:
    """Return the runtime's own `Authorization` header, RFC 6749 section 2.3.1."""
    pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
    return b"authorization", b"Basic " + base64.b64encode(pair.encode())
