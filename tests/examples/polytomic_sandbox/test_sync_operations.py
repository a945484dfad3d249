from __future__ import annotations

from uuid import UUID

import pytest
from starlette.testclient import TestClient

from polytomic_sandbox import CRM_ID, SUPPORT_ID, Store
from tests.examples.polytomic_sandbox.bodies import (
    MODEL_ID,
    OTHER_MODEL_ID,
    UNKNOWN_ID,
    sync_body,
)
from tests.examples.polytomic_sandbox.manual_clock import ManualClock

SCHEDULE_TIMES: list[dict[str, object]] = [
    {"minute": 60},
    {"hour": "24"},
    {"day_of_week": -1},
    {"minute": "9" * 5000},
]


def create(client: TestClient, **members: object) -> dict[str, object]:
    data: dict[str, object] = client.post("/api/syncs", json=sync_body(**members)).json()["data"]
    return data


def listed(client: TestClient, query: str = "") -> list[object]:
    return [sync["name"] for sync in client.get(f"/api/syncs?{query}").json()["data"]]


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


@pytest.mark.parametrize("body", [b"", b"{}", b'{"name": null}'])
def test_all_missing_members_are_named(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/syncs", content=body)
    assert answer.status_code == 422
    assert answer.json() == {
        "status": 422,
        "key": "unprocessable_entity",
        "message": "missing required fields: name, mode, fields, target",
        "metadata": {"missing": ["name", "mode", "fields", "target"]},
    }


@pytest.mark.parametrize(
    ("members", "missing"),
    [
        ({"target": {"object": "Contact"}}, ["target.connection_id"]),
        ({"fields": [{"target": "Email"}, {"source": {}}]}, ["fields[0].source"]),
        (
            {"fields": [{"source": {"field": "email"}}]},
            ["fields[0].source.model_id", "fields[0].target"],
        ),
        ({"identity": {}}, ["identity.source", "identity.target", "identity.function"]),
        ({"schedule": {}}, ["schedule.frequency"]),
    ],
)
def test_members_that_are_missing_further_down_are_named(
    client: TestClient, members: dict[str, object], missing: list[str]
) -> None:
    answer = client.post("/api/syncs", json=sync_body(**members))
    assert answer.status_code == 422
    assert answer.json()["metadata"]["missing"][: len(missing)] == missing


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"mode": "enrich"}, "mode must be one of create, update, updateOrCreate, replace,"),
        (
            {"target": {"connection_id": UNKNOWN_ID, "object": "Contact"}},
            "target.connection_id is not the id of a connection",
        ),
        ({"target": {"connection_id": CRM_ID}}, "target must have either object or create"),
        (
            {"target": {"connection_id": CRM_ID, "object": "Contact", "create": {}}},
            "target must have either object or create",
        ),
        *(
            ({"schedule": {"frequency": "daily", **time}}, f"schedule.{next(iter(time))} must be")
            for time in SCHEDULE_TIMES
        ),
    ],
)
def test_what_makes_no_sense_is_unprocessable(
    client: TestClient, members: dict[str, object], message: str
) -> None:
    answer = client.post("/api/syncs", json=sync_body(**members))
    assert answer.status_code == 422
    assert answer.json()["message"].startswith(message)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"name": 7}, "name must be a string"),
        ({"mode": True}, "mode must be a string"),
        ({"active": "true"}, "active must be a boolean"),
        ({"target": "Contact"}, "target must be an object"),
        ({"target": {"connection_id": "crm"}}, "target.connection_id must be a UUID"),
        ({"fields": {}}, "fields must be a list"),
        ({"fields": [None]}, "fields[0] must be an object"),
        (
            {"fields": [{"source": {"model_id": 1, "field": "x"}, "target": "y"}]},
            "fields[0].source.model_id must be a UUID",
        ),
        ({"filters": ["a"]}, "filters[0] must be an object"),
        ({"policies": [1]}, "policies[0] must be a string"),
        ({"identity": []}, "identity must be an object"),
    ],
)
def test_a_value_of_the_wrong_type_is_a_bad_request(
    client: TestClient, members: dict[str, object], message: str
) -> None:
    answer = client.post("/api/syncs", json=sync_body(**members))
    assert answer.status_code == 400
    assert (answer.json()["key"], answer.json()["message"]) == ("bad_request", message)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"name=x",
        b'{"name": NaN}',
        b'{"name": "\xff"}',
        b'{"name": "\\ud800"}',
        b"[" * 100_000,
    ],
)
def test_a_body_that_is_not_json_is_a_bad_request(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/syncs", content=body)
    assert answer.status_code == 400
    assert answer.json()["message"] == "the body is not valid JSON"


@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"'])
def test_a_body_that_is_no_object_is_a_bad_request(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/syncs", content=body)
    assert answer.status_code == 400
    assert answer.json()["message"] == "the body must be an object"


def test_a_refused_sync_is_not_kept(client: TestClient) -> None:
    client.post("/api/syncs", json=sync_body(mode="enrich"))
    assert listed(client) == []


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


def test_a_list_shows_syncs_in_short(client: TestClient) -> None:
    sync = create(client)
    answer = client.get("/api/syncs")
    del sync["fields"], sync["target"]
    expected = {**sync, "target_connection_id": CRM_ID, "target_object": "Contact"}
    assert answer.status_code == 200
    assert answer.json() == {"data": [expected], "pagination": {}}


def test_a_list_begins_with_what_was_updated_last(client: TestClient, clock: ManualClock) -> None:
    ids = []
    for name in ("first", "second", "third"):
        clock.advance(1)
        ids.append(create(client, name=name)["id"])
    assert listed(client) == ["third", "second", "first"]
    clock.advance(1)
    client.post(f"/api/syncs/{ids[0]}/activate", json={"active": True})
    assert listed(client) == ["first", "third", "second"]


def test_syncs_of_the_same_moment_are_listed_by_id(client: TestClient) -> None:
    ids = sorted(str(create(client)["id"]) for _ in range(5))
    assert [sync["id"] for sync in client.get("/api/syncs").json()["data"]] == ids


def test_a_list_can_be_filtered(client: TestClient, clock: ManualClock) -> None:
    support = {"connection_id": SUPPORT_ID.upper(), "object": "Users"}
    create(client, name="a", active=True)
    clock.advance(1)
    create(client, name="b", mode="append", target=support)
    clock.advance(1)
    create(client, name="c", mode="append", active=True)
    assert listed(client, "active=true") == ["c", "a"]
    assert listed(client, "active=false") == ["b"]
    assert listed(client, "mode=append") == ["c", "b"]
    assert listed(client, "mode=append&active=true") == ["c"]
    assert listed(client, f"target_connection_id={SUPPORT_ID}") == ["b"]
    assert listed(client, f"target_connection_id={CRM_ID.upper()}") == ["c", "a"]


@pytest.mark.parametrize("query", ["mode=enrich", f"target_connection_id={UNKNOWN_ID}"])
def test_a_filter_that_nothing_fits_gives_an_empty_list(
    seeded_client: TestClient, query: str
) -> None:
    answer = seeded_client.get(f"/api/syncs?{query}")
    assert answer.json() == {"data": [], "pagination": {}}


@pytest.mark.parametrize(
    "query", ["colour=green", "active=&mode=&limit=&page_token=&target_connection_id=", "Limit=1"]
)
def test_parameters_that_are_unknown_or_empty_do_nothing(
    seeded_client: TestClient, query: str
) -> None:
    assert listed(seeded_client, query) == listed(seeded_client)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("active=yes", "active must be true or false"),
        ("active=True", "active must be true or false"),
        ("limit=abc", "limit must be an integer"),
        ("limit=1.5", "limit must be an integer"),
        (f"limit={'9' * 5000}", "limit must be an integer"),
        ("target_connection_id=crm", "target_connection_id must be a UUID"),
        ("page_token=abc", "page_token is not valid"),
    ],
)
def test_a_parameter_that_cannot_be_read_is_a_bad_request(
    client: TestClient, query: str, message: str
) -> None:
    answer = client.get(f"/api/syncs?{query}")
    assert answer.status_code == 400
    assert answer.json()["message"] == message


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 50),
        ("limit=5", 5),
        ("limit=50", 50),
        ("limit=51", 50),
        ("limit=0", 50),
        ("limit=-3", 50),
    ],
)
def test_a_page_holds_as_many_as_asked_for_and_at_most_fifty(
    seeded_client: TestClient, query: str, count: int
) -> None:
    assert len(listed(seeded_client, query)) == count


@pytest.mark.parametrize("limit", [1, 7, 20, 50])
def test_pages_hold_every_sync_once_and_in_order(
    seeded_client: TestClient, store: Store, limit: int
) -> None:
    listed, token = [], ""
    while True:
        page = seeded_client.get("/api/syncs", params={"limit": limit, "page_token": token}).json()
        listed += [(sync["updated_at"], sync["id"]) for sync in page["data"]]
        if not page["pagination"]:
            break
        token = page["pagination"]["next_page_token"]
    by_id = sorted(listed, key=lambda place: place[1])
    assert listed == sorted(by_id, key=lambda place: place[0], reverse=True)
    assert len(set(listed)) == 60


def test_pages_keep_to_the_filter(seeded_client: TestClient) -> None:
    first = seeded_client.get("/api/syncs?active=true&limit=30").json()
    token = first["pagination"]["next_page_token"]
    second = seeded_client.get(
        "/api/syncs", params={"active": "true", "page_token": token, "limit": 30}
    ).json()
    assert {sync["active"] for sync in first["data"] + second["data"]} == {True}
    assert (len(first["data"]), len(second["data"]), second["pagination"]) == (30, 10, {})


def test_a_page_goes_on_where_the_last_one_ended_whatever_is_added(
    seeded_client: TestClient,
) -> None:
    everything = listed(seeded_client)
    first = seeded_client.get("/api/syncs?limit=2").json()
    create(seeded_client, name="new on top")
    token = first["pagination"]["next_page_token"]
    second = seeded_client.get("/api/syncs", params={"limit": 2, "page_token": token}).json()
    assert [sync["name"] for sync in second["data"]] == everything[2:4]
