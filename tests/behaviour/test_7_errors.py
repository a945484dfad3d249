"""Section 7: the errors that the runtime makes itself."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.behaviour.world import Reply, World, as_json, world

ERRORS = """
naftiko: 1.0.0-alpha2
binds: [{namespace: env, keys: {NEVER_SET: NEVER_SET_ANYWHERE}}]
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: UPSTREAM/e
    resources:
    - {name: x, path: /x, operations: [
        {name: get-x, method: GET, inputParameters: [{name: n, in: query, type: integer}]},
        {name: post-x, method: POST, inputParameters: [{name: a, in: body}, {name: b, in: body,
          required: true}]},
        {name: mapped, method: GET}]}
  - {type: http, namespace: keyless, baseUri: UPSTREAM/e, authentication: {type: bearer,
      token: '{{NEVER_SET}}'}, resources: [
      {name: x, path: /x, operations: [{name: get-x, method: GET}]}]}
  - {type: http, namespace: homeless, baseUri: '', resources: [
      {name: x, path: /x, operations: [{name: get-x, method: GET}]}]}
  - {type: http, namespace: refused, baseUri: 'http://127.0.0.1:REFUSED', resources: [
      {name: x, path: /x, operations: [{name: get-x, method: GET}]}]}
  - {type: http, namespace: no-http, baseUri: 'http://127.0.0.1:SILENT',
      x-resilience: {timeouts: {total: 0.5}}, resources: [
      {name: x, path: /x, operations: [{name: get-x, method: GET}]}]}
  exposes:
  - type: rest
    namespace: face
    resources:
    - {path: /s7/x, operations: [{name: x, method: GET, call: api.get-x},
        {name: px, method: POST, call: api.post-x}]}
    - {path: /s7/mapped, operations: [{name: mapped, method: GET, call: api.mapped,
        outputParameters: [{type: string, mapping: $.a}]}]}
    - {path: /s7/keyless, operations: [{name: k, method: GET, call: keyless.get-x}]}
    - {path: /s7/homeless, operations: [{name: h, method: GET, call: homeless.get-x}]}
    - {path: /s7/refused, operations: [{name: r, method: GET, call: refused.get-x}]}
    - {path: /s7/slow, operations: [{name: n, method: GET, call: no-http.get-x}]}
  - type: rest
    namespace: guarded
    authentication: {type: basic, username: u, password: p}
    resources:
    - {path: /s7/guarded, operations: [{name: g, method: GET, call: api.get-x}]}
  - type: mcp
    namespace: face-mcp
    tools:
    - {name: x, description: x, call: api.get-x}
    - {name: keyless, description: k, call: keyless.get-x}
    - {name: refused, description: r, call: refused.get-x}
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with socket.socket() as silent, socket.socket() as refusing:
        for bound in (silent, refusing):
            bound.bind(("127.0.0.1", 0))
        silent.listen(50)
        text = ERRORS.replace("REFUSED", str(refusing.getsockname()[1]))
        text = text.replace("SILENT", str(silent.getsockname()[1]))
        options = ["--max-response", "1KiB"]
        with world(tmp_path_factory.mktemp("errors"), {"errors.yaml": text}, *options) as one:
            yield one


def _problem(response: httpx.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert {"type", "title", "status", "detail", "instance", "code"} <= set(problem)
    assert problem["status"] == status
    return problem


def test_7_no_such_path_is_a_404(served: World) -> None:
    _problem(served.refused("GET", "/s7/nowhere"), 404)


def test_7_a_method_that_is_not_offered_is_a_405_with_allow(served: World) -> None:
    response = served.refused("DELETE", "/s7/x")
    _problem(response, 405)
    assert {"GET", "HEAD", "POST", "OPTIONS"} == set(response.headers["allow"].split(", "))


def test_7_head_answers_for_get(served: World) -> None:
    response = served.rest("HEAD", "/s7/x")
    assert (response.status_code, response.content) == (200, b"")
    assert served.upstream.seen[-1].method == "GET"
    assert response.headers["content-length"] == str(len(b'{"ok":true}'))


def test_7_options_lists(served: World) -> None:
    response = served.refused("OPTIONS", "/s7/x")
    assert response.status_code in (200, 204)
    assert {"GET", "HEAD", "POST", "OPTIONS"} == set(response.headers["allow"].split(", "))


def test_7_bad_input_is_a_400_with_pointers(served: World) -> None:
    problem = _problem(served.refused("GET", "/s7/x?n=a"), 400)
    (error,) = problem["errors"]
    assert set(error) >= {"pointer", "detail"}


def test_7_a_caller_who_is_nobody_is_a_401(served: World) -> None:
    response = served.refused("GET", "/s7/guarded")
    _problem(response, 401)
    assert response.headers["www-authenticate"].startswith("Basic")
    assert served.get("/s7/guarded", auth=("u", "p")).status_code == 200


def test_7_a_missing_upstream_credential_is_a_401_that_names_the_variable(served: World) -> None:
    problem = _problem(served.refused("GET", "/s7/keyless"), 401)
    assert problem["code"] == "upstream-credential-missing"
    assert "NEVER_SET" in str(problem)


def test_7_a_body_that_is_too_large_is_a_413(served: World) -> None:
    body = b'{"a":"' + b"x" * (10 << 20) + b'"}'
    headers = {"Content-Type": "application/json"}
    _problem(served.refused("POST", "/s7/x", content=body, headers=headers), 413)


def test_7_an_unsupported_body_is_a_415(served: World) -> None:
    headers = {"Content-Type": "application/x-unheard-of"}
    _problem(served.refused("POST", "/s7/x", content=b"x", headers=headers), 415)


def test_7_a_missing_base_uri_is_a_503(served: World) -> None:
    assert _problem(served.refused("GET", "/s7/homeless"), 503)["code"] == "base-uri-missing"


def test_7_an_upstream_that_refuses_is_a_502(served: World) -> None:
    _problem(served.get("/s7/refused"), 502)


def test_7_an_upstream_that_is_too_slow_is_a_504(served: World) -> None:
    _problem(served.get("/s7/slow"), 504)


def test_7_a_bad_body_is_a_502(served: World) -> None:
    served.upstream.replies["/e/x"] = Reply(b"{no json")
    _problem(served.get("/s7/mapped"), 502)
    del served.upstream.replies["/e/x"]


def test_7_a_response_that_is_too_large_is_a_502(served: World) -> None:
    served.upstream.replies["/e/x"] = as_json("x" * 2000)
    _problem(served.get("/s7/x"), 502)
    del served.upstream.replies["/e/x"]


def test_7_tools_tell_errors_in_results(served: World) -> None:
    result = served.call("face-mcp", "keyless")
    assert result["isError"] is True
    assert "NEVER_SET" in result["content"][0]["text"]
    assert served.call("face-mcp", "refused")["isError"] is True


def test_7_an_unknown_tool_is_a_protocol_error(served: World) -> None:
    answer = served.ask("face-mcp", "tools/call", name="nothing", arguments={})
    assert answer["error"]["code"] == -32602
