from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from polytomic_sandbox import CRM_ID
from tests.examples.polytomic_sandbox.bodies import UNKNOWN_ID, sync_body
from tests.examples.polytomic_sandbox.sync_calls import listed

SCHEDULE_TIMES: list[dict[str, object]] = [
    {"minute": 60},
    {"hour": "24"},
    {"day_of_week": -1},
    {"minute": "9" * 5000},
]


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
