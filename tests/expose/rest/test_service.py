"""Requests to routes: which one answers, who may call, what errors become."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from naftiko_runtime.errors import UpstreamTimeout, UpstreamUnreachable
from naftiko_runtime.expose.callers.attempts import MOST_FAILURES
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.rest.arguments import ArgumentReader
from naftiko_runtime.expose.sending import LARGE_BODY
from naftiko_runtime.values import Json
from tests.expose.callers.identity_server import ISSUER, RESOURCE, IdentityServer
from tests.expose.handing import Handing, receiving
from tests.expose.rest.driving import Server, capability, one_route, scope_of, seed, serve

READ_AND_WRITE = """
- path: /things/{id}
  name: things
  operations:
  - {name: read, method: GET}
  - {name: write, method: PUT}
"""
EXPOSED = """
- path: /things/{id}
  operations:
  - {method: GET, name: read, call: api.read}
  - {method: PUT, name: write, call: api.write}
"""


@pytest.fixture
def things(tmp_path: Path) -> Server:
    return serve(*capability(tmp_path, READ_AND_WRITE, EXPOSED).rest)


def test_a_route_is_found_by_method_and_path(things: Server) -> None:
    assert things.ask("PUT", "/things/7").status == 200
    assert (things.request.method, things.request.target) == ("PUT", b"/api/things/7")


def test_a_path_without_a_route_is_not_the_services_own(things: Server) -> None:
    assert things.service.find("GET", "/others") is None


def test_head_answers_like_get_without_its_body(things: Server) -> None:
    things.answers(200, ((b"content-type", b"text/plain"),), b"hello")
    answered = things.ask("HEAD", "/things/7")
    assert things.request.method == "GET"
    assert (answered.status, answered.body) == (200, b"")
    assert answered.header("content-length") == "5"


def test_a_head_operation_of_the_capability_goes_before_its_get(tmp_path: Path) -> None:
    consumed = "- path: /a\n  operations: [{name: h, method: HEAD}, {name: g, method: GET}]"
    exposed = (
        "- path: /a\n  operations:\n"
        "  - {method: GET, name: g, call: api.g}\n  - {method: HEAD, name: h, call: api.h}"
    )
    server = serve(*capability(tmp_path, consumed, exposed).rest)
    server.answers(200)
    answered = server.ask("HEAD", "/a")
    assert server.request.method == "HEAD"
    assert answered.header("content-length") is None, "the length of the body is not known"


def test_options_lists_what_a_path_offers(things: Server) -> None:
    answered = things.ask("OPTIONS", "/things/7")
    assert (answered.status, answered.body) == (204, b"")
    assert answered.header("allow") == "GET, PUT, HEAD, OPTIONS"
    assert not things.client.requests


def test_an_options_operation_of_the_capability_answers_itself(tmp_path: Path) -> None:
    server = one_route(tmp_path, method="OPTIONS")
    assert server.ask("OPTIONS", "/things").status == 200
    assert server.request.method == "OPTIONS"


def test_a_method_that_is_not_offered_is_a_problem_that_names_the_others(things: Server) -> None:
    answered = things.ask("DELETE", "/things/7")
    assert answered.status == 405
    assert answered.header("allow") == "GET, PUT, HEAD, OPTIONS"
    assert answered.json["code"] == "method-not-allowed"
    assert answered.json["detail"] == (
        "this path does not offer DELETE; it offers GET, PUT, HEAD, OPTIONS"
    )


def test_of_two_adapters_with_the_same_route_the_first_answers(tmp_path: Path) -> None:
    consumed = "- path: /{}\n  operations: [{{name: op, method: GET}}]"
    exposed = "- path: /a\n  operations: [{method: GET, name: op, call: api.op}]"
    first = capability(tmp_path, consumed.format("first"), exposed)
    second = capability(tmp_path, consumed.format("second"), exposed)
    server = serve(*first.rest, *second.rest)
    server.ask("GET", "/a")
    assert server.request.target == b"/api/first"


def test_a_problem_names_its_request(things: Server) -> None:
    answered = things.ask("DELETE", "/things/a%20b?token=s3cret")
    assert answered.header("content-type") == "application/problem+json"
    assert answered.json["instance"] == "/things/a%20b"
    assert answered.json["request_id"] == answered.header("x-request-id")
    assert len(str(answered.json["request_id"])) == 32


@pytest.mark.parametrize("sane", ["a", "req-1_2.3", "x" * 64])
def test_a_harmless_request_id_of_the_caller_is_kept(things: Server, sane: str) -> None:
    answered = things.ask("DELETE", "/things/7", headers={"X-Request-Id": sane})
    assert answered.header("x-request-id") == sane == answered.json["request_id"]


@pytest.mark.parametrize("other", ["", "x" * 65, "a b", "a\u00e9", "{}"])
def test_any_other_request_id_is_replaced(things: Server, other: str) -> None:
    answered = things.ask("DELETE", "/things/7", headers={"X-Request-Id": other})
    assert answered.header("x-request-id") != other


def test_an_answer_of_upstream_has_a_request_id_too(things: Server) -> None:
    answered = things.ask("GET", "/things/7", headers={"X-Request-Id": "mine"})
    assert answered.header("x-request-id") == "mine"


def test_what_upstream_calls_the_request_stays(things: Server) -> None:
    things.answers(200, ((b"x-request-id", b"theirs"),), b"{}")
    answered = things.ask("GET", "/things/7", headers={"X-Request-Id": "mine"})
    assert [value for name, value in answered.headers if name == "x-request-id"] == ["theirs"]


def test_upstream_that_can_not_be_reached_is_a_502(
    things: Server, caplog: pytest.LogCaptureFixture
) -> None:
    things.fails(UpstreamUnreachable("up.example refuses connections", lasting=True))
    answered = things.ask("GET", "/things/7", headers={"X-Request-Id": "r1"})
    assert (answered.status, answered.json["code"]) == (502, "upstream-unreachable")
    assert answered.json["detail"] == "up.example refuses connections"
    (record,) = caplog.records
    assert record.getMessage() == "face.read: up.example refuses connections"
    assert vars(record)["request_id"] == "r1"


def test_upstream_that_takes_too_long_is_a_504(things: Server) -> None:
    things.fails(UpstreamTimeout("no answer within 30 s", lasting=True))
    assert things.ask("GET", "/things/7").status == 504


def test_an_error_status_of_upstream_is_relayed(things: Server) -> None:
    body = b'{"status": 404, "key": "not_found"}'
    things.answers(404, ((b"content-type", b"application/json"),), body)
    answered = things.ask("GET", "/things/7")
    assert (answered.status, answered.body) == (404, body)
    assert answered.header("content-type") == "application/json"


def test_what_no_one_foresaw_is_a_500_without_internals(
    things: Server, caplog: pytest.LogCaptureFixture
) -> None:
    things.fails(KeyError("s3cret"))
    answered = things.ask("GET", "/things/7", headers={"X-Request-Id": "r1"})
    assert (answered.status, answered.json["code"]) == (500, "internal-error")
    assert b"s3cret" not in answered.body
    assert b"KeyError" not in answered.body
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("naftiko.rest", logging.ERROR)
    assert record.exc_info is not None
    assert vars(record)["request_id"] == "r1"


def test_a_missing_credential_is_a_401_that_names_the_variable() -> None:
    answered = serve(*seed({}).rest).ask("GET", "/v1/api/syncs")
    assert (answered.status, answered.json["code"]) == (401, "upstream-credential-missing")
    assert "POLYTOMIC_API_KEY" in str(answered.json["detail"])
    assert answered.header("www-authenticate") == 'Bearer realm="upstream"'


def test_a_missing_key_of_another_kind_has_a_challenge_too(tmp_path: Path) -> None:
    api = "authentication: {type: apikey, key: X-Key, value: '{{env.NO_KEY}}', placement: header}"
    answered = one_route(tmp_path, api=api).ask("POST", "/things")
    assert answered.status == 401
    assert answered.header("www-authenticate") == 'ApiKey realm="upstream"'


def test_a_missing_base_uri_is_a_503_that_says_how_to_set_it(tmp_path: Path) -> None:
    server = serve(*capability(tmp_path, READ_AND_WRITE, EXPOSED, base='""').rest)
    answered = server.ask("GET", "/things/7")
    assert (answered.status, answered.json["code"]) == (503, "base-uri-missing")
    assert "--base-uri api=URL" in str(answered.json["detail"])


def test_callers_have_to_prove_who_they_are_where_the_adapter_asks(tmp_path: Path) -> None:
    adapter = "authentication: {type: bearer, token: door}"
    server = one_route(tmp_path, "name: n, in: body", adapter=adapter)
    refused = server.ask("POST", "/things", b"{}", {"Authorization": "Bearer window"})
    assert (refused.status, refused.json["code"]) == (401, "not-authenticated")
    assert (refused.header("www-authenticate") or "").startswith('Bearer realm="naftiko", error=')
    assert server.pieces_read == 0, "a stranger's body is not read"
    assert server.ask("POST", "/things", b"{}", {"Authorization": "Bearer door"}).status == 200


def test_a_callers_own_credential_is_not_sent_upstream_where_it_is_the_adapters(
    tmp_path: Path,
) -> None:
    server = one_route(
        tmp_path,
        "name: Authorization, in: header",
        api="authentication: {type: bearer, token: upstream}",
        adapter="authentication: {type: bearer, token: door}",
    )
    server.ask("POST", "/things", headers={"Authorization": "Bearer door"})
    assert server.sent_header("authorization") == "Bearer upstream"


def test_a_callers_own_credential_replaces_the_configured_one(tmp_path: Path) -> None:
    server = one_route(
        tmp_path,
        "name: Authorization, in: header",
        api="authentication: {type: bearer, token: upstream}",
        adapter="authentication: {type: apikey, key: door, value: k, placement: query}",
    )
    server.ask("POST", "/things?door=k", headers={"Authorization": "Bearer mine"})
    assert server.sent_header("authorization") == "Bearer mine"


BASE = f"type: oauth2, authorizationServerUri: {ISSUER}, resource: {RESOURCE}"


@pytest.mark.parametrize(
    ("block", "status"),
    [
        ("type: digest, username: ada, password: p", 401),
        (f"{BASE}, scopes: ships:read", 200),
        (f"{BASE}, scopes: ships:sail", 403),
    ],
)
def test_a_refused_caller_gets_a_problem_with_the_challenge(
    tmp_path: Path, block: str, status: int
) -> None:
    identity = IdentityServer()
    adapter = f"authentication: {{{block}}}"
    server = one_route(tmp_path, "name: n, in: body", adapter=adapter, identity=identity)
    headers = {"Authorization": f"Bearer {identity.token()}"}
    answered = server.ask("POST", "/things", b"{}", headers)
    assert answered.status == status
    if status != 200:
        assert answered.header("content-type") == "application/problem+json"
        assert answered.header("www-authenticate") is not None
        assert server.pieces_read == 0


def test_too_many_failures_are_a_problem_that_says_when_to_try_again(tmp_path: Path) -> None:
    adapter = "authentication: {type: bearer, token: door}"
    server = one_route(tmp_path, "name: n, in: body", adapter=adapter)
    wrong = {"Authorization": "Bearer window"}
    answers = [server.ask("POST", "/things", headers=wrong) for _ in range(MOST_FAILURES + 1)]
    assert [one.status for one in answers] == [401] * MOST_FAILURES + [429]
    assert answers[-1].json["code"] == "too-many-attempts"
    assert answers[-1].header("retry-after") == "60"
    assert server.ask("POST", "/things", headers={"Authorization": "Bearer door"}).status == 200


@pytest.mark.parametrize("api", ["", "authentication: {type: bearer, token: upstream}"])
@pytest.mark.parametrize("name", ["Authorization", "authorization"])
@pytest.mark.parametrize(
    "block",
    [
        "{type: bearer, token: door}",
        "{type: basic, username: a, password: b}",
        "{type: digest, username: a, password: b}",
        "{type: apikey, value: k}",
        f"{{{BASE}}}",
    ],
)
def test_a_proof_is_passed_on_by_no_scheme(tmp_path: Path, block: str, name: str, api: str) -> None:
    consumed = (
        "- path: /t\n  operations:\n  - name: op\n    method: GET\n"
        f"    inputParameters: [{{name: {name}, in: header}}]"
    )
    exposed = "- path: /t\n  operations: [{method: GET, name: op, call: api.op}]"
    (plan,) = capability(
        tmp_path, consumed, exposed, api=api, adapter=f"authentication: {block}"
    ).rest
    (route,) = plan.routes
    reader = ArgumentReader(route.operation, route.callers, Limits())
    assert reader.read({}, b"", [(b"authorization", b"canary")], b"") == {}


def test_a_key_in_the_query_is_compared_as_it_is_written(tmp_path: Path) -> None:
    server = one_route(
        tmp_path,
        "name: key, in: query",
        api="authentication: {type: apikey, key: key, value: upstream, placement: query}",
        adapter="authentication: {type: apikey, key: key, value: door, placement: query}",
    )
    assert server.ask("POST", "/things?key=door").status == 200
    assert server.request.target == b"/api/things?key=upstream"


def test_a_caller_who_leaves_in_mid_body_gets_no_answer(tmp_path: Path) -> None:
    told: list[object] = []
    plans = capability(
        tmp_path,
        "- path: /a\n  operations:\n  - name: op\n    method: POST\n"
        "    inputParameters: [{name: n, in: body}]",
        "- path: /a\n  operations: [{method: POST, name: op, call: api.op}]",
    ).rest
    server = serve(*plans, on_answer=lambda *facts: told.append(facts))
    assert server.leave("POST", "/a").status is None
    assert not told
    assert not server.client.requests


def test_every_answer_is_told_of(tmp_path: Path) -> None:
    told: list[tuple[str, str, str | None, int, float, str]] = []
    plans = capability(tmp_path, READ_AND_WRITE, EXPOSED).rest
    server = serve(*plans, on_answer=lambda *facts: told.append(facts))
    server.ask("GET", "/things/a%2Fb?q=1", headers={"X-Request-Id": "r1"})
    server.ask("POST", "/things/7", headers={"X-Request-Id": "r2"})
    (good, refused) = told
    assert good[:4] == ("GET", "/things/a%2Fb", "face.read", 200)
    assert refused[:4] == ("POST", "/things/7", None, 405)
    assert (good[5], refused[5]) == ("r1", "r2")
    assert all(0 <= facts[4] < 60 for facts in told)


def test_a_mock_answers_without_upstream(tmp_path: Path) -> None:
    exposed = (
        "- path: /a\n  operations:\n  - method: GET\n    name: m\n"
        "    outputParameters: [{name: greeting, type: string, value: hello}]"
    )
    server = serve(*capability(tmp_path, READ_AND_WRITE, exposed).rest)
    expected: dict[str, Json] = {"greeting": "hello"}
    assert server.ask("GET", "/a").json == expected
    assert not server.client.requests


def test_limits_reach_the_service(tmp_path: Path) -> None:
    server = one_route(tmp_path, "name: n, in: body", limits=Limits(body_bytes=4))
    assert server.ask("POST", "/things", b'{"n":1}').status == 413


LARGE = b'{"n": "%b"}' % (b"x" * LARGE_BODY)


async def _sent(server: Server, send: Handing, key: bytes = b"door") -> None:
    """Send a large body to a route of a server."""
    scope = scope_of("POST", "/things", [(b"x-key", key)])
    match = server.service.find("POST", "/things")
    assert match is not None
    await server.service.answer(match, scope, receiving(LARGE), send)


def _keyed(folder: Path, told: list[object]) -> Server:
    consumed = (
        "- path: /things\n  operations:\n  - name: op\n    method: POST\n"
        "    inputParameters: [{name: n, in: body}]"
    )
    exposed = "- path: /things\n  operations: [{method: POST, name: op, call: api.op}]"
    adapter = "authentication: {type: apikey, key: X-Key, value: door, placement: header}"
    plans = capability(folder, consumed, exposed, adapter=adapter).rest
    return serve(*plans, on_answer=lambda *facts: told.append(facts))


async def test_a_request_that_is_handed_over_is_left_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[object] = []
    server, send = _keyed(tmp_path, told), Handing()
    await _sent(server, send)
    assert send.asked == [LARGE]
    assert (send.sent, told, server.client.requests) == ([], [], [])
    assert not caplog.records


async def test_a_request_that_nobody_takes_over_is_answered_here(tmp_path: Path) -> None:
    told: list[object] = []
    server, send = _keyed(tmp_path, told), Handing(is_over=False)
    await _sent(server, send)
    assert send.asked == [LARGE]
    assert (send.sent[0]["status"], len(told)) == (200, 1)
    assert server.request.body == LARGE.replace(b" ", b"")


async def test_a_request_of_a_caller_who_may_not_call_is_not_handed_over(tmp_path: Path) -> None:
    server, send = _keyed(tmp_path, []), Handing()
    await _sent(server, send, b"window")
    assert send.asked == []
    assert send.sent[0]["status"] == 401
