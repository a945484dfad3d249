from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from polytomic_sandbox import CRM_ID, SUPPORT_ID, Store
from tests.examples.polytomic_sandbox.bodies import UNKNOWN_ID
from tests.examples.polytomic_sandbox.manual_clock import ManualClock
from tests.examples.polytomic_sandbox.sync_calls import create, listed


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
