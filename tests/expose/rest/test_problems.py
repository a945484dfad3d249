"""The table of errors in REST. Section 7 of the behaviour."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from naftiko_runtime import errors
from naftiko_runtime.errors import CallError, InputProblem, InvalidInput
from naftiko_runtime.expose.rest.problems import (
    TABLE,
    CallerRateExceeded,
    RequestTimeout,
    problem_of,
)

STATUSES = {
    errors.InvalidInput: 400,
    errors.NotAuthenticated: 401,
    errors.CredentialMissing: 401,
    errors.CallerRefused: 403,
    errors.NotAllowed: 403,
    RequestTimeout: 408,
    CallerRateExceeded: 429,
    errors.RequestTooLarge: 413,
    errors.UnsupportedContent: 415,
    errors.TooManyAttempts: 429,
    errors.CallError: 500,
    errors.UpstreamError: 502,
    errors.UpstreamCredentialRefused: 502,
    errors.UpstreamUnreachable: 502,
    errors.UpstreamProtocolError: 502,
    errors.UpstreamBodyInvalid: 502,
    errors.UpstreamTooLarge: 502,
    errors.CallerUnverifiable: 503,
    errors.BaseUriMissing: 503,
    errors.VariableMissing: 503,
    errors.TooManyCalls: 503,
    errors.UpstreamCircuitOpen: 503,
    errors.UpstreamBusy: 503,
    errors.UpstreamRateLimited: 503,
    errors.UpstreamTimeout: 504,
    errors.ScriptFailed: 500,
}


def every(kind: type[CallError]) -> Iterator[type[CallError]]:
    """Yield the errors with a code of their own."""
    if kind.__module__.startswith("naftiko_runtime.") and "code" in vars(kind):
        yield kind
    for inner in kind.__subclasses__():
        yield from every(inner)


def test_every_error_has_its_own_row() -> None:
    assert set(every(CallError)) == set(TABLE), "give the new error a status and a title"


def test_errors_have_the_statuses_of_the_behaviour() -> None:
    assert {kind: status for kind, (status, _) in TABLE.items()} == STATUSES


def test_a_problem_is_what_rfc_9457_says() -> None:
    error = InvalidInput((InputProblem("/a", "a is wrong"), InputProblem("/b", "b too")))
    answer = problem_of(error, b"").answer("/things", "r1")
    assert answer.status == 400
    assert json.loads(answer.body) == {
        "type": "urn:naftiko:problem:input-invalid",
        "title": "The input does not fit",
        "status": 400,
        "detail": "a is wrong; b too",
        "instance": "/things",
        "code": "input-invalid",
        "request_id": "r1",
        "errors": [
            {"pointer": "/a", "detail": "a is wrong"},
            {"pointer": "/b", "detail": "b too"},
        ],
    }
    assert dict(answer.headers)[b"content-type"] == b"application/problem+json"


@pytest.mark.parametrize("kind", list(TABLE), ids=lambda kind: kind.__name__)
def test_only_a_401_has_a_challenge(kind: type[CallError]) -> None:
    error = InvalidInput(()) if kind is InvalidInput else kind("detail")
    problem = problem_of(error, b'Bearer realm="r"')
    has_challenge = (b"www-authenticate", b'Bearer realm="r"') in problem.headers
    assert has_challenge == (problem.status == 401)
