"""A client that was written for Polytomic's own API works with another base URL, and no more."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from polytomic_sandbox import FIRST_SYNC_ID, SUPPORT_ID, WAREHOUSE_ID
from tests.end_to_end import calls
from tests.end_to_end.calls import UNKNOWN_ID, Call
from tests.end_to_end.commands import Served
from tests.end_to_end.faces import API_KEY, rest_client, send

OLD = {"X-Polytomic-Version": "yesterday"}


@pytest.fixture(scope="module")
def direct(sandbox: str) -> Iterator[httpx.Client]:
    with rest_client(sandbox, {"Authorization": f"Bearer {API_KEY}"}) as client:
        yield client


@pytest.fixture(scope="module")
def through(keyless: Served) -> Iterator[httpx.Client]:
    """The same client, which brings its own key."""
    with rest_client(f"{keyless.rest}/v1", {"Authorization": f"Bearer {API_KEY}"}) as client:
        yield client


@pytest.mark.parametrize(
    "call",
    [
        calls.get_source(WAREHOUSE_ID, table=["users", "orders"]),
        calls.get_source(WAREHOUSE_ID, table="no such table"),
        calls.get_source_fields(SUPPORT_ID, object="Users"),
        calls.list_syncs(limit=5, active=True),
        calls.list_syncs(mode="snapshot"),
        calls.list_syncs(page_token="forged"),
        calls.get_schedule_options(),
        calls.get_sync(FIRST_SYNC_ID),
        calls.get_sync(UNKNOWN_ID),
        calls.update_sync(FIRST_SYNC_ID, {"name": "x", "fields": 5}),
        calls.delete_sync(UNKNOWN_ID),
        Call("get-sync", "GET", "/api/syncs/{id}", FIRST_SYNC_ID, headers=OLD),
    ],
    ids=lambda call: f"{call.tool}-{call.path}",
)
def test_answers_are_those_of_the_api_itself(
    call: Call, direct: httpx.Client, through: httpx.Client
) -> None:
    expected, got = send(direct, call), send(through, call)
    assert got.status_code == expected.status_code
    assert got.headers["content-type"] == expected.headers["content-type"]
    assert got.content == expected.content


def test_a_deleted_sync_is_answered_with_204_and_no_body(
    through: httpx.Client, sync_id: str
) -> None:
    response = send(through, calls.delete_sync(sync_id))
    assert (response.status_code, response.content) == (204, b"")
    assert "content-type" not in response.headers


def test_an_answer_may_be_read_as_the_query_was_written(through: httpx.Client) -> None:
    path = f"/api/connections/{WAREHOUSE_ID}/modelsync/source"
    plain = through.get(f"{path}?params[table]=users&params[table]=orders")
    encoded = through.get(f"{path}?params%5Btable%5D=users&params%5Btable%5D=orders")
    assert plain.json() == encoded.json()
    assert plain.json()["data"]["configuration"]["table"]["items"] == ["users", "orders"]
