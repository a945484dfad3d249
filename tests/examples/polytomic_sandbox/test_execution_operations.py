from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from polytomic_sandbox import FIRST_SYNC_ID
from tests.examples.polytomic_sandbox.bodies import sync_body
from tests.examples.polytomic_sandbox.manual_clock import ManualClock


def status_of(client: TestClient, sync_id: str) -> dict[str, Any]:
    answer = client.get(f"/api/syncs/{sync_id}/status")
    assert answer.status_code == 200
    data: dict[str, Any] = answer.json()["data"]
    return data


def start(client: TestClient, sync_id: str, body: object = None) -> str:
    execution_id: str = client.post(f"/api/syncs/{sync_id}/executions", json=body or {}).json()[
        "data"
    ]["id"]
    return execution_id


def counts(**counted: int) -> dict[str, int]:
    names = ("total", "insert", "update", "delete", "upserts", "error", "warnings")
    return {name: counted.get(name, 0) for name in names}


def test_a_sync_that_never_ran_has_no_executions(client: TestClient, sync_id: str) -> None:
    assert status_of(client, sync_id) == {
        "current_execution": None,
        "last_execution": None,
        "next_execution_time": None,
    }


def test_a_start_answers_with_the_new_execution(client: TestClient, sync_id: str) -> None:
    answer = client.post(f"/api/syncs/{sync_id}/executions")
    assert answer.status_code == 200
    data = answer.json()["data"]
    assert str(UUID(data["id"])) == data["id"]
    assert data == {
        "id": data["id"],
        "created_at": "2026-03-04T12:00:00.000000Z",
        "status": "created",
    }


def test_an_execution_makes_progress_as_time_passes(
    client: TestClient, clock: ManualClock, sync_id: str
) -> None:
    execution_id = start(client, sync_id)
    seen = []
    for _ in range(6):
        current = status_of(client, sync_id)["current_execution"]
        assert current["id"] == execution_id
        seen.append((current["status"], current["started_at"] is None, current["counts"]))
        clock.advance(1)
    assert seen == [
        ("created", True, counts(total=500)),
        ("scheduled", True, counts(total=500)),
        ("running", False, counts(total=500)),
        ("running", False, counts(total=500, upserts=125)),
        ("running", False, counts(total=500, upserts=250)),
        ("running", False, counts(total=500, upserts=375)),
    ]
    assert status_of(client, sync_id) == {
        "current_execution": None,
        "last_execution": {
            "id": execution_id,
            "type": "sync",
            "status": "completed",
            "created_at": "2026-03-04T12:00:00.000000Z",
            "started_at": "2026-03-04T12:00:02.000000Z",
            "completed_at": "2026-03-04T12:00:06.000000Z",
            "counts": counts(total=500, upserts=500),
            "errors": [],
        },
        "next_execution_time": None,
    }


@pytest.mark.parametrize(
    ("mode", "counter"),
    [
        ("create", "insert"),
        ("update", "update"),
        ("updateOrCreate", "upserts"),
        ("replace", "insert"),
        ("append", "insert"),
        ("remove", "delete"),
        ("snapshot", "insert"),
    ],
)
def test_records_are_counted_as_the_mode_says(
    client: TestClient, clock: ManualClock, mode: str, counter: str
) -> None:
    sync_id = client.post("/api/syncs", json=sync_body(mode=mode)).json()["data"]["id"]
    start(client, sync_id)
    clock.advance(60)
    last = status_of(client, sync_id)["last_execution"]
    assert last["counts"] == counts(total=500, **{counter: 500})


@pytest.mark.parametrize(
    ("body", "kind", "total"),
    [
        ({}, "sync", 500),
        ({"resync": True}, "resync", 500),
        ({"test": True}, "test", 10),
        ({"identities": ["a", "b", "c"]}, "sync", 3),
        ({"identities": ["a"], "test": True, "resync": True}, "test", 1),
        ({"identities": None, "resync": False}, "sync", 500),
    ],
)
def test_a_start_may_say_what_to_run(
    client: TestClient, sync_id: str, body: object, kind: str, total: int
) -> None:
    start(client, sync_id, body)
    current = status_of(client, sync_id)["current_execution"]
    assert (current["type"], current["counts"]["total"]) == (kind, total)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "the body is not valid JSON"),
        (b'{"identities": "a"}', "identities must be a list"),
        (b'{"identities": [1]}', "identities[0] must be a string"),
        (b'{"test": 1}', "test must be a boolean"),
    ],
)
def test_a_start_that_cannot_be_read_is_a_bad_request(
    client: TestClient, sync_id: str, content: bytes, message: str
) -> None:
    answer = client.post(f"/api/syncs/{sync_id}/executions", content=content)
    assert (answer.status_code, answer.json()["message"]) == (400, message)
    assert status_of(client, sync_id)["current_execution"] is None


@pytest.mark.parametrize("age", [0, 1, 2, 5.9])
def test_what_is_underway_can_be_canceled(
    client: TestClient, clock: ManualClock, sync_id: str, age: float
) -> None:
    execution_id = start(client, sync_id)
    clock.advance(age)
    answer = client.post(f"/api/syncs/{sync_id}/cancel")
    assert (answer.status_code, answer.json()) == (
        200,
        {"data": {"message": "the sync was canceled"}},
    )
    status = status_of(client, sync_id)
    assert status["current_execution"] is None
    assert (status["last_execution"]["id"], status["last_execution"]["status"]) == (
        execution_id,
        "canceled",
    )


def test_a_canceled_execution_stays_where_it_was(
    client: TestClient, clock: ManualClock, sync_id: str
) -> None:
    start(client, sync_id)
    clock.advance(4)
    client.post(f"/api/syncs/{sync_id}/cancel")
    clock.advance(3600)
    last = status_of(client, sync_id)["last_execution"]
    assert last["completed_at"] == "2026-03-04T12:00:04.000000Z"
    assert last["counts"] == counts(total=500, upserts=250)


def test_an_execution_that_was_canceled_early_never_started(
    client: TestClient, clock: ManualClock, sync_id: str
) -> None:
    start(client, sync_id)
    client.post(f"/api/syncs/{sync_id}/cancel")
    clock.advance(60)
    last = status_of(client, sync_id)["last_execution"]
    assert (last["started_at"], last["counts"]) == (None, counts(total=500))


def assert_nothing_to_cancel(client: TestClient, sync_id: str) -> None:
    answer = client.post(f"/api/syncs/{sync_id}/cancel")
    assert answer.status_code == 404
    assert answer.json()["message"] == "the sync has no execution that is underway"


def test_nothing_is_canceled_where_nothing_runs(
    client: TestClient, clock: ManualClock, sync_id: str
) -> None:
    assert_nothing_to_cancel(client, sync_id)
    start(client, sync_id)
    clock.advance(6)
    assert_nothing_to_cancel(client, sync_id)


def test_nothing_is_canceled_twice(client: TestClient, sync_id: str) -> None:
    start(client, sync_id)
    client.post(f"/api/syncs/{sync_id}/cancel")
    assert_nothing_to_cancel(client, sync_id)


def test_the_latest_execution_is_the_current_one(
    client: TestClient, clock: ManualClock, sync_id: str
) -> None:
    first = start(client, sync_id)
    clock.advance(3)
    second = start(client, sync_id)
    assert status_of(client, sync_id)["current_execution"]["id"] == second
    clock.advance(3)
    status = status_of(client, sync_id)
    assert status["current_execution"]["id"] == second
    assert status["last_execution"]["id"] == first


def test_cancel_ends_everything_that_is_underway(client: TestClient, sync_id: str) -> None:
    start(client, sync_id)
    second = start(client, sync_id)
    assert client.post(f"/api/syncs/{sync_id}/cancel").status_code == 200
    status = status_of(client, sync_id)
    assert (status["current_execution"], status["last_execution"]["id"]) == (None, second)


def test_only_an_active_sync_is_due(client: TestClient) -> None:
    body = sync_body(schedule={"frequency": "hourly", "minute": 15})
    sync_id = client.post("/api/syncs", json=body).json()["data"]["id"]
    assert status_of(client, sync_id)["next_execution_time"] is None
    client.post(f"/api/syncs/{sync_id}/activate", json={"active": True})
    assert status_of(client, sync_id)["next_execution_time"] == "2026-03-04T12:15:00.000000Z"


def test_an_active_sync_of_the_seed_has_run_before(seeded_client: TestClient) -> None:
    status = status_of(seeded_client, FIRST_SYNC_ID)
    assert status["last_execution"]["status"] == "completed"
    assert status["next_execution_time"] == "2026-03-04T12:15:00.000000Z"
