"""Problems: errors as RFC 9457 `application/problem+json`. Section 7 of the behaviour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from naftiko_runtime.errors import (
    BaseUriMissing,
    CallerRefused,
    CallError,
    CallerUnverifiable,
    CredentialMissing,
    InputProblem,
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
    RequestTooLarge,
    ScriptFailed,
    TooManyAttempts,
    TooManyCalls,
    UnsupportedContent,
    UpstreamBodyInvalid,
    UpstreamBusy,
    UpstreamCircuitOpen,
    UpstreamCredentialRefused,
    UpstreamError,
    UpstreamProtocolError,
    UpstreamRateLimited,
    UpstreamTimeout,
    UpstreamTooLarge,
    UpstreamUnreachable,
    VariableMissing,
)
from naftiko_runtime.execute.upstream.message import Headers
from naftiko_runtime.expose.rest.response import Answer
from naftiko_runtime.plan.expressions import to_json
from naftiko_runtime.values import Json

MEDIA_TYPE: Final = b"application/problem+json"
TYPE_PREFIX: Final = "urn:naftiko:problem:"


class RequestTimeout(CallError):
    """The caller's body did not come in time."""

    code = "request-timeout"


class CallerRateExceeded(CallError):
    """The caller makes more calls than one address may."""

    code = "caller-rate-exceeded"


TABLE: Final[dict[type[CallError], tuple[int, str]]] = {
    InvalidInput: (400, "The input does not fit"),
    NotAuthenticated: (401, "The caller is not authenticated"),
    CredentialMissing: (401, "A credential for upstream is missing"),
    CallerRefused: (403, "The caller is not let in"),
    NotAllowed: (403, "The caller may not do this"),
    RequestTimeout: (408, "The request did not come in time"),
    RequestTooLarge: (413, "The request body is too large"),
    UnsupportedContent: (415, "The content type is not supported"),
    TooManyAttempts: (429, "Too many attempts have failed"),
    CallerUnverifiable: (503, "The caller can't be verified now"),
    VariableMissing: (503, "A variable is missing"),
    BaseUriMissing: (503, "The base URI is missing"),
    ScriptFailed: (500, "A script failed"),
    TooManyCalls: (503, "Too many calls run at once"),
    CallerRateExceeded: (429, "The caller calls too often"),
    UpstreamError: (502, "Upstream failed"),
    UpstreamCredentialRefused: (502, "Upstream gives no access"),
    UpstreamUnreachable: (502, "Upstream can't be reached"),
    UpstreamProtocolError: (502, "Upstream's answer is not valid HTTP"),
    UpstreamBodyInvalid: (502, "Upstream's answer is not valid"),
    UpstreamTooLarge: (502, "Upstream's answer is too large"),
    UpstreamTimeout: (504, "Upstream took too long"),
    UpstreamCircuitOpen: (503, "Upstream is left alone for a while"),
    UpstreamBusy: (503, "Upstream is busy"),
    UpstreamRateLimited: (503, "Upstream may not be asked so often"),
    CallError: (500, "The call failed"),
}
"""What each error is in REST: status and title."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem, but for the request that it is about.

    Attributes:
        status: The HTTP status.
        code: A stable name.
        title: What the code means, in a few words.
        detail: What is the matter this time.
        errors: The single things that are wrong with the input.
        headers: What the status calls for, such as `Allow`.
    """

    status: int
    code: str
    title: str
    detail: str
    errors: tuple[InputProblem, ...] = ()
    headers: Headers = ()

    def answer(self, instance: str, request_id: str) -> Answer:
        """Return the problem as a response.

        Args:
            instance: The path of the request; no query, for that may hold secrets.
            request_id: What the request is called.
        """
        body: dict[str, Json] = {
            "type": TYPE_PREFIX + self.code,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            "code": self.code,
            "request_id": request_id,
        }
        if self.errors:
            body["errors"] = [{"pointer": one.pointer, "detail": one.detail} for one in self.errors]
        headers = ((b"content-type", MEDIA_TYPE), (b"cache-control", b"no-store"), *self.headers)
        return Answer(self.status, headers, to_json(body))


def problem_of(error: CallError, challenge: bytes) -> Problem:
    """Return what an error is in REST.

    Args:
        error: What went wrong.
        challenge: The `WWW-Authenticate` header of a 401 that upstream is to blame for, RFC 9110
            section 11.6.1; a refused caller's own tells it by itself.
    """
    status, title = next(TABLE[kind] for kind in type(error).__mro__ if kind in TABLE)
    errors = error.problems if isinstance(error, InvalidInput) else ()
    headers: Headers = ((b"www-authenticate", challenge),) if status == 401 else ()
    if isinstance(error, CallerRefused):
        headers = error.headers or headers
    if error.retry_after_seconds is not None:
        headers = (*headers, (b"retry-after", b"%d" % max(1, ceil(error.retry_after_seconds))))
    return Problem(status, error.code, title, error.detail, errors, headers)


def unknown_path() -> Problem:
    """Return the problem of a path that nothing is served at."""
    return Problem(404, "path-unknown", "Not found", "there is nothing at this path")


def not_offered(method: str, allowed: Sequence[str], instance: str, request_id: str) -> Answer:
    """Answer a request for a method that a path does not offer; OPTIONS lists those it does.

    Args:
        method: The request's.
        allowed: The methods that the path offers.
        instance: The path of the request.
        request_id: What the request is called.
    """
    offer = ", ".join(dict.fromkeys((*allowed, "OPTIONS")))
    allow = ((b"allow", offer.encode()),)
    if method == "OPTIONS":
        return Answer(204, allow)
    detail = f"this path does not offer {method}; it offers {offer}"
    title = "The method is not offered"
    problem = Problem(405, "method-not-allowed", title, detail, headers=allow)
    return problem.answer(instance, request_id)


def unforeseen() -> Problem:
    """Return the problem of an error that no one has thought of; its facts are for the log."""
    detail = "something went wrong that should not; the log tells more under the request id"
    return Problem(500, "internal-error", "Internal error", detail)
