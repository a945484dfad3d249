"""What arrives upstream is the same to the byte, whichever face a call came through."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from naftiko_runtime import __version__
from tests.conftest import Golden
from tests.end_to_end import calls
from tests.end_to_end.calls import CONNECTION_ID, SYNC_ID, Call, sync_body
from tests.end_to_end.commands import Served
from tests.end_to_end.faces import McpFace, mcp_face, rest_client, send
from tests.end_to_end.scripted_upstream import Received, ScriptedUpstream

BODY = sync_body(name='Größe \u2028 "L"', active=True, filters=[], filter_logic="A and 1e3")

TWELVE = (
    calls.get_source(CONNECTION_ID, table=["users", "orders"], schema="public"),
    calls.get_source_fields(CONNECTION_ID, table=["users", "orders"], schema="a b&c=d+e"),
    calls.list_syncs(
        active=True,
        mode="updateOrCreate",
        target_connection_id=CONNECTION_ID,
        page_token="e30.+/=&ü",
        limit=5,
    ),
    calls.create_sync(BODY),
    calls.get_schedule_options(),
    calls.get_sync(SYNC_ID),
    calls.update_sync(SYNC_ID, BODY),
    calls.delete_sync(SYNC_ID),
    calls.activate_sync(SYNC_ID, active=False),
    calls.cancel_sync(SYNC_ID),
    calls.start_sync(SYNC_ID, {"identities": ["a", "b"], "resync": True}),
    calls.get_status(SYNC_ID),
)
ODD = (
    calls.get_sync("a/b c%2Fü?#"),
    calls.list_syncs(),
    calls.list_syncs(limit=0, active=False, mode=""),
    calls.start_sync(SYNC_ID),
    Call("get-sync", "GET", "/api/syncs/{id}", SYNC_ID, headers={"X-Polytomic-Version": "2025-09"}),
)


@pytest.fixture(scope="module")
def rest(scripted: Served) -> Iterator[httpx.Client]:
    with rest_client(f"{scripted.rest}/v1") as client:
        yield client


@pytest.fixture(scope="module")
def mcp(scripted: Served) -> Iterator[McpFace]:
    with mcp_face(scripted.mcp, "2026-07-28") as face:
        yield face


@pytest.mark.parametrize("call", [*TWELVE, *ODD], ids=lambda call: call.tool)
def test_both_faces_send_the_same_bytes(
    call: Call, rest: httpx.Client, mcp: McpFace, upstream: ScriptedUpstream
) -> None:
    upstream.received.clear()
    assert send(rest, call).status_code == 200
    assert not mcp.result(call.tool, call.arguments).is_error
    by_rest, by_mcp = upstream.received
    assert by_mcp == by_rest


def test_the_twelve_requests_are_as_they_were(
    rest: httpx.Client, upstream: ScriptedUpstream, golden: Golden
) -> None:
    upstream.received.clear()
    for call in TWELVE:
        send(rest, call)
    golden("end_to_end/upstream_requests.txt", "\n\n".join(map(_text, upstream.received)))


def test_a_wrong_value_is_a_problem_that_names_the_parameter_and_goes_no_further(
    rest: httpx.Client, upstream: ScriptedUpstream
) -> None:
    upstream.received.clear()
    response = rest.get("/api/syncs", params={"limit": "abc", "active": "perhaps"})
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert {one["pointer"] for one in response.json()["errors"]} == {"/active", "/limit"}
    assert upstream.received == []


def test_a_wrong_argument_is_an_error_result_that_goes_no_further(
    mcp: McpFace, upstream: ScriptedUpstream
) -> None:
    upstream.received.clear()
    result = mcp.result("list-syncs", {"limit": "abc", "colour": "red"})
    assert result.is_error
    assert isinstance(result.structured_content, dict)
    pointers = {one["pointer"] for one in result.structured_content["errors"]}
    assert pointers == {"/limit", "/colour"}
    assert upstream.received == []


def _text(received: Received) -> str:
    """Return a request as a text that is the same for every port and version."""
    head = received.head.decode("latin-1").replace("\r\n", "\n").rstrip("\n")
    head = re.sub(r"(?m)^(host): .*", r"\1: HOST", head)
    body = received.body.decode()
    return f"{head}\n\n{body}".replace(__version__, "VERSION").rstrip("\n")
