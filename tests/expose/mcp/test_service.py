"""MCP on one URL, over real HTTP, in all revisions: sections 6, 8 and 9 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import mcp_types as types
import pytest
from mcp import Client, ClientSession, MCPError
from mcp.client.streamable_http import streamable_http_client

from naftiko_runtime.errors import UpstreamUnreachable
from naftiko_runtime.execute.upstream.message import UpstreamRequest, UpstreamResponse
from naftiko_runtime.values import Json
from tests.expose.mcp.serving import (
    TOKEN,
    VERSION,
    Logged,
    asking,
    plan_of,
    service_of,
    serving,
)
from tests.expose.mcp.wire import HANDSHAKE, REVISIONS, STATELESS, call, request, result
from tests.upstreams import RecordingClient, answer

TOOLS = ["list-ships", "get-ship", "scrap-ship", "ship-name", "ship-names"]


def _respond(asked: UpstreamRequest) -> UpstreamResponse:
    if asked.method == "DELETE":
        return UpstreamResponse(204, (), b"")
    if asked.target.startswith(b"/v1/ships/404"):
        return answer({"message": "no such ship"}, 404, ((b"retry-after", b"7"),))
    if asked.target == b"/v1/ships":
        return answer({"ships": [{"name": "Ada"}, {"name": None}]})
    return answer({"name": "Ada", "target": asked.target.decode()})


@pytest.fixture
def client() -> RecordingClient:
    return RecordingClient(_respond)


@pytest.mark.parametrize("mode", ["legacy", "auto", STATELESS])
async def test_the_official_client_works(
    tmp_path: Path, client: RecordingClient, mode: str
) -> None:
    service = service_of([plan_of(tmp_path)], client)
    async with serving(service) as url, Client(f"{url}/mcp", mode=mode) as mcp:
        assert mcp.protocol_version == ("2025-11-25" if mode == "legacy" else STATELESS)
        listed = (await mcp.list_tools()).tools
        assert [tool.name for tool in listed] == TOOLS
        got = await mcp.call_tool("get-ship", {"imo": "a b", "detail": True})
        assert got.structured_content == {"name": "Ada", "target": "/v1/ships/a%20b?detail=true"}
        assert not got.is_error
        shaped = await mcp.call_tool("ship-name", {"imo": "1"})
        assert shaped.structured_content == {"name": "Ada"}
        names = await mcp.call_tool("ship-names")
        assert names.structured_content == {"result": ["Ada", None]}
        with pytest.raises(MCPError) as unknown:
            await mcp.call_tool("nope", {"a": 1})
        assert unknown.value.code == types.INVALID_PARAMS


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_clients_learn_that_tools_can_change(tmp_path: Path, mode: str) -> None:
    async with (
        serving(service_of([plan_of(tmp_path)])) as url,
        Client(f"{url}/mcp", mode=mode) as mcp,
    ):
        assert mcp.server_capabilities.tools is not None
        assert mcp.server_capabilities.tools.list_changed
        assert mcp.server_capabilities.resources is None
        assert mcp.server_capabilities.prompts is None


@pytest.mark.parametrize("revision", HANDSHAKE)
async def test_the_official_client_works_in_every_revision_with_a_handshake(
    tmp_path: Path, client: RecordingClient, revision: str
) -> None:
    service = service_of([plan_of(tmp_path)], client)
    async with (
        serving(service) as url,
        streamable_http_client(f"{url}/mcp") as (read, write),
        ClientSession(read, write) as session,
    ):
        begin = types.InitializeRequestParams(
            protocol_version=revision,
            capabilities=types.ClientCapabilities(),
            client_info=types.Implementation(name="test", version="0"),
        )
        began = await session.send_request(
            types.InitializeRequest(params=begin), types.InitializeResult
        )
        assert began.server_info.name == "ships"
        assert began.server_info.version == VERSION
        assert began.instructions == "All about ships."
        session.adopt(began)
        await session.send_notification(types.InitializedNotification())
        assert session.protocol_version == revision
        assert [tool.name for tool in (await session.list_tools()).tools] == TOOLS
        assert not (await session.call_tool("get-ship", {"imo": "1"})).is_error


@pytest.mark.parametrize("revision", REVISIONS)
async def test_tools_are_listed_with_all_that_is_known_of_them(
    tmp_path: Path, revision: str
) -> None:
    async with asking(service_of([plan_of(tmp_path)])) as http:
        tools = (await result(http, revision, "tools/list", {}))["tools"]
    assert [tool["name"] for tool in tools] == TOOLS
    first = tools[0]
    assert (first["title"], first["description"]) == ("List ships", "List all ships")
    assert first["annotations"] == {"idempotentHint": True, "readOnlyHint": True}
    assert set(first["inputSchema"]["properties"]) == {"limit", "filter_name"}
    assert first["inputSchema"]["additionalProperties"] is False
    assert "outputSchema" not in first
    assert tools[1]["inputSchema"]["required"] == ["imo"]
    assert tools[2]["annotations"]["destructiveHint"] is True
    assert tools[3]["outputSchema"]["type"] == "object"
    assert tools[4]["outputSchema"]["required"] == ["result"]


@pytest.mark.parametrize("revision", REVISIONS)
async def test_credentials_are_the_runtimes_own(
    tmp_path: Path, client: RecordingClient, revision: str
) -> None:
    async with asking(service_of([plan_of(tmp_path)], client)) as http:
        listed = await request(http, revision, "tools/list", {})
        assert "authorization" not in listed.text.lower()
        assert TOKEN not in listed.text
        refused = await call(http, revision, "list-ships", {"Authorization": "mine"})
        assert refused["isError"]
        assert not client.requests, "what is refused is not sent"
        await call(http, revision, "list-ships", {})
    assert (b"authorization", f"Bearer {TOKEN}".encode()) in client.requests[0].headers


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize("name", ["filter_name", "filter[name]"])
async def test_arguments_go_by_their_published_and_their_real_names(
    tmp_path: Path, client: RecordingClient, revision: str, name: str
) -> None:
    async with asking(service_of([plan_of(tmp_path)], client)) as http:
        got = await call(http, revision, "list-ships", {name: "A&B"})
    assert got["structuredContent"]["target"] == "/v1/ships?filter%5Bname%5D=A%26B"


@pytest.mark.parametrize("revision", REVISIONS)
async def test_answers_are_text_and_structured_content(
    tmp_path: Path, client: RecordingClient, revision: str
) -> None:
    async with asking(service_of([plan_of(tmp_path)], client)) as http:
        got = await call(http, revision, "ship-name", {"imo": "1"})
        gone = await call(http, revision, "scrap-ship", {"imo": "1"})
    assert got["content"] == [{"type": "text", "text": '{"name":"Ada"}'}]
    assert got["structuredContent"] == {"name": "Ada"}
    assert got["isError"] is False
    assert gone["content"] == []
    assert gone["isError"] is False
    assert "structuredContent" not in gone


@pytest.mark.parametrize("revision", REVISIONS)
async def test_an_upstream_error_is_a_result(
    tmp_path: Path, client: RecordingClient, revision: str
) -> None:
    async with asking(service_of([plan_of(tmp_path)], client)) as http:
        got = await call(http, revision, "get-ship", {"imo": "404"})
    assert got["isError"] is True
    assert got["structuredContent"] == {
        "code": "upstream-status",
        "status": 404,
        "body": '{"message":"no such ship"}',
        "retryAfter": "7",
    }
    (block,) = got["content"]
    assert block["text"].splitlines() == [
        "The API behind this tool answered 404 Not Found",
        "Retry-After: 7",
        '{"message":"no such ship"}',
    ]


@pytest.mark.parametrize("revision", REVISIONS)
async def test_all_that_is_wrong_with_arguments_is_told_at_once(
    tmp_path: Path, client: RecordingClient, revision: str
) -> None:
    async with asking(service_of([plan_of(tmp_path)], client)) as http:
        got = await call(http, revision, "get-ship", {"detail": "perhaps", "more": 1})
    assert got["isError"] is True
    facts = got["structuredContent"]
    assert facts["code"] == "input-invalid"
    assert {one["pointer"] for one in facts["errors"]} == {"/detail", "/more", "/imo"}
    assert not client.requests


@pytest.mark.parametrize("revision", REVISIONS)
async def test_what_is_unforeseen_says_nothing_of_the_inside(
    tmp_path: Path, revision: str, caplog: pytest.LogCaptureFixture
) -> None:
    def crash(_: UpstreamRequest) -> UpstreamResponse:
        raise RuntimeError("the inside")

    logged = Logged()
    service = service_of([plan_of(tmp_path)], RecordingClient(crash), on_call=logged)
    async with asking(service) as http:
        response = await request(
            http, revision, "tools/call", {"name": "get-ship", "arguments": {"imo": "1"}}
        )
    assert "the inside" not in response.text
    facts: dict[str, Json] = response.json()["result"]["structuredContent"]
    assert facts["code"] == "internal-error"
    ((address, is_error, _, request_id),) = logged.calls
    assert (address, is_error) == ("ships.get-ship", True)
    assert facts["request_id"] == request_id
    (record,) = [one for one in caplog.records if one.name == "naftiko.mcp"]
    assert getattr(record, "request_id", None) == request_id
    assert "the inside" in caplog.text


@pytest.mark.parametrize("revision", REVISIONS)
async def test_what_upstream_can_not_do_is_told_and_logged(
    tmp_path: Path, revision: str, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_: UpstreamRequest) -> UpstreamResponse:
        raise UpstreamUnreachable("upstream.test does not answer", lasting=True)

    async with asking(service_of([plan_of(tmp_path)], RecordingClient(refuse))) as http:
        got = await call(http, revision, "get-ship", {"imo": "1"})
    assert got["isError"] is True
    assert got["structuredContent"]["code"] == "upstream-unreachable"
    assert "upstream.test does not answer" in got["content"][0]["text"]
    (record,) = [one for one in caplog.records if one.name == "naftiko.mcp"]
    assert record.getMessage() == "ships.get-ship: upstream.test does not answer"


@pytest.mark.parametrize("revision", REVISIONS)
async def test_every_call_that_ended_is_told(
    tmp_path: Path, client: RecordingClient, revision: str
) -> None:
    logged = Logged()
    service = service_of([plan_of(tmp_path)], client, on_call=logged)
    async with asking(service) as http:
        await call(http, revision, "get-ship", {"imo": "1"})
        await call(http, revision, "get-ship", {})
        await request(http, revision, "tools/call", {"name": "nope", "arguments": {}})
    assert [(address, is_error) for address, is_error, _, _ in logged.calls] == [
        ("ships.get-ship", False),
        ("ships.get-ship", True),
    ]
    assert all(seconds >= 0 for _, _, seconds, _ in logged.calls)
    assert len({request_id for _, _, _, request_id in logged.calls}) == 2
