"""What can go wrong in a call.

    CallError
    ├── InvalidInput              the caller's arguments do not fit
    ├── CallerRefused             the caller is not let in
    │   ├── NotAuthenticated      it did not prove who it is
    │   ├── NotAllowed            it may not do this
    │   ├── TooManyAttempts       it failed to prove who it is too often
    │   └── CallerUnverifiable    who vouches for callers can't be asked
    ├── RequestTooLarge           the caller's body is over the limit
    ├── UnsupportedContent        the caller's body has a type that is not read here
    ├── CredentialMissing         a credential for upstream has no value
    ├── VariableMissing           another variable has no value
    ├── BaseUriMissing            a consumed API has no base URI yet
    ├── ScriptFailed              a script of the capability came to no result
    ├── TooManyCalls              the runtime does all that it may do at once
    └── UpstreamError
        ├── UpstreamCredentialRefused  no access token is to be had
        ├── UpstreamUnreachable   no connection: refused, reset, unknown host, bad TLS
        ├── UpstreamProtocolError the answer is not HTTP, or breaks off
        ├── UpstreamBodyInvalid   the body is not what its format promises
        ├── UpstreamTooLarge      the body is over the limit
        ├── UpstreamTimeout       no answer in time
        ├── UpstreamCircuitOpen   upstream has failed so often that it is left alone for a while
        ├── UpstreamBusy          as much runs upstream as may, and as much waits
        └── UpstreamRateLimited   the rate that upstream is asked at is used up

Problems in a document are no exceptions: they are `diagnostics.Diagnostic` values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class InputProblem:
    """One thing that is wrong with a caller's arguments.

    Attributes:
        pointer: Where: an RFC 6901 JSON pointer whose first part is the input's name.
        detail: What, and what would be right.
    """

    pointer: str
    detail: str


class CallError(Exception):
    """A call that the runtime itself ends with an error.

    Attributes:
        code: A stable name, the same on every face.
        detail: One sentence for the caller; it holds no secret and no internals.
        retry_after_seconds: When it makes sense to call again; None where that is not known.
    """

    code: ClassVar[str] = "call-failed"

    def __init__(self, detail: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds


class InvalidInput(CallError):
    """The caller's arguments do not fit; all problems are named at once."""

    code = "input-invalid"

    def __init__(self, problems: tuple[InputProblem, ...]) -> None:
        super().__init__("; ".join(problem.detail for problem in problems))
        self.problems = problems


class CallerRefused(CallError):
    """The caller is not let in.

    Attributes:
        headers: What the answer has to tell besides, such as `WWW-Authenticate`; names in lower
            case.
    """

    code = "caller-refused"

    def __init__(self, detail: str, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        super().__init__(detail)
        self.headers = headers


class NotAuthenticated(CallerRefused):
    """The caller did not prove who it is."""

    code = "not-authenticated"


class NotAllowed(CallerRefused):
    """The caller is known, and may not do this."""

    code = "not-allowed"


class TooManyAttempts(CallerRefused):
    """Too many attempts from the caller's address have failed lately, and this one, too."""

    code = "too-many-attempts"


class CallerUnverifiable(CallerRefused):
    """The authorization server that vouches for callers can't be asked now."""

    code = "caller-unverifiable"


class RequestTooLarge(CallError):
    """The caller's body is over the limit."""

    code = "request-too-large"


class UnsupportedContent(CallError):
    """The caller's body has a content type that is not read here."""

    code = "content-type-unsupported"


class CredentialMissing(CallError):
    """A credential for upstream has no value."""

    code = "upstream-credential-missing"


class VariableMissing(CallError):
    """A variable that the request needs has no value."""

    code = "variable-missing"


class BaseUriMissing(CallError):
    """The consumed API has no complete base URI."""

    code = "base-uri-missing"


class ScriptFailed(CallError):
    """A script of the capability failed, took too much, or gave no JSON."""

    code = "script-failed"


class TooManyCalls(CallError):
    """As many calls run as may run at once."""

    code = "too-many-calls"


class UpstreamError(CallError):
    """Upstream gave no usable answer.

    Attributes:
        unsent: Whether it is certain that nothing of the request reached upstream.
        lasting: Whether it is known that another attempt would end the same way.
        elsewhere: Whether it is not the API's fault, but who gives tokens is gone, say.
    """

    code = "upstream-failed"

    def __init__(
        self,
        detail: str,
        *,
        unsent: bool = False,
        lasting: bool = False,
        elsewhere: bool = False,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(detail, retry_after_seconds=retry_after_seconds)
        self.unsent = unsent
        self.lasting = lasting
        self.elsewhere = elsewhere


class UpstreamCredentialRefused(UpstreamError):
    """The authorization server gives no access token."""

    code = "upstream-credential-refused"


class UpstreamUnreachable(UpstreamError):
    """No connection could be made, or it was lost before an answer came."""

    code = "upstream-unreachable"


class UpstreamProtocolError(UpstreamError):
    """The answer is not valid HTTP, or it broke off."""

    code = "upstream-protocol-error"


class UpstreamBodyInvalid(UpstreamError):
    """The answer's body is not what its format promises."""

    code = "upstream-body-invalid"


class UpstreamTooLarge(UpstreamError):
    """The answer's body is over the limit."""

    code = "upstream-too-large"


class UpstreamTimeout(UpstreamError):
    """No complete answer came before the deadline."""

    code = "upstream-timeout"


class UpstreamCircuitOpen(UpstreamError):
    """Upstream has failed so often that nothing is sent there for a while."""

    code = "upstream-circuit-open"


class UpstreamBusy(UpstreamError):
    """As many requests run upstream as may, and no more may wait."""

    code = "upstream-busy"


class UpstreamRateLimited(UpstreamError):
    """The rate that upstream may be asked at is used up for as long as the call may take."""

    code = "upstream-rate-limited"
