from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from polytomic_sandbox import Store, create_application


@pytest.fixture
def stranger(store: Store) -> TestClient:
    return TestClient(create_application(store, api_key="the key"))


def test_a_request_without_a_key_is_unauthorized(stranger: TestClient) -> None:
    answer = stranger.get("/api/syncs")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "status": 401,
        "key": "unauthorized",
        "message": "the Authorization header must be: Bearer <API key>",
        "metadata": {},
    }


@pytest.mark.parametrize(
    "authorization", ["Bearer", "Bearer ", "Bearer wrong", "Bearer the keys", "Bearer th\u00e9"]
)
def test_a_wrong_key_is_unauthorized(stranger: TestClient, authorization: str) -> None:
    answer = stranger.get("/api/syncs", headers={b"Authorization": authorization.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.json()["key"] == "unauthorized"


def test_another_scheme_is_unauthorized(stranger: TestClient) -> None:
    answer = stranger.get("/api/syncs", headers={"Authorization": "Basic the key"})
    assert answer.status_code == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_right_key_is_let_in(stranger: TestClient, scheme: str) -> None:
    answer = stranger.get("/api/syncs", headers={"Authorization": f"{scheme} the key"})
    assert answer.status_code == 200


def test_a_key_may_hold_any_character(store: Store) -> None:
    caller = TestClient(create_application(store, api_key="clé"))
    answer = caller.get("/api/syncs", headers={b"Authorization": "Bearer clé".encode()})
    assert answer.status_code == 200


def test_a_path_below_api_needs_the_key_even_if_nothing_is_there(stranger: TestClient) -> None:
    assert stranger.get("/api/nothing").status_code == 401


def test_a_version_that_is_a_date_is_accepted(client: TestClient) -> None:
    answer = client.get("/api/syncs", headers={"X-Polytomic-Version": "2024-02-08"})
    assert answer.status_code == 200


@pytest.mark.parametrize("version", ["", "latest", "2024", "2024-2-8", "2024-02-08T00:00:00Z"])
def test_a_version_that_is_no_date_is_a_bad_request(client: TestClient, version: str) -> None:
    answer = client.get("/api/syncs", headers={"X-Polytomic-Version": version})
    assert answer.status_code == 400
    assert answer.json()["message"] == "X-Polytomic-Version must be a date: YYYY-MM-DD"
