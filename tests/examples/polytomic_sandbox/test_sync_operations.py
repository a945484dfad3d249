from __future__ import annotations

from uuid import UUID

import pytest
from starlette.testclient import TestClient

from polytomic_sandbox import CRM_ID, Store
from tests.examples.polytomic_sandbox.bodies import MODEL_ID, OTHER_MODEL_ID, UNKNOWN_ID, sync_body
from tests.examples.polytomic_sandbox.manual_clock import ManualClock
from tests.examples.polytomic_sandbox.sync_calls import create


def test_a_new_sync_has_what_was_sent_and_defaults_for_the_rest(client: TestClient) -> None:
    answer = client.post("/api/syncs", json=sync_body())
    assert answer.status_code == 200
    sync = answer.json()["data"]
    actor = {"id": "6e9c1f70-52d8-4b3a-8a17-c04d9be2f315", "name": "Sandbox", "type": "user"}
    assert str(UUID(sync["id"])) == sync["id"]
    assert sync == {
        **sync_body(),
        "id": sync["id"],
        "organization_id": "0b5f4d2e-7a31-4c8e-9d60-2f1e8a4c7b90",
        "active": False,
        "schedule": {"frequency": "manual"},
        "identity": None,
        "filters": [],
        "filter_logic": "",
        "overrides": [],
        "override_fields": [],
        "policies": [],
        "model_ids": [MODEL_ID],
        "only_enrich_updates": False,
        "skip_initial_backfill": False,
        "sync_all_records": False,
        "created_at": "2026-03-04T12:00:00.000000Z",
        "created_by": actor,
        "updated_at": "2026-03-04T12:00:00.000000Z",
        "updated_by": actor,
    }


def test_a_new_sync_can_be_read_back(client: TestClient) -> None:
    sync = create(client, active=True, filter_logic="A AND B", name="Größe \U0001f44d")
    answer = client.get(f"/api/syncs/{sync['id']}")
    assert answer.status_code == 200
    assert answer.json() == {"data": sync}


def test_the_case_of_an_id_does_not_matter(client: TestClient, sync_id: str) -> None:
    assert client.get(f"/api/syncs/{sync_id.upper()}").json()["data"]["id"] == sync_id


def test_model_ids_are_those_that_fields_and_identity_name(client: TestClient) -> None:
    source = {"model_id": OTHER_MODEL_ID, "field": "id"}
    identity = {"source": source, "target": "Id", "function": "Equality"}
    sync = create(client, identity=identity)
    assert sync["model_ids"] == [MODEL_ID, OTHER_MODEL_ID]
    assert sync["identity"] == identity


def test_a_null_counts_as_left_out(client: TestClient) -> None:
    sync = create(client, schedule=None, active=None, identity=None)
    assert (sync["schedule"], sync["active"], sync["identity"]) == (
        {"frequency": "manual"},
        False,
        None,
    )


def test_members_that_a_sync_does_not_have_are_dropped(client: TestClient) -> None:
    sync = create(client, colour="green", id=UNKNOWN_ID, created_at="yesterday")
    assert "colour" not in sync
    assert sync["id"] != UNKNOWN_ID
    assert sync["created_at"] == "2026-03-04T12:00:00.000000Z"


def test_a_target_may_be_created_by_the_sync(client: TestClient) -> None:
    target = {"connection_id": CRM_ID, "create": {"name": "Lead__c"}}
    assert create(client, target=target)["target"] == target
    (item,) = client.get("/api/syncs").json()["data"]
    assert (item["target_connection_id"], item["target_object"]) == (CRM_ID, None)


def test_an_update_replaces_everything_but_the_origin(
    client: TestClient, clock: ManualClock
) -> None:
    before = create(client, active=True, filter_logic="A", schedule={"frequency": "hourly"})
    clock.advance(60)
    answer = client.put(f"/api/syncs/{before['id']}", json=sync_body(name="New", mode="create"))
    assert answer.status_code == 200
    assert answer.json()["data"] == {
        **before,
        "name": "New",
        "mode": "create",
        "active": False,
        "filter_logic": "",
        "schedule": {"frequency": "manual"},
        "updated_at": "2026-03-04T12:01:00.000000Z",
    }
    assert client.get(f"/api/syncs/{before['id']}").json() == answer.json()


@pytest.mark.parametrize(("body", "status"), [(b"{}", 422), (b"{", 400)])
def test_an_update_is_checked_like_a_new_sync(
    client: TestClient, sync_id: str, body: bytes, status: int
) -> None:
    before = client.get(f"/api/syncs/{sync_id}").json()
    assert client.put(f"/api/syncs/{sync_id}", content=body).status_code == status
    assert client.get(f"/api/syncs/{sync_id}").json() == before


def test_a_deleted_sync_is_gone(client: TestClient, store: Store, sync_id: str) -> None:
    client.post(f"/api/syncs/{sync_id}/executions")
    answer = client.delete(f"/api/syncs/{sync_id}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-type" not in answer.headers
    assert client.get(f"/api/syncs/{sync_id}").status_code == 404
    assert client.delete(f"/api/syncs/{sync_id}").status_code == 404
    assert store.executions(sync_id) == []


def test_activate_switches_a_sync_on_and_off(
    client: TestClient, clock: ManualClock, sync_id: str
) -> None:
    clock.advance(1)
    for active in (True, False):
        answer = client.post(f"/api/syncs/{sync_id}/activate", json={"active": active})
        assert (answer.status_code, answer.json()) == (
            200,
            {"data": {"id": sync_id, "active": active}},
        )
        sync = client.get(f"/api/syncs/{sync_id}").json()["data"]
        assert (sync["active"], sync["updated_at"]) == (active, "2026-03-04T12:00:01.000000Z")


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({}, 422, "missing required fields: active"),
        ({"active": 1}, 400, "active must be a boolean"),
    ],
)
def test_activate_needs_to_be_told_what_to_do(
    client: TestClient, sync_id: str, body: object, status: int, message: str
) -> None:
    answer = client.post(f"/api/syncs/{sync_id}/activate", json=body)
    assert (answer.status_code, answer.json()["message"]) == (status, message)


def test_schedule_options_say_what_goes_with_each_frequency(client: TestClient) -> None:
    answer = client.get("/api/syncs/schedules")
    assert answer.status_code == 200
    options = {each["frequency"]: each for each in answer.json()["data"]["schedule_options"]}
    assert list(options) == [
        "manual",
        "continuous",
        "hourly",
        "daily",
        "weekly",
        "custom",
        "runafter",
    ]
    assert options["hourly"] == {
        "frequency": "hourly",
        "label": "Hourly",
        "description": "Runs once an hour",
        "configuration": {
            "fields": [{"name": "minute", "type": "integer", "minimum": 0, "maximum": 59}]
        },
    }
