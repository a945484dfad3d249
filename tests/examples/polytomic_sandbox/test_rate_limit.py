from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from polytomic_sandbox import Store, create_application
from tests.examples.polytomic_sandbox.conftest import AUTHORIZATION
from tests.examples.polytomic_sandbox.manual_clock import ManualClock


@pytest.fixture
def limited(store: Store, clock: ManualClock) -> TestClient:
    application = create_application(store, clock=clock, rate_limit=2)
    return TestClient(application, headers=AUTHORIZATION)


def test_requests_over_the_limit_are_told_when_to_try_again(
    limited: TestClient, clock: ManualClock
) -> None:
    assert [limited.get("/api/syncs").status_code for _ in range(2)] == [200, 200]
    clock.advance(20.5)
    answer = limited.get("/api/syncs")
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "40"
    assert answer.json() == {
        "status": 429,
        "key": "too_many_requests",
        "message": "rate limit exceeded",
        "metadata": {},
    }


def test_after_the_time_that_was_told_requests_pass_again(
    limited: TestClient, clock: ManualClock
) -> None:
    for _ in range(2):
        limited.get("/api/syncs")
    clock.advance(int(limited.get("/api/syncs").headers["retry-after"]))
    assert [limited.get("/api/syncs").status_code for _ in range(3)] == [200, 200, 429]


def test_requests_that_are_not_authorized_do_not_count(limited: TestClient) -> None:
    for _ in range(3):
        limited.get("/api/syncs", headers={"Authorization": "Bearer wrong"})
    assert limited.get("/api/syncs").status_code == 200


def test_health_has_no_limit(limited: TestClient) -> None:
    assert {limited.get("/healthz").status_code for _ in range(5)} == {200}


def test_without_a_limit_everything_passes(client: TestClient) -> None:
    assert {client.get("/api/syncs").status_code for _ in range(20)} == {200}
