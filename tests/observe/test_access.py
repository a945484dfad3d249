from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest

from naftiko_runtime import observe
from naftiko_runtime.observe import log_mcp_call, log_rest_answer

Logged = Callable[..., io.StringIO]


def test_a_rest_answer_is_one_short_line(logged: Logged) -> None:
    stream = logged()
    log_rest_answer("GET", "/v1/orders", "shop.list", 200, 0.00321, "r1")
    expected = "info    GET /v1/orders 200 3.2 ms unit=shop.list request_id=r1"
    assert stream.getvalue().strip().partition(" ")[2] == expected


def test_a_request_that_no_operation_answers_has_no_unit(logged: Logged) -> None:
    stream = logged()
    log_rest_answer("GET", "/nope", None, 404, 0.001, "r1")
    assert stream.getvalue().endswith("GET /nope 404 1.0 ms request_id=r1\n")


def test_machines_get_every_fact_as_a_field(logged: Logged) -> None:
    stream = logged("json")
    log_rest_answer("GET", "/v1/orders", "shop.list", 200, 0.25, "r1")
    log_mcp_call("shop.list", True, 0.5, "r2")
    rest, mcp = map(json.loads, stream.getvalue().splitlines())
    assert rest["logger"] == mcp["logger"] == "naftiko.access"
    assert (rest["request_id"], mcp["request_id"]) == ("r1", "r2")
    assert rest["fields"] == {
        "method": "GET",
        "path": "/v1/orders",
        "status": 200,
        "seconds": 0.25,
        "unit": "shop.list",
    }
    assert mcp["fields"] == {"is_error": True, "seconds": 0.5, "unit": "shop.list"}


@pytest.mark.parametrize(("is_error", "outcome"), [(True, "error"), (False, "ok")])
def test_a_tool_call_tells_how_it_ended(logged: Logged, is_error: bool, outcome: str) -> None:
    stream = logged()
    log_mcp_call("shop.list", is_error, 0.5, "r1")
    assert f"tools/call {outcome} 500.0 ms unit=shop.list request_id=r1" in stream.getvalue()


def test_a_caller_can_not_forge_lines(logged: Logged) -> None:
    stream = logged()
    log_rest_answer("GET", "/a\n12:00:00 info forged", None, 404, 0.001, "r\n1")
    assert stream.getvalue().count("\n") == 1


def test_nothing_is_prepared_when_access_lines_are_off(
    logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = logged(level="warning")
    monkeypatch.setattr(observe.access, "_write", None)
    log_rest_answer("GET", "/", None, 404, 0.001, "r1")
    log_mcp_call("shop.list", True, 0.5, "r1")
    assert stream.getvalue() == ""
