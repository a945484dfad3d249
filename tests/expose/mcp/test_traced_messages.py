"""Spans of MCP messages: named after what they ask for, in the trace that their client tells of."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from mcp import Client

from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.execute.upstream.traced_client import TracedClient
from naftiko_runtime.expose.mcp.calls import ToolCaller
from naftiko_runtime.expose.mcp.offer import prepare_offer
from naftiko_runtime.expose.mcp.server import EndpointServer, message_tracing
from naftiko_runtime.expose.mcp.traced_messages import MessageTracing, telling_spans
from naftiko_runtime.load.options import LoadOptions
from tests.documents import load
from tests.expose.mcp.wire import REVISIONS, STATELESS, headers_of, message_of, request
from tests.expose.traced import SHOP, TOKEN, traced
from tests.spans import PARENT, TRACE, TRACEPARENT, Seen, Spans
from tests.upstreams import RecordingClient, answer

CALL = {"name": "get-order", "arguments": {"id": "9"}}


async def asked(
    folder: Path, revision: str, method: str, params: dict[str, Any], **headers: str
) -> tuple[Seen, list[Seen]]:
    """Return the span of a request, and all others."""
    async with traced(folder) as shop:
        response = await request(shop.client, revision, method, params, **headers)
    assert response.status_code in (200, 400, 404), response.text
    server = shop.server()
    return server, [one for one in shop.spans.ended if one != server]


@pytest.mark.parametrize("revision", REVISIONS)
async def test_a_call_is_named_after_its_tool(tmp_path: Path, revision: str) -> None:
    span, (upstream,) = await asked(tmp_path, revision, "tools/call", CALL)
    assert (span.name, span.is_error, span.links) == ("tools/call get-order", False, [])
    assert span.said == {
        "http.request.method": "POST",
        "http.route": "/mcp",
        "url.scheme": "http",
        "network.protocol.version": "1.1",
        "http.response.status_code": 200,
        "mcp.method.name": "tools/call",
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "get-order",
        "naftiko.unit": "shop.get-order",
    }
    assert (upstream.trace, upstream.parent) == (span.trace, span.id)


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize(
    ("method", "params", "name"),
    [
        ("tools/list", {}, "tools/list"),
        ("tools/call", {"name": "x" * 5000}, "tools/call"),
        ("prompts/get", {"name": "ask"}, "prompts/get ask"),
        ("prompts/get", {"name": "nothing"}, "prompts/get"),
        ("resources/read", {"uri": "shop://orders/9"}, "resources/read"),
        ("no/method", {"name": "x" * 5000}, "POST /mcp"),
    ],
)
async def test_only_names_of_what_there_is_are_told(
    tmp_path: Path, revision: str, method: str, params: dict[str, Any], name: str
) -> None:
    span, _ = await asked(tmp_path, revision, method, params)
    assert span.name == name
    assert "xxx" not in repr(span)
    assert span.said.get("gen_ai.prompt.name") == ("ask" if name == "prompts/get ask" else None)


@pytest.mark.parametrize("revision", REVISIONS)
async def test_an_error_of_json_rpc_is_an_error(tmp_path: Path, revision: str) -> None:
    span, _ = await asked(tmp_path, revision, "prompts/get", {"name": "nothing"})
    assert (span.is_error, span.said["error.type"]) == (True, "-32602")
    assert span.said["rpc.response.status_code"] == "-32602"
    assert span.said["mcp.protocol.version"] == revision


@pytest.mark.parametrize("revision", REVISIONS)
async def test_a_call_that_fails_is_an_error(tmp_path: Path, revision: str) -> None:
    upstream = RecordingClient(lambda _: answer({}, 404))
    async with traced(tmp_path, upstream) as shop:
        await request(shop.client, revision, "tools/call", CALL)
    span = shop.server()
    assert (span.is_error, span.said["error.type"]) == (True, "tool_error")
    assert span.said["http.response.status_code"] == 200


@pytest.mark.parametrize("revision", REVISIONS)
async def test_a_request_is_the_child_of_its_clients_span(tmp_path: Path, revision: str) -> None:
    span, (upstream,) = await asked(tmp_path, revision, "tools/call", CALL, traceparent=TRACEPARENT)
    assert (span.trace, span.parent, upstream.trace) == (TRACE, PARENT, TRACE)


async def called(client: httpx.AsyncClient, revision: str, **headers: str) -> None:
    """Call the tool with a message that tells of a trace."""
    message = message_of(revision, "tools/call", CALL)
    message["params"] = {**message["params"], "_meta": {**message["params"].get("_meta", {})}}
    message["params"]["_meta"]["traceparent"] = TRACEPARENT
    sent = headers_of(revision, "tools/call", CALL) | headers
    response = await client.post("/mcp", json=message, headers=sent)
    assert response.status_code == 200, response.text


@pytest.mark.parametrize("revision", REVISIONS)
async def test_a_message_may_tell_of_another_trace_than_its_request(
    tmp_path: Path, revision: str
) -> None:
    async with traced(tmp_path) as shop:
        await called(shop.client, revision)
    upstream, message, request_ = shop.spans.ended
    assert (message.name, message.trace, message.parent) == ("tools/call get-order", TRACE, PARENT)
    assert (upstream.trace, upstream.parent) == (TRACE, message.id)
    assert message.said["naftiko.unit"] == "shop.get-order"
    assert message.links == [request_.trace]
    assert request_.name == "POST /mcp"
    assert request_.trace != TRACE


async def test_a_message_of_the_same_trace_has_no_span_of_its_own(tmp_path: Path) -> None:
    async with traced(tmp_path) as shop:
        await called(shop.client, STATELESS, traceparent=f"00-{TRACE}-{'1' * 16}-01")
    span = shop.server()
    assert (span.name, span.trace, span.parent) == ("tools/call get-order", TRACE, "1" * 16)


async def test_without_a_request_each_message_has_a_span(tmp_path: Path) -> None:
    spans, told = Spans(), list[str]()
    options = LoadOptions(environment={"SHOP_TOKEN": TOKEN})
    offer = prepare_offer(load(tmp_path, SHOP, options).mcp)
    tracer = spans.tracer
    caller = ToolCaller(
        Engine(TracedClient(RecordingClient(), tracer)),
        5.0,
        telling_spans(lambda address, *_: told.append(address)),
    )
    tracing = message_tracing(tracer, lambda: offer)
    server = EndpointServer("shop", "1", offer, caller, is_fixed=True, tracing=tracing)
    async with Client(server) as client:
        meta = cast(Any, {"traceparent": TRACEPARENT})
        await client.call_tool("get-order", {"id": "9"}, meta=meta)
        await client.list_tools()
    upstream, call, *others = [one for one in spans.ended if "get-order" in one.name or one.parent]
    assert others == []
    assert (call.name, call.trace, call.parent) == ("tools/call get-order", TRACE, PARENT)
    assert (upstream.trace, upstream.parent) == (TRACE, call.id)
    assert (call.said["naftiko.unit"], call.links, told) == (
        "shop.get-order",
        [],
        ["shop.get-order"],
    )
    listed = next(one for one in spans.ended if one.name == "tools/list")
    assert (listed.kind, listed.parent, listed.links) == ("SERVER", None, [])


async def test_what_nobody_foresaw_is_an_error(tmp_path: Path) -> None:
    spans = Spans()
    tracing = MessageTracing(spans.tracer, lambda: prepare_offer([]))

    async def fails(_: object) -> None:
        raise RuntimeError("hidden")

    context = SimpleNamespace(method="ping", params=None, meta=None, protocol_version=STATELESS)
    with pytest.raises(RuntimeError):
        await tracing(cast(Any, context), fails)
    span = spans.only()
    assert (span.name, span.is_error, span.said["error.type"]) == ("ping", True, "RuntimeError")
    assert "hidden" not in repr(span)
