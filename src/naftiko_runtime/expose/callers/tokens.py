"""Access tokens: an OAuth 2.1 resource server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Protocol

from naftiko_runtime.execute.upstream.message import UpstreamClient
from naftiko_runtime.expose.callers.caller import Caller, authorization
from naftiko_runtime.expose.callers.challenges import token_challenge
from naftiko_runtime.expose.callers.documents import unverifiable
from naftiko_runtime.expose.callers.introspection import IntrospectionJudge
from naftiko_runtime.expose.callers.refusals import ProofMissing, ProofWrong, Refusal
from naftiko_runtime.expose.callers.signatures import SignatureJudge
from naftiko_runtime.plan.proofs import OAuth2Check

if TYPE_CHECKING:
    from starlette.types import Scope

LONGEST_TOKEN: Final = 16 * 1024
_TOKEN: Final = re.compile(rb"[A-Za-z0-9._~+/-]+=*")


class Judge(Protocol):
    """Tells whose a token is."""

    def judge(self, token: str) -> Caller | None:
        """Return whose a token is; None where its issuer has to be asked something first.

        Raises:
            Refusal: The token is not good here.
        """
        ...

    async def ask(self, token: str) -> Caller:
        """Return whose a token is, after asking its issuer.

        Raises:
            Refusal: The token is not good here.
            CallerUnverifiable: The issuer can't be asked.
        """
        ...


class TokenScheme:
    """Takes access tokens from `Authorization` headers, and nowhere else.

    Args:
        check: What tokens have to prove.
        client: Carries requests to their issuer.
        judge: Tells whose they are; by what the check says, where it is left out.
    """

    def __init__(
        self, check: OAuth2Check, client: UpstreamClient, judge: Judge | None = None
    ) -> None:
        self._check = check
        self._judge = judge or _judge(check, client)

    def recognise(self, scope: Scope) -> Caller | None:
        """Return who calls: `Scheme.recognise`."""
        return self._judge.judge(self._token(scope))

    async def admit(self, scope: Scope) -> Caller:
        """Return who calls: `Scheme.admit`."""
        token = self._token(scope)
        if not self._check.server or not self._check.audience:
            raise unverifiable("the authentication of this server lacks the value of a variable")
        return await self._judge.ask(token)

    def challenges(self, refusal: Refusal) -> tuple[bytes, ...]:
        """Return the challenge: `Scheme.challenges`."""
        return (token_challenge(self._check, refusal),)

    @staticmethod
    def _token(scope: Scope) -> str:
        """Return what is in the header, if it may be a token at all: RFC 6750 section 2.1."""
        sent = authorization(scope["headers"], b"bearer")
        if sent is None:
            raise ProofMissing
        if len(sent) > LONGEST_TOKEN:
            raise ProofWrong("the token is too long")
        if not _TOKEN.fullmatch(sent):
            raise ProofWrong("the token can't be read")
        return sent.decode()


def _judge(check: OAuth2Check, client: UpstreamClient) -> Judge:
    if check.introspection is not None:
        return IntrospectionJudge(check, check.introspection, client)
    return SignatureJudge(check, client)
