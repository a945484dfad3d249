"""MCP over raw HTTP: the requests of every protocol revision."""

from __future__ import annotations

from typing import Any, Final

import httpx
from mcp.shared.inbound import encode_header_value

STATELESS: Final = "2026-07-28"
HANDSHAKE: Final = ("2025-03-26", "2025-06-18", "2025-11-25")
REVISIONS: Final = (*HANDSHAKE, STATELESS)

INITIALIZE: Final[dict[str, Any]] = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "raw", "version": "0"},
    },
}
"""How a client of a revision with a handshake begins."""

ENVELOPE: Final[dict[str, Any]] = {
    "io.modelcontextprotocol/protocolVersion": STATELESS,
    "io.modelcontextprotocol/clientInfo": {"name": "raw", "version": "0"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


def headers_of(revision: str, method: str, params: dict[str, Any]) -> dict[str, str]:
    """Return the headers that a request of a revision has."""
    headers = {
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": revision,
    }
    if revision == STATELESS:
        headers["mcp-method"] = method
        name = params.get("name", params.get("uri"))
        if name is not None:
            headers["mcp-name"] = encode_header_value(name)
    return headers


def message_of(revision: str, method: str, params: dict[str, Any], identity: Any = 1) -> Any:
    """Return the JSON-RPC request of a revision."""
    if revision == STATELESS:
        params = {**params, "_meta": {**ENVELOPE}}
    return {"jsonrpc": "2.0", "id": identity, "method": method, "params": params}


async def request(
    client: httpx.AsyncClient,
    revision: str,
    method: str,
    params: dict[str, Any],
    path: str = "/mcp",
    **headers: str,
) -> httpx.Response:
    """Send a request as clients of a revision do."""
    sent = headers_of(revision, method, params) | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return await client.post(path, json=message_of(revision, method, params), headers=sent)


async def result(
    client: httpx.AsyncClient,
    revision: str,
    method: str,
    params: dict[str, Any],
    path: str = "/mcp",
) -> Any:
    """Return the result of a request that has to succeed."""
    response = await request(client, revision, method, params, path)
    assert response.status_code == 200, response.text
    return response.json()["result"]


async def call(
    client: httpx.AsyncClient,
    revision: str,
    tool: str,
    arguments: dict[str, Any],
    path: str = "/mcp",
) -> Any:
    """Return the result of a tool call."""
    params = {"name": tool, "arguments": arguments}
    return await result(client, revision, "tools/call", params, path)
