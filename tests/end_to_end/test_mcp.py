"""What MCP clients see: the official Python client, and raw requests of every revision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import orjson
import pytest
from mcp import MCPError
from mcp_types import Tool

from polytomic_sandbox import FIRST_SYNC_ID
from tests.conftest import Golden
from tests.end_to_end.commands import Served
from tests.end_to_end.faces import McpFace, rest_client, text_of

TOOLS = [
    "get-sync-source",
    "model-sync-field-query",
    "list-syncs",
    "create-sync",
    "get-sync-schedule-options",
    "get-sync",
    "update-sync",
    "delete-model-sync",
    "activate-sync",
    "cancel-sync",
    "start-sync",
    "get-sync-status",
]


@pytest.fixture(params=["handshaken", "stateless"])
def mcp(request: pytest.FixtureRequest) -> McpFace:
    """The official client, with and without a handshake."""
    face: McpFace = request.getfixturevalue(request.param)
    return face


@pytest.fixture(scope="module")
def raw(polytomic: Served) -> Iterator[httpx.Client]:
    """A client that sends what the test says to the MCP URL."""
    with rest_client(polytomic.mcp, {"Accept": "application/json, text/event-stream"}) as client:
        yield client


def test_each_mode_speaks_its_revision(handshaken: McpFace, stateless: McpFace) -> None:
    assert handshaken.protocol_version == "2025-11-25"
    assert stateless.protocol_version == "2026-07-28"


def test_tools_are_listed_in_the_order_of_the_file(mcp: McpFace) -> None:
    assert [tool.name for tool in mcp.tools()] == TOOLS


def test_inputs_are_listed_in_the_order_of_the_file(mcp: McpFace) -> None:
    schema = next(tool.input_schema for tool in mcp.tools() if tool.name == "list-syncs")
    first = ["active", "mode", "target_connection_id", "page_token", "limit"]
    assert list(schema["properties"]) == [*first, "X-Polytomic-Version"]


def test_no_tool_shows_credentials(mcp: McpFace) -> None:
    assert not [tool for tool in mcp.tools() if "authorization" in repr(tool).lower()]


def test_input_schemas_and_annotations_are_complete(mcp: McpFace, golden: Golden) -> None:
    shown = [_shown(tool) for tool in mcp.tools()]
    text = orjson.dumps(shown, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    golden("end_to_end/tools.json", text.decode())


def test_an_object_is_answered_as_text_and_as_structured_content(mcp: McpFace) -> None:
    result = mcp.result("get-sync", {"id": FIRST_SYNC_ID})
    assert isinstance(result.structured_content, dict)
    assert result.structured_content["data"]["id"] == FIRST_SYNC_ID
    assert orjson.loads(text_of(result)) == result.structured_content


def test_an_upstream_error_tells_status_and_body(mcp: McpFace) -> None:
    result = mcp.result("get-sync", {"id": "no-such-sync"})
    assert result.is_error
    assert "404" in text_of(result)
    assert '"key":"not_found"' in text_of(result)


def test_a_missing_argument_is_an_error_result(mcp: McpFace) -> None:
    result = mcp.result("get-sync", {})
    assert result.is_error
    assert "/id" in text_of(result)


def test_json_text_is_taken_for_the_object_it_holds(mcp: McpFace) -> None:
    result = mcp.result("list-syncs", {"limit": "3", "active": "true"})
    assert isinstance(result.structured_content, dict)
    assert len(result.structured_content["data"]) == 3


def test_an_unknown_tool_is_a_protocol_error(mcp: McpFace) -> None:
    with pytest.raises(MCPError) as caught:
        mcp.result("no-such-tool", {})
    assert caught.value.code == -32602


@pytest.mark.parametrize("revision", ["2025-03-26", "2025-06-18", "2025-11-25"])
def test_every_handshake_revision_is_spoken(revision: str, raw: httpx.Client) -> None:
    client = {"name": "raw", "version": "0"}
    params = {"protocolVersion": revision, "capabilities": {}, "clientInfo": client}
    initialized = _request(raw, "initialize", params).json()["result"]
    assert initialized["protocolVersion"] == revision
    headers = {"MCP-Protocol-Version": revision}
    listed = _request(raw, "tools/list", {}, headers).json()["result"]
    assert [tool["name"] for tool in listed["tools"]] == TOOLS
    again = _request(raw, "tools/list", {}, headers).json()["result"]
    assert again == listed


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [("Host", "evil.example", 421), ("Origin", "https://evil.example", 403)],
)
def test_pages_of_other_sites_are_turned_away(
    name: str, value: str, status: int, raw: httpx.Client
) -> None:
    assert _request(raw, "tools/list", {}, {name: value}).status_code == status


def _shown(tool: Tool) -> dict[str, Any]:
    shown: dict[str, Any] = tool.model_dump(mode="json", by_alias=True, exclude_none=True)
    return shown


def _request(
    raw: httpx.Client, method: str, params: dict[str, Any], headers: dict[str, str] | None = None
) -> httpx.Response:
    """Send one JSON-RPC request to the URL itself."""
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return raw.post("", json=message, headers=headers)
