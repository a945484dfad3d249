"""MCP requests of both eras of the protocol, as their clients send them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from benchmarks.load import Request

OLDER, NEWEST = "2025-11-25", "2026-07-28"
"""The last revision that begins with a handshake, and the first without."""

_ENVELOPE = {
    "io.modelcontextprotocol/protocolVersion": NEWEST,
    "io.modelcontextprotocol/clientInfo": {"name": "benchmark", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


def tools_call(url: str, revision: str, tool: tuple[str, Mapping[str, Any]]) -> Request:
    """Return a call of a tool."""
    name, arguments = tool
    return _request(url, revision, "tools/call", {"name": name, "arguments": arguments})


def tools_list(url: str, revision: str, cursor: str | None = None) -> Request:
    """Return a request for a page of the list of tools."""
    return _request(url, revision, "tools/list", {"cursor": cursor} if cursor else {})


def _request(url: str, revision: str, method: str, params: dict[str, Any]) -> Request:
    headers = {
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": revision,
    }
    if revision == NEWEST:
        headers["mcp-method"] = method
        if "name" in params:
            headers["mcp-name"] = params["name"]
        params = {**params, "_meta": _ENVELOPE}
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return Request(url, json.dumps(message).encode(), headers)
