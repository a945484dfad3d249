"""Calls of the feature examples on both faces, before an upstream that exists only in the test."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from naftiko_runtime.execute.upstream.message import UpstreamRequest, UpstreamResponse
from naftiko_runtime.plan.adapters import Capability
from naftiko_runtime.plan.loading import load_capability
from naftiko_runtime.values import Json
from tests.expose.mcp.serving import asking, service_of
from tests.expose.rest.driving import serve
from tests.upstreams import RecordingClient, answer

FOLDER: Final = Path(__file__).parents[2] / "examples" / "features"


@dataclass(frozen=True, slots=True)
class Call:
    """What a caller sends on each face, and what is to come of it.

    Attributes:
        rest: The request line of the REST call.
        tool: The tool.
        arguments: The tool's arguments.
        answer: What both faces answer.
        sent: What upstream gets: request lines, in any order.
        upstream: What upstream answers, by request target: JSON, or text in another format.
        rest_body: The body of the REST call.
        sent_body: The body that upstream gets.
        sent_headers: Headers that upstream gets, among others.
    """

    rest: str
    tool: str
    arguments: dict[str, Json]
    answer: Json
    sent: tuple[str, ...] = ()
    upstream: Mapping[str, Json] = field(default_factory=dict)
    rest_body: Json = None
    sent_body: bytes | None = None
    sent_headers: Mapping[str, str] = field(default_factory=dict)


def example(name: str) -> Capability:
    """Load an example; nothing is wrong with it."""
    loaded = load_capability(FOLDER / f"{name}.yaml")
    assert not loaded.diagnostics
    assert loaded.capability is not None
    return loaded.capability


def upstream_of(call: Call) -> RecordingClient:
    """Return an upstream that has the answers of a call, and no others."""

    def respond(request: UpstreamRequest) -> UpstreamResponse:
        value = call.upstream[request.target.decode()]
        if isinstance(value, str):
            return UpstreamResponse(200, (), value.encode())
        return answer(value)

    return RecordingClient(respond)


def over_rest(capability: Capability, call: Call, client: RecordingClient) -> Json:
    """Return what the REST face answers."""
    server = serve(*capability.rest)
    server.client.respond, server.client.requests = client.respond, client.requests
    method, target = call.rest.split()
    body = b"" if call.rest_body is None else json.dumps(call.rest_body).encode()
    answered = server.ask(method, target, body, content_type="application/json" if body else None)
    assert answered.status == 200, answered.body
    value: Json = json.loads(answered.body)
    return value


def over_mcp(capability: Capability, call: Call, client: RecordingClient) -> Json:
    """Return what the MCP face answers."""
    return asyncio.run(_over_mcp(capability, call, client))


async def _over_mcp(capability: Capability, call: Call, client: RecordingClient) -> Json:
    service = service_of(capability.mcp, client)
    params: Json = {"name": call.tool, "arguments": call.arguments}
    message: Json = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    headers = {
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": "2025-11-25",
    }
    async with asking(service) as caller:
        response = await caller.post("/mcp", json=message, headers=headers)
    result = response.json()["result"]
    assert result["isError"] is False, result
    value: Json = json.loads(result["content"][0]["text"])
    return value
