"""Tools that change while clients are connected: section 8 of the behaviour."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from anyio.lowlevel import checkpoint
from mcp import Client
from mcp.client.subscriptions import (
    PromptsListChanged,
    ResourcesListChanged,
    ResourceUpdated,
    ToolsListChanged,
)

from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.mcp.endpoint import Endpoint
from naftiko_runtime.expose.mcp.service import McpService
from naftiko_runtime.expose.mcp.streams import ChangeStreams
from naftiko_runtime.plan.adapters import McpPlan
from tests.expose.mcp.documents import PORTS
from tests.expose.mcp.offering import LIBRARY, library
from tests.expose.mcp.serving import (
    PATIENCE,
    asking,
    browsing,
    plan_of,
    renamed,
    replace_plans,
    service_of,
    serving,
    until,
)
from tests.expose.mcp.wire import (
    HANDSHAKE,
    STATELESS,
    call,
    headers_of,
    message_of,
    request,
    result,
)
from tests.upstreams import GatedUpstream

if TYPE_CHECKING:
    from starlette.types import Message

SSE = {"accept": "text/event-stream"}
CHANGED = {"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}


@pytest.fixture
def plan(tmp_path: Path) -> McpPlan:
    return plan_of(tmp_path)


def _fewer(plan: McpPlan) -> McpPlan:
    return replace(plan, tools=plan.tools[:1], description="Fewer ships.")


def _endpoint(service: McpService, path: str = "/mcp") -> Endpoint:
    endpoint = service.endpoint(path)
    assert endpoint is not None
    return endpoint


async def test_new_tools_are_listed_and_called_at_once(plan: McpPlan, tmp_path: Path) -> None:
    service = service_of([plan])
    async with browsing(service) as http:
        await replace_plans(service, [_fewer(plan)])
        for revision in (STATELESS, *HANDSHAKE):
            listed = await result(http, revision, "tools/list", {})
            assert [tool["name"] for tool in listed["tools"]] == ["list-ships"]
            params = {"name": "get-ship", "arguments": {"imo": "1"}}
            gone = await request(http, revision, "tools/call", params)
            assert gone.json()["error"]["code"] == -32602
        found = await result(http, STATELESS, "server/discover", {})
        assert found["instructions"] == "Fewer ships."


async def test_servers_come_and_go(plan: McpPlan, tmp_path: Path) -> None:
    ports = plan_of(tmp_path, PORTS)
    service = service_of([])
    async with browsing(service) as http:
        assert (await request(http, STATELESS, "tools/list", {})).status_code == 404
        await replace_plans(service, [plan])
        assert len((await result(http, STATELESS, "tools/list", {}))["tools"]) == 5
        await replace_plans(service, [plan, ports])
        assert len((await result(http, STATELESS, "tools/list", {}))["tools"]) == 7
        assert len((await result(http, STATELESS, "tools/list", {}, "/ports/mcp"))["tools"]) == 2
        await replace_plans(service, [ports])
        assert (await request(http, STATELESS, "tools/list", {}, "/ships/mcp")).status_code == 404
        assert len((await result(http, STATELESS, "tools/list", {}))["tools"]) == 2


async def test_what_is_prepared_is_not_served_and_nothing_is_left_of_it_when_it_is_dropped(
    plan: McpPlan, tmp_path: Path
) -> None:
    service = service_of([plan])
    async with asking(service) as http:
        before = len(asyncio.all_tasks())
        replacement = await service.prepare([plan_of(tmp_path, PORTS)])
        assert len((await result(http, STATELESS, "tools/list", {}))["tools"]) == 5
        assert (await request(http, STATELESS, "tools/list", {}, "/ports/mcp")).status_code == 404
        replacement.drop()
        await until(lambda: len(asyncio.all_tasks()) == before)


async def test_where_one_of_two_endpoints_can_not_start_nothing_is_left_of_the_other(
    plan: McpPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = service_of([plan])
    starting = [Endpoint.serve, _not_served]
    async with asking(service) as http:
        before = len(asyncio.all_tasks())
        with monkeypatch.context() as broken:
            broken.setattr(Endpoint, "serve", lambda *one, **how: starting.pop(0)(*one, **how))
            with pytest.raises(OSError, match="no luck"):
                await service.prepare([plan, plan_of(tmp_path, PORTS), renamed(plan, "other")])
        await until(lambda: len(asyncio.all_tasks()) == before)
        await replace_plans(service, [plan, plan_of(tmp_path, PORTS)])
        assert len((await result(http, STATELESS, "tools/list", {}, "/ports/mcp"))["tools"]) == 2


async def _not_served(*_: object, **__: object) -> None:
    raise OSError("no luck")


async def test_plans_can_be_replaced_before_the_first_request(plan: McpPlan) -> None:
    service = service_of([plan])
    await replace_plans(service, [renamed(plan, "other")])
    async with browsing(service) as http:
        assert len((await result(http, STATELESS, "tools/list", {}, "/other/mcp"))["tools"]) == 5


async def test_a_call_on_a_server_that_goes_is_finished(plan: McpPlan, tmp_path: Path) -> None:
    upstream = GatedUpstream()
    service = service_of([plan], upstream)
    async with browsing(service) as http:
        for revision in (STATELESS, "2025-11-25"):
            await replace_plans(service, [plan])
            upstream.asked.clear()
            upstream.gate.clear()
            running = asyncio.create_task(
                call(http, revision, "get-ship", {"imo": "1"}, "/ships/mcp")
            )
            await asyncio.wait_for(upstream.asked.wait(), PATIENCE)
            await replace_plans(service, [plan_of(tmp_path, PORTS)])
            assert service.endpoint("/ships/mcp") is None
            upstream.gate.set()
            assert (await running)["structuredContent"] == {"late": True}


async def test_an_endpoint_that_goes_does_not_wait_for_ever(plan: McpPlan) -> None:
    upstream = GatedUpstream()
    service = service_of([plan], upstream)
    _endpoint(service)._longest_seconds = 0.05
    params = {"name": "get-ship", "arguments": {"imo": "1"}, "_meta": {"the": "SDK's to serve"}}
    async with browsing(service) as http:
        running = asyncio.create_task(request(http, "2025-11-25", "tools/call", params))
        await asyncio.wait_for(upstream.asked.wait(), PATIENCE)
        await replace_plans(service, [])
        response = await running
    assert response.status_code == 500
    assert upstream.was_cancelled


async def test_an_endpoint_that_goes_waits_for_bodies_that_are_on_their_way(plan: McpPlan) -> None:
    service = service_of([plan], limits=Limits(call_seconds=0))
    endpoint = service.endpoint("/mcp")
    assert endpoint is not None
    rest = asyncio.Event()
    message = json.dumps(message_of("2025-11-25", "tools/list", {})).encode()

    async def body() -> AsyncIterator[bytes]:
        yield message[:10]
        await rest.wait()
        yield message[10:]

    headers = headers_of("2025-11-25", "tools/list", {})
    async with browsing(service) as http:
        asked = asyncio.create_task(http.post("/mcp", content=body(), headers=headers))
        await until(lambda: endpoint._running > 0)
        await replace_plans(service, [])
        for _ in range(20):
            await checkpoint()
        rest.set()
        assert len((await asked).json()["result"]["tools"]) == 5


async def test_clients_of_the_newest_revision_hear_of_changes(plan: McpPlan) -> None:
    service = service_of([plan])
    async with serving(service) as url, Client(f"{url}/mcp") as mcp:
        async with mcp.listen(tools_list_changed=True) as events:
            await replace_plans(service, [_fewer(plan)])
            async for event in events:
                assert event == ToolsListChanged()
                break
        assert len((await mcp.list_tools()).tools) == 1


@asynccontextmanager
async def _listening(
    http: httpx.AsyncClient, path: str = "/mcp", **headers: str
) -> AsyncIterator[AsyncIterator[str]]:
    """Open a GET stream; yield its lines."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with http.stream("GET", path, headers=SSE | named) as response:
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"] == "text/event-stream"
        lines = response.aiter_lines()
        assert await anext(lines) == ": open"
        yield lines


async def _message(lines: AsyncIterator[str]) -> Any:
    async with asyncio.timeout(PATIENCE):
        async for line in lines:
            if line.startswith("data: "):
                return json.loads(line.removeprefix("data: "))
    return None


@pytest.mark.parametrize("path", ["/mcp", "/", "/ships/mcp"])
async def test_clients_of_older_revisions_hear_of_changes(plan: McpPlan, path: str) -> None:
    service = service_of([plan])
    async with (
        browsing(service) as http,
        _listening(http, path) as first,
        _listening(http, path, mcp_protocol_version="2025-06-18") as second,
    ):
        await replace_plans(service, [_fewer(plan)])
        assert await _message(first) == CHANGED
        assert await _message(second) == CHANGED
        await replace_plans(service, [plan])
        assert await _message(first) == CHANGED


async def test_nothing_is_told_when_the_tools_stay_the_same(plan: McpPlan, tmp_path: Path) -> None:
    service = service_of([plan])
    async with browsing(service) as http, _listening(http) as lines:
        await replace_plans(service, [plan_of(tmp_path)])
        service.close_streams()
        assert await _message(lines) is None


async def test_a_stream_whose_server_goes_ends(plan: McpPlan, tmp_path: Path) -> None:
    service = service_of([plan])
    async with browsing(service) as http, _listening(http, "/ships/mcp") as lines:
        await replace_plans(service, [plan_of(tmp_path, PORTS)])
        assert await _message(lines) is None


async def test_closed_streams_end_and_no_new_ones_open(plan: McpPlan) -> None:
    service = service_of([plan])
    async with browsing(service) as http:
        async with _listening(http) as lines:
            service.close_streams()
            assert await _message(lines) is None
        assert (await http.get("/mcp", headers=SSE)).status_code == 503
        listen = {"notifications": {"toolsListChanged": True}}
        refused = await request(http, STATELESS, "subscriptions/listen", listen)
        assert "shutting down" in refused.text
        assert not (await call(http, STATELESS, "get-ship", {"imo": "1"}))["isError"]


async def test_a_listener_stops_at_once_when_its_streams_are_closed(plan: McpPlan) -> None:
    async def listen(url: str, connected: asyncio.Event) -> None:
        async with (
            Client(f"{url}/mcp") as mcp,
            mcp.listen(tools_list_changed=True) as events,
        ):
            connected.set()
            async for _ in events:
                pass

    connected = asyncio.Event()
    async with serving(service_of([plan])) as url:
        listening = asyncio.create_task(listen(url, connected))
        await asyncio.wait_for(connected.wait(), PATIENCE)
    await asyncio.wait_for(listening, PATIENCE)


async def test_a_client_that_leaves_is_forgotten(plan: McpPlan) -> None:
    service = service_of([plan])
    streams = _endpoint(service).streams
    async with browsing(service) as http:
        async with _listening(http):
            assert streams.count == 1
        await until(lambda: streams.count == 0)


async def test_a_get_stream_has_to_be_accepted(plan: McpPlan) -> None:
    async with browsing(service_of([plan])) as http:
        response = await http.get("/mcp", headers={"accept": "text/html"})
        assert response.status_code == 406
        newest = SSE | {"mcp-protocol-version": STATELESS}
        assert (await http.get("/mcp", headers=newest)).status_code == 405


async def test_a_silent_stream_is_kept_alive() -> None:
    streams = ChangeStreams(ping_seconds=0.001)
    gone = asyncio.Event()
    sent: list[bytes] = []

    async def receive() -> Message:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message.get("body", b""))
        if sent.count(b": ping\r\n\r\n") == 2:
            gone.set()

    scope = {"type": "http", "headers": [(b"accept", b"*/*")]}
    await asyncio.wait_for(streams(scope, receive, send), PATIENCE)
    assert sent[1] == b": open\r\n\r\n"
    assert sent[-1] == b""


async def test_clients_of_older_revisions_hear_which_lists_changed(
    plan: McpPlan, tmp_path: Path
) -> None:
    books = library(tmp_path)
    service = service_of([books])
    async with browsing(service) as http, _listening(http) as lines:
        await replace_plans(service, [replace(books, tools=plan.tools, prompts=(), resources=())])
        methods = [(await _message(lines))["method"] for _ in range(3)]
    assert methods == [
        f"notifications/{kind}/list_changed" for kind in ("tools", "resources", "prompts")
    ]


async def test_clients_of_the_newest_revision_hear_which_lists_changed(tmp_path: Path) -> None:
    books = library(tmp_path)
    service = service_of([books])
    async with serving(service) as url, Client(f"{url}/mcp") as mcp:
        async with mcp.listen(prompts_list_changed=True, resources_list_changed=True) as events:
            templates = tuple(one for one in books.resources if one != books.resources[1])
            await replace_plans(
                service, [replace(books, resources=templates, prompts=books.prompts[:1])]
            )
            heard = [await anext(aiter(events)) for _ in range(2)]
        assert set(heard) == {ResourcesListChanged(), PromptsListChanged()}
        assert len((await mcp.list_prompts()).prompts) == 1


async def test_clients_of_the_newest_revision_hear_of_files_that_changed(tmp_path: Path) -> None:
    service = service_of([library(tmp_path)])
    wanted = ["docs://NOTES", "docs://brief.txt", "ships://all", "ships://1"]
    async with (
        serving(service) as url,
        Client(f"{url}/mcp") as mcp,
        mcp.listen(resource_subscriptions=wanted) as events,
    ):
        assert events.honored.resource_subscriptions == wanted[:2]
        (tmp_path / "docs" / "NOTES").write_text("other words")
        await replace_plans(service, [plan_of(tmp_path, LIBRARY)])
        assert await anext(aiter(events)) == ResourceUpdated("docs://NOTES")


async def test_what_there_was_nothing_of_can_come_later(plan: McpPlan, tmp_path: Path) -> None:
    service = service_of([plan])
    async with browsing(service) as http:
        assert (await request(http, STATELESS, "prompts/list", {})).status_code == 404
        await replace_plans(service, [library(tmp_path)])
        assert len((await result(http, STATELESS, "prompts/list", {}))["prompts"]) == 3
        told = (await result(http, STATELESS, "server/discover", {}))["capabilities"]
        assert set(told) == {"resources", "prompts", "completions"}
