from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from polytomic_sandbox import Store, create_application
from tests.examples.polytomic_sandbox.bodies import UNKNOWN_ID
from tests.examples.polytomic_sandbox.conftest import AUTHORIZATION

OPERATIONS_ON_A_SYNC = [
    ("GET", ""),
    ("PUT", ""),
    ("DELETE", ""),
    ("POST", "/activate"),
    ("POST", "/cancel"),
    ("POST", "/executions"),
    ("GET", "/status"),
]


def test_health_needs_no_key(store: Store) -> None:
    answer = TestClient(create_application(store)).get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("sync_id", [UNKNOWN_ID, "not-a-uuid"])
@pytest.mark.parametrize(("method", "suffix"), OPERATIONS_ON_A_SYNC)
def test_an_unknown_sync_is_not_found(
    client: TestClient, method: str, suffix: str, sync_id: str
) -> None:
    answer = client.request(method, f"/api/syncs/{sync_id}{suffix}")
    assert answer.status_code == 404
    assert answer.json() == {
        "status": 404,
        "key": "not_found",
        "message": "sync not found",
        "metadata": {},
    }


@pytest.mark.parametrize("path", ["/", "/api", "/api/", "/api/nothing", "/api/syncs/"])
def test_an_unknown_path_is_not_found(client: TestClient, path: str) -> None:
    answer = client.get(path, follow_redirects=False)
    assert answer.status_code == 404
    assert answer.json()["key"] == "not_found"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/api/syncs", {"GET", "HEAD", "POST"}),
        (f"/api/syncs/{UNKNOWN_ID}", {"GET", "HEAD", "PUT", "DELETE"}),
        (f"/api/syncs/{UNKNOWN_ID}/activate", {"POST"}),
    ],
)
def test_a_wrong_method_is_answered_with_those_that_are_allowed(
    client: TestClient, path: str, allowed: set[str]
) -> None:
    answer = client.patch(path)
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == allowed
    assert answer.json()["key"] == "method_not_allowed"


def test_head_is_answered_like_get(client: TestClient, sync_id: str) -> None:
    assert client.head(f"/api/syncs/{sync_id}").status_code == 200
    assert client.head(f"/api/syncs/{UNKNOWN_ID}").status_code == 404


def test_a_failure_of_the_sandbox_is_an_error_envelope_too() -> None:
    store = Store()
    caller = TestClient(
        create_application(store), headers=AUTHORIZATION, raise_server_exceptions=False
    )
    store.close()
    answer = caller.get("/api/syncs")
    assert answer.status_code == 500
    assert answer.json() == {
        "status": 500,
        "key": "internal_server_error",
        "message": "the sandbox failed",
        "metadata": {},
    }
