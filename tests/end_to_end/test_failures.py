"""Whatever goes wrong upstream or with a request, callers get a problem with a request id."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from naftiko_runtime.settings import DEFAULT_TIMEOUT_SECONDS
from tests.end_to_end import calls
from tests.end_to_end.calls import SYNC_ID
from tests.end_to_end.commands import Served
from tests.end_to_end.faces import mcp_face, rest_client, send, text_of

TEN_MIB = 10 * 1024 * 1024


@pytest.fixture(scope="module")
def rest(scripted: Served) -> Iterator[httpx.Client]:
    with rest_client(f"{scripted.rest}/v1") as client:
        yield client


def _check_problem(response: httpx.Response, status: int, code: str) -> None:
    problem = response.json()
    assert (response.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["request_id"] == response.headers["x-request-id"]
    assert problem["instance"] == response.request.url.raw_path.decode()
    assert {"type", "title", "detail"} <= problem.keys()


def test_a_dead_upstream_is_a_502(dead_end: Served) -> None:
    with rest_client(f"{dead_end.rest}/v1") as client:
        response = send(client, calls.list_syncs())
    _check_problem(response, 502, "upstream-unreachable")
    assert response.json()["request_id"] in dead_end.process.stderr


def test_a_dead_upstream_is_an_error_result_of_a_tool(dead_end: Served) -> None:
    with mcp_face(dead_end.mcp, "2026-07-28") as face:
        result = face.result("list-syncs", {})
    assert result.is_error
    assert isinstance(result.structured_content, dict)
    assert result.structured_content["code"] == "upstream-unreachable"
    assert result.structured_content["request_id"] in dead_end.process.stderr
    assert result.structured_content["request_id"] in text_of(result)


def test_a_slow_upstream_is_a_504_within_the_deadline(impatient: Served) -> None:
    with rest_client(f"{impatient.rest}/v1") as client:
        started = time.monotonic()
        response = send(client, calls.get_sync("stalls"))
        seconds = time.monotonic() - started
    _check_problem(response, 504, "upstream-timeout")
    assert 0.5 <= seconds < DEFAULT_TIMEOUT_SECONDS


def test_a_slow_upstream_is_an_error_result_of_a_tool(impatient: Served) -> None:
    with mcp_face(impatient.mcp, "legacy") as face:
        assert "upstream-timeout" in text_of(face.result("get-sync", {"id": "stalls"}))


@pytest.mark.parametrize(
    ("misbehaviour", "code"),
    [
        ("no-http", "upstream-protocol-error"),
        ("breaks-off", "upstream-protocol-error"),
        ("hangs-up", "upstream-unreachable"),
        ("resets", "upstream-unreachable"),
        ("too-large", "upstream-too-large"),
    ],
)
def test_an_upstream_that_answers_garbage_is_a_502(
    misbehaviour: str, code: str, rest: httpx.Client
) -> None:
    _check_problem(send(rest, calls.get_sync(misbehaviour)), 502, code)


def test_the_next_call_after_garbage_is_answered(rest: httpx.Client) -> None:
    assert send(rest, calls.get_sync("no-http")).status_code == 502
    assert send(rest, calls.get_sync(SYNC_ID)).status_code == 200


def test_an_oversized_request_is_a_413(rest: httpx.Client) -> None:
    body = b'"' + b"x" * TEN_MIB + b'"'
    response = rest.post("/api/syncs", content=body, headers={"Content-Type": "application/json"})
    _check_problem(response, 413, "request-too-large")


def test_a_request_that_grows_too_large_on_the_way_is_a_413(rest: httpx.Client) -> None:
    chunks = (b"[" * 65536 for _ in range(TEN_MIB // 65536 + 1))
    response = rest.post("/api/syncs", content=chunks, headers={"Content-Type": "application/json"})
    _check_problem(response, 413, "request-too-large")


def test_a_body_that_is_no_json_is_a_400(rest: httpx.Client) -> None:
    headers = {"Content-Type": "application/json"}
    response = rest.post("/api/syncs", content=b'{"name": ', headers=headers)
    _check_problem(response, 400, "input-invalid")


def test_a_callers_request_id_is_kept(dead_end: Served) -> None:
    with rest_client(f"{dead_end.rest}/v1", {"X-Request-Id": "of-the-caller.1"}) as client:
        assert send(client, calls.list_syncs()).json()["request_id"] == "of-the-caller.1"
