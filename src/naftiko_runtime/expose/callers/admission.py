"""Whether a caller may pass, and what it is told if not."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final
from weakref import WeakValueDictionary

from naftiko_runtime.errors import (
    CallerRefused,
    CallerUnverifiable,
    NotAllowed,
    NotAuthenticated,
    TooManyAttempts,
)
from naftiko_runtime.execute.upstream.message import UpstreamClient
from naftiko_runtime.expose.callers.attempts import FailedAttempts
from naftiko_runtime.expose.callers.caller import Caller, address_of
from naftiko_runtime.expose.callers.digest import DigestScheme
from naftiko_runtime.expose.callers.nonces import Nonces
from naftiko_runtime.expose.callers.refusals import ProofMissing, ProofWrong, Refusal, ScopeMissing
from naftiko_runtime.expose.callers.scheme import Scheme
from naftiko_runtime.expose.callers.secrets import SecretScheme
from naftiko_runtime.expose.callers.tokens import TokenScheme
from naftiko_runtime.plan.proofs import CallerCheck, DigestCheck, SecretCheck

if TYPE_CHECKING:
    from starlette.types import Scope

_log: Final = logging.getLogger("naftiko.callers")
_UNKNOWN: Final = "the request has no valid credentials for this server"
_NOT_ALLOWED: Final = "the access token does not have the scopes that are needed here"
_TOO_MANY: Final = "too many attempts from this address have failed"


class Admission:
    """Lets the callers of an adapter pass, or not.

    Args:
        scheme: How they prove who they are.
        attempts: Counts what fails.
    """

    def __init__(self, scheme: Scheme, attempts: FailedAttempts) -> None:
        self._scheme = scheme
        self._attempts = attempts

    def recognise(self, scope: Scope) -> Caller | None:
        """Let a caller pass without waiting for anything.

        Args:
            scope: ASGI's, the head of the request.

        Returns:
            Who calls; None where that takes waiting: then `admit` has to be asked.

        Raises:
            CallerRefused: The caller may not pass.
        """
        try:
            return self._scheme.recognise(scope)
        except Refusal as refusal:
            raise self._refused(refusal, scope) from None

    async def admit(self, scope: Scope) -> Caller:
        """Let a caller pass.

        Args:
            scope: ASGI's, the head of the request.

        Raises:
            CallerRefused: The caller may not pass.
        """
        try:
            return await self._scheme.admit(scope)
        except Refusal as refusal:
            raise self._refused(refusal, scope) from None
        except CallerUnverifiable as error:
            _tell("not verified", error.detail, scope, None, logging.WARNING)
            raise

    def _refused(self, refusal: Refusal, scope: Scope) -> CallerRefused:
        if isinstance(refusal, ProofWrong):
            seconds = self._attempts.failed(address_of(scope))
            if seconds:
                return TooManyAttempts(_TOO_MANY, ((b"retry-after", b"%d" % seconds),))
        if not isinstance(refusal, ProofMissing):
            caller = refusal.caller if isinstance(refusal, ScopeMissing) else None
            _tell("refused", refusal.reason, scope, caller, logging.INFO)
        headers = tuple((b"www-authenticate", one) for one in self._scheme.challenges(refusal))
        if isinstance(refusal, ScopeMissing):
            return NotAllowed(_NOT_ALLOWED, headers)
        return NotAuthenticated(_UNKNOWN, headers)


async def admit_to_all(admissions: Sequence[Admission], scope: Scope) -> None:
    """Let a caller pass who has to be let in by several adapters.

    Args:
        admissions: Theirs.
        scope: ASGI's, the head of the request.

    Raises:
        CallerRefused: The caller may not pass one of them.
    """
    for admission in admissions:
        if admission.recognise(scope) is None:
            await admission.admit(scope)


class Callers:
    """Makes admissions; one for all listeners, for it keeps what is known of authorization servers.

    What a server's keys are, which nonces were used and who failed outlives a reload.

    Args:
        client: Carries requests to authorization servers.
        attempts: Counts what fails.
        nonce_key: What the nonces of digest challenges are signed with, where another process may
            get the response; random without it.
    """

    def __init__(
        self,
        client: UpstreamClient,
        attempts: FailedAttempts | None = None,
        nonce_key: bytes | None = None,
    ) -> None:
        self._client = client
        self._attempts = attempts or FailedAttempts()
        self._nonce_key = nonce_key
        self._admissions: WeakValueDictionary[CallerCheck, Admission] = WeakValueDictionary()

    def admission(self, check: CallerCheck) -> Admission:
        """Return what lets those pass who can prove this."""
        admission = self._admissions.get(check)
        if admission is None:
            admission = self._admissions[check] = Admission(self._scheme(check), self._attempts)
        return admission

    def admissions(self, checks: Iterable[CallerCheck | None]) -> tuple[Admission, ...]:
        """Return what lets those pass who can prove all of this, each once; None asks nothing."""
        return tuple(map(self.admission, dict.fromkeys(one for one in checks if one is not None)))

    async def aclose(self) -> None:
        """Close the connections to authorization servers."""
        await self._client.aclose()

    def _scheme(self, check: CallerCheck) -> Scheme:
        if isinstance(check, SecretCheck):
            return SecretScheme(check)
        if isinstance(check, DigestCheck):
            return DigestScheme(check, self._nonces(check))
        return TokenScheme(check, self._client)

    def _nonces(self, check: DigestCheck) -> Nonces:
        """Return the nonces of one check: another that took them would not see replays."""
        if self._nonce_key is None:
            return Nonces()
        whose = repr((check.users, check.algorithms)).encode()
        return Nonces(key=hmac.digest(self._nonce_key, whose, "sha256"))


def _tell(what: str, why: str, scope: Scope, caller: Caller | None, level: int) -> None:
    """Log who was not let in, and why; nothing of what was sent."""
    fields = {"client": address_of(scope), "reason": why}
    if caller is not None and caller.name is not None:
        fields["caller"] = caller.name
    _log.log(level, "caller %s", what, extra={"fields": fields})
