"""Section 9: MCP, by plain JSON-RPC."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.behaviour.world import World, rpc_answer, world

LONG = "a-tool-whose-name-goes-on-and-on-until-no-client-takes-it-any-more"
TOOLS = f"""
naftiko: 1.0.0-alpha2
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: UPSTREAM/m
    resources:
    - {{name: x, path: /x, operations: [
        {{name: get-x, method: GET}}, {{name: post-x, method: POST}}, {{name: put-x, method: PUT}},
        {{name: delete-x, method: DELETE}}, {{name: head-x, method: HEAD}},
        {{name: patch-x, method: PATCH}}]}}
  exposes:
  - type: mcp
    namespace: tools
    tools:
    - {{name: zulu, label: Zulu time, description: First, call: api.get-x}}
    - {{name: alpha, description: Second, call: api.post-x}}
    - {{name: hinted, description: Third, call: api.delete-x, hints: {{readOnly: true}}}}
    - {{name: putting, description: p, call: api.put-x}}
    - {{name: deleting, description: d, call: api.delete-x}}
    - {{name: heading, description: h, call: api.head-x}}
    - {{name: patching, description: h, call: api.patch-x}}
    - {{name: {LONG}-1, description: long, call: api.get-x}}
    - {{name: {LONG}-2, description: long, call: api.put-x}}
    - {{name: 'odd name/é', description: odd, call: api.get-x}}
"""
_REVISIONS = ["2025-03-26", "2025-06-18", "2025-11-25"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("mcp"), {"tools.yaml": TOOLS}) as one:
        yield one


def _post(served: World, message: dict[str, Any], **headers: str) -> httpx.Response:
    accept = {"Accept": "application/json, text/event-stream"}
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    url = f"{served.mcp_url}/tools/mcp"
    return served.client.post(url, json=message, headers={**accept, **given})


@pytest.mark.parametrize("revision", _REVISIONS)
def test_9_revisions_with_a_handshake(served: World, revision: str) -> None:
    params = {
        "protocolVersion": revision,
        "capabilities": {},
        "clientInfo": {"name": "t", "version": "1"},
    }
    message = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
    answer = rpc_answer(_post(served, message))
    assert answer["result"]["protocolVersion"] == revision
    assert "tools" in answer["result"]["capabilities"]


@pytest.mark.parametrize("revision", _REVISIONS)
def test_9_any_replica_answers_any_request(served: World, revision: str) -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    response = _post(served, message, MCP_Protocol_Version=revision)
    assert len(rpc_answer(response)["result"]["tools"]) == 10
    assert "mcp-session-id" not in response.headers


def test_9_an_unknown_revision_is_refused(served: World) -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    assert _post(served, message, MCP_Protocol_Version="1999-01-01").status_code == 400


def test_9_foreign_origins_and_hosts_are_refused_on_loopback(served: World) -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    assert _post(served, message, Origin="https://evil.test").status_code == 403
    assert _post(served, message, Host="evil.test").status_code in (403, 421)
    assert _post(served, message, Origin="http://localhost:1234").status_code == 200


def test_9_tools_are_in_the_order_of_the_document_and_titled(served: World) -> None:
    tools = served.tools("tools")
    assert list(tools)[:3] == ["zulu", "alpha", "hinted"]
    assert tools["zulu"]["title"] == "Zulu time"
    assert served.ask("tools", "tools/list") == served.ask("tools", "tools/list")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("zulu", {"readOnlyHint": True, "idempotentHint": True}),
        ("heading", {"readOnlyHint": True, "idempotentHint": True}),
        ("putting", {"idempotentHint": True}),
        ("deleting", {"idempotentHint": True, "destructiveHint": True}),
    ],
)
def test_9_a_tool_without_hints_gets_those_of_its_method(
    served: World, name: str, expected: dict[str, bool]
) -> None:
    annotations = served.tools("tools")[name]["annotations"]
    assert {key: annotations.get(key) for key in expected} == expected


def test_9_a_method_that_promises_nothing_gives_no_promise(served: World) -> None:
    for name in ["alpha", "patching", "putting", "deleting"]:
        assert not served.tools("tools")[name].get("annotations", {}).get("readOnlyHint", False)
    for name in ["alpha", "patching"]:
        assert not served.tools("tools")[name].get("annotations", {}).get("idempotentHint", False)


def test_9_hints_become_exactly_the_annotations(served: World) -> None:
    annotations = dict(served.tools("tools")["hinted"]["annotations"])
    annotations.pop("title", None)
    assert annotations == {"readOnlyHint": True}


def test_9_names_past_64_characters_are_shortened_and_work(served: World) -> None:
    first, second = [one for one in served.tools("tools") if one.startswith("a-tool-whose")]
    assert first != second
    assert len(first) <= 64
    assert len(second) <= 64
    assert served.sent_by_tool("tools", first).method == "GET"
    assert served.sent_by_tool("tools", second).method == "PUT"


def test_9_the_2026_revision_needs_no_handshake(served: World) -> None:
    meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "t", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    params = {"name": "zulu", "arguments": {}, "_meta": meta}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    headers = {
        "MCP_Protocol_Version": "2026-07-28",
        "Mcp_Method": "tools/call",
        "Mcp_Name": "zulu",
    }
    answer = rpc_answer(_post(served, message, **headers))
    assert answer["result"]["structuredContent"] == {"ok": True}
