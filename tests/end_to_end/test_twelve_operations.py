"""Every operation of the Polytomic capability does its work, through every face."""

from __future__ import annotations

from typing import Any

from polytomic_sandbox import CRM_ID, FIRST_SYNC_ID, SUPPORT_ID, WAREHOUSE_ID
from tests.end_to_end import calls
from tests.end_to_end.calls import UNKNOWN_ID, Call, sync_body
from tests.end_to_end.faces import Face


def _data(face: Face, call: Call) -> Any:
    answer = face.answer(call)
    assert answer.error is None, answer.body
    return answer.body["data"]


def _error(face: Face, call: Call) -> tuple[int, str]:
    """Return the status and the key of upstream's error."""
    answer = face.answer(call)
    assert answer.error is not None
    assert answer.error == answer.body["status"]
    return answer.error, answer.body["key"]


def test_get_source_narrows_down_to_several_tables(face: Face) -> None:
    call = calls.get_source(WAREHOUSE_ID, schema="public", table=["users", "orders"])
    source = _data(face, call)
    assert source["configuration"]["table"]["items"] == ["users", "orders"]
    assert source["requires_one_of"] == []


def test_get_source_fields_answers_the_fields_of_both_tables(face: Face) -> None:
    fields = _data(face, calls.get_source_fields(WAREHOUSE_ID, table=["users", "orders"]))
    names = {field["name"] for field in fields}
    assert {"email", "full_name", "order_id", "amount"} <= names
    assert "sku" not in names


def test_list_filters_and_pages(face: Face) -> None:
    query: dict[str, Any] = {"limit": 5, "active": True, "target_connection_id": SUPPORT_ID}
    first = face.answer(calls.list_syncs(**query)).body
    assert len(first["data"]) == 5
    token = first["pagination"]["next_page_token"]
    second = face.answer(calls.list_syncs(**query, page_token=token)).body
    listed = first["data"] + second["data"]
    assert len({sync["id"] for sync in listed}) == 10
    assert {sync["active"] for sync in listed} == {True}
    assert {sync["target_connection_id"] for sync in listed} == {SUPPORT_ID}


def test_list_filters_by_mode(face: Face) -> None:
    syncs = _data(face, calls.list_syncs(mode="snapshot", active=False))
    assert {(sync["mode"], sync["active"]) for sync in syncs} == {("snapshot", False)}


def test_create_keeps_the_whole_body(face: Face) -> None:
    body = sync_body(name='Größe "L"', schedule={"frequency": "daily", "hour": 6}, active=True)
    created = _data(face, calls.create_sync(body))
    assert {name: created[name] for name in body} == body
    assert _data(face, calls.get_sync(created["id"])) == created


def test_create_of_an_incomplete_sync_is_upstreams_422(face: Face) -> None:
    assert _error(face, calls.create_sync({"name": "x"})) == (422, "unprocessable_entity")


def test_get_schedule_options_lists_frequencies(face: Face) -> None:
    options = _data(face, calls.get_schedule_options())["schedule_options"]
    assert [option["frequency"] for option in options][:2] == ["manual", "continuous"]


def test_get_answers_a_sync(face: Face) -> None:
    sync = _data(face, calls.get_sync(FIRST_SYNC_ID))
    assert (sync["id"], sync["name"]) == (FIRST_SYNC_ID, "Users to Users 01")


def test_get_of_an_unknown_sync_is_upstreams_404(face: Face) -> None:
    assert _error(face, calls.get_sync(UNKNOWN_ID)) == (404, "not_found")


def test_update_replaces_the_sync(face: Face, sync_id: str) -> None:
    updated = _data(face, calls.update_sync(sync_id, sync_body(name="New", mode="create")))
    assert (updated["id"], updated["name"], updated["mode"]) == (sync_id, "New", "create")
    assert updated["target"]["connection_id"] == CRM_ID


def test_delete_answers_nothing_and_the_sync_is_gone(face: Face, sync_id: str) -> None:
    answer = face.answer(calls.delete_sync(sync_id))
    assert (answer.error, answer.body) == (None, None)
    assert _error(face, calls.get_sync(sync_id)) == (404, "not_found")


def test_activate_switches_the_sync_on(face: Face, sync_id: str) -> None:
    switched = _data(face, calls.activate_sync(sync_id, active=True))
    assert switched == {"id": sync_id, "active": True}
    assert _data(face, calls.get_sync(sync_id))["active"] is True


def test_start_takes_a_body_or_none(face: Face, sync_id: str) -> None:
    started = _data(face, calls.start_sync(sync_id, {"identities": ["ada@example.com"]}))
    assert started["status"] == "created"
    assert _data(face, calls.start_sync(sync_id, {}))["id"] != started["id"]


def test_get_status_tells_of_the_execution_that_is_underway(face: Face, sync_id: str) -> None:
    started = _data(face, calls.start_sync(sync_id, {"test": True}))
    current = _data(face, calls.get_status(sync_id))["current_execution"]
    assert (current["id"], current["type"]) == (started["id"], "test")


def test_cancel_ends_what_is_underway(face: Face, sync_id: str) -> None:
    assert _error(face, calls.cancel_sync(sync_id)) == (404, "not_found")
    _data(face, calls.start_sync(sync_id, {}))
    assert _data(face, calls.cancel_sync(sync_id)) == {"message": "the sync was canceled"}
    assert _data(face, calls.get_status(sync_id))["last_execution"]["status"] == "canceled"
