"""Requests that are passed on, without a network."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.errors import UpstreamProtocolError, UpstreamTimeout, UpstreamUnreachable
from naftiko_runtime.execute.upstream.message import UpstreamRequest
from naftiko_runtime.expose.limits import Limits
from tests.expose.rest.driving import Server, capability, serve
from tests.expose.rest.forwards import BESIDE, CONSUMED, FORWARD, forwards


@pytest.fixture
def server(tmp_path: Path) -> Server:
    """Serve the forward alone."""
    return serve(*forwards(tmp_path).rest)


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS", "PROPFIND"])
def test_any_method_is_passed_on(server: Server, method: str) -> None:
    server.answers(207, ((b"content-type", b"text/csv"),), b"a,b")
    answered = server.ask(method, "/x/a/b%2Fc?q=1&q=2")
    assert (server.request.method, server.request.target) == (method, b"/api/a/b%2Fc?q=1&q=2")
    assert (answered.status, answered.body) == (207, b"a,b")
    assert answered.header("content-type") == "text/csv"


@pytest.mark.parametrize("method", ["TRACE", "CONNECT"])
def test_what_would_show_credentials_is_not_passed_on(server: Server, method: str) -> None:
    answered = server.ask(method, "/x/a")
    assert (answered.status, answered.json["code"]) == (405, "method-not-allowed")
    assert answered.header("allow") == "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
    assert not server.client.requests


def test_a_head_is_passed_on_as_such(server: Server) -> None:
    server.answers(200, ((b"content-length", b"99"),))
    answered = server.ask("HEAD", "/x/a")
    assert server.request.method == "HEAD"
    assert (answered.header("content-length"), answered.body) == ("99", b"")


def test_a_body_is_passed_on_in_pieces(server: Server) -> None:
    server.ask("PUT", "/x/a", [b"one", b"two"], {"content-length": "6"}, "text/plain")
    assert server.request.body == b"onetwo"
    assert server.sent_header("content-type") == "text/plain"


def test_a_body_of_unknown_length_is_passed_on(server: Server) -> None:
    server.ask("PUT", "/x/a", [b"one", b"two"], {"transfer-encoding": "chunked"})
    assert server.request.body == b"onetwo"


def test_the_limit_on_bodies_is_not_for_forwards(tmp_path: Path) -> None:
    server = serve(*forwards(tmp_path).rest, limits=Limits(body_bytes=2))
    assert server.ask("PUT", "/x/a", b"onetwo", {"content-length": "6"}).status == 200


CANARY = "c4n4ry"


@pytest.mark.parametrize(
    "name",
    [
        *("authorization", "cookie", "proxy-authorization", "x-api-key", "x-other", "user-agent"),
        *("accept", "accept-language", "accept-encoding", "referer", "origin", "x-forwarded-for"),
        *("content-type", "content-encoding", "host", "te", "upgrade", "range", "if-none-match"),
    ],
)
def test_nothing_of_the_callers_arrives_undeclared(server: Server, name: str) -> None:
    server.ask("GET", "/x/a", headers={name: CANARY, "x-id": "7"})
    assert CANARY.encode() not in _sent(server.request)
    assert server.sent_header("x-id") == "7"


@pytest.mark.parametrize(
    ("placement", "target", "headers"),
    [
        ("query", f"/x/a?k={CANARY}&b=1", {}),
        ("cookie", "/x/a?b=1", {"cookie": f"k={CANARY}; b=1"}),
        ("header", "/x/a?b=1", {"k": CANARY}),
    ],
)
def test_the_proof_of_callers_ends_here(
    tmp_path: Path, placement: str, target: str, headers: dict[str, str]
) -> None:
    proof = f"authentication: {{type: apikey, key: k, value: {CANARY}, placement: {placement}}}"
    trusted = FORWARD.replace("X-Id", "K, Cookie")
    server = serve(*forwards(tmp_path, trusted, adapter=proof).rest)
    assert server.ask("GET", "/x/a").status == 401
    assert server.ask("GET", target, headers=headers).status == 200
    assert CANARY.encode() not in _sent(server.request)
    assert b"b=1" in _sent(server.request)


def _sent(request: UpstreamRequest) -> bytes:
    """Return all that goes upstream before the body; a request's `repr` hides it."""
    return b"\n".join([request.target, *(b": ".join(pair) for pair in request.headers)])


def test_a_refused_caller_is_told_how_to_prove_itself(tmp_path: Path) -> None:
    server = serve(*forwards(tmp_path, adapter="authentication: {type: bearer, token: t}").rest)
    answered = server.ask("POST", "/x/a", b"{}")
    assert (answered.status, answered.json["code"]) == (401, "not-authenticated")
    assert answered.header("www-authenticate") == 'Bearer realm="naftiko"'


def test_credentials_and_fixed_parameters_of_the_api_are_added(tmp_path: Path) -> None:
    api = """
authentication: {type: bearer, token: t}
inputParameters:
- {name: X-Version, in: header, value: '2'}
- {name: v, in: query, value: 3}
"""
    server = serve(*forwards(tmp_path, api=api).rest)
    server.ask("GET", "/x/a?b=1")
    assert server.request.target == b"/api/a?b=1&v=3"
    assert server.sent_header("authorization") == "Bearer t"
    assert server.sent_header("x-version") == "2"


def test_a_missing_credential_is_a_401(tmp_path: Path) -> None:
    server = serve(
        *forwards(tmp_path, api="authentication: {type: bearer, token: '{{env.GONE}}'}").rest
    )
    answered = server.ask("GET", "/x/a")
    assert (answered.status, answered.json["code"]) == (401, "upstream-credential-missing")


def test_a_missing_base_uri_is_a_503(tmp_path: Path) -> None:
    server = serve(*capability(tmp_path, CONSUMED, FORWARD, base="''").rest)
    answered = server.ask("GET", "/x/a")
    assert (answered.status, answered.json["code"]) == (503, "base-uri-missing")


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (UpstreamUnreachable("no"), 502),
        (UpstreamProtocolError("no"), 502),
        (UpstreamTimeout("no"), 504),
        (RuntimeError("no"), 500),
    ],
)
def test_a_failure_before_the_answer_is_a_problem(
    server: Server, failure: Exception, status: int
) -> None:
    server.fails(failure)
    answered = server.ask("GET", "/x/a")
    assert answered.status == answered.json["status"] == status


@pytest.mark.parametrize("path", ["/x/..", "/x/%2e%2e/a", "/x/a%2f..%2f..", "/x//evil.test"])
def test_a_path_that_leads_out_of_the_base_uri_is_a_400(server: Server, path: str) -> None:
    assert server.ask("GET", path).status == 400
    assert not server.client.requests


def test_an_operation_goes_before_the_forward(tmp_path: Path) -> None:
    server = serve(*forwards(tmp_path, BESIDE).rest)
    assert server.ask("GET", "/x/a/b").body == b'"mine"'
    assert server.ask("HEAD", "/x/a/b").status == 200
    assert not server.client.requests
    server.ask("POST", "/x/a/b")
    assert server.request.target == b"/api/a/b"
