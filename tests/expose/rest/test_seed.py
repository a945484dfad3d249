"""The twelve operations of the Polytomic capability, as REST callers use them."""

from __future__ import annotations

import pytest

from tests.expose.rest.driving import Server, seed, serve

ID = "0b155265-c537-44c9-9359-a3ceb468a4da"
OPERATIONS = [
    ("GET", f"/connections/{ID}/modelsync/source"),
    ("GET", f"/connections/{ID}/modelsync/source/fields"),
    ("GET", "/syncs"),
    ("POST", "/syncs"),
    ("GET", "/syncs/schedules"),
    ("GET", f"/syncs/{ID}"),
    ("PUT", f"/syncs/{ID}"),
    ("DELETE", f"/syncs/{ID}"),
    ("POST", f"/syncs/{ID}/activate"),
    ("POST", f"/syncs/{ID}/cancel"),
    ("POST", f"/syncs/{ID}/executions"),
    ("GET", f"/syncs/{ID}/status"),
]


@pytest.fixture
def server() -> Server:
    return serve(*seed().rest)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_operation_reaches_its_own(server: Server, method: str, path: str) -> None:
    headers = {"X-Polytomic-Version": "2024-02-08", "Accept": "*/*"}
    assert server.ask(method, f"/v1/api{path}", headers=headers).status == 200
    assert server.request.method == method
    assert server.request.target == f"/api{path}".encode()
    assert server.sent_header("authorization") == "Bearer s3cret"
    assert server.sent_header("x-polytomic-version") == "2024-02-08"
    assert server.sent_header("accept") == "application/json"


def test_a_caller_may_bring_its_own_key(server: Server) -> None:
    server.ask("GET", "/v1/api/syncs", headers={"Authorization": "Bearer mine"})
    assert server.sent_header("authorization") == "Bearer mine"


def test_lists_are_narrowed_by_the_query(server: Server) -> None:
    server.ask("GET", "/v1/api/syncs?limit=5&active=true")
    assert server.request.target == b"/api/syncs?active=true&limit=5"


def test_a_limit_that_is_no_number_is_refused_without_a_call(server: Server) -> None:
    problems = server.ask("GET", "/v1/api/syncs?limit=abc").problems
    assert problems == {"/limit": "'limit' has to be an integer, not 'abc'"}
    assert not server.client.requests


def test_deep_parameters_reach_upstream(server: Server) -> None:
    path = f"connections/{ID}/modelsync/source"
    server.ask("GET", f"/v1/api/{path}?params[table]=users&params[table]=orders")
    query = b"params%5Btable%5D=users&params%5Btable%5D=orders"
    assert server.request.target == f"/api/{path}?".encode() + query


@pytest.mark.parametrize(
    ("method", "path"),
    [one for one in OPERATIONS if one[0] in ("POST", "PUT") and one[1][-6:] != "cancel"],
)
def test_json_bodies_reach_upstream(server: Server, method: str, path: str) -> None:
    body = b'{"active":true,"schedule":{"frequency":"manual"}}'
    server.ask(method, f"/v1/api{path}", body, content_type="application/json")
    assert server.request.body == body
    assert server.sent_header("content-type") == "application/json"


def test_a_deletion_is_a_204(server: Server) -> None:
    server.answers(204)
    answered = server.ask("DELETE", f"/v1/api/syncs/{ID}")
    assert (answered.status, answered.body) == (204, b"")


@pytest.mark.parametrize("status", [404, 422])
def test_upstreams_refusals_are_relayed(server: Server, status: int) -> None:
    body = b'{"status":%d,"key":"k","message":"m","metadata":{}}' % status
    server.answers(status, ((b"content-type", b"application/json"),), body)
    answered = server.ask("GET", f"/v1/api/syncs/{ID}")
    assert (answered.status, answered.body) == (status, body)


def test_the_key_is_in_no_answer(server: Server) -> None:
    server.fails(RuntimeError("s3cret"))
    for method, path in OPERATIONS:
        answered = server.ask(method, f"/v1/api{path}")
        assert answered.status == 500
        assert b"s3cret" not in answered.body
