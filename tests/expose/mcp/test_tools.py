"""What `tools/list` says, and its pages: section 9 of the behaviour."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from mcp_types import methods

from naftiko_runtime.expose.mcp.tools import ToolSet, prepare_tools
from naftiko_runtime.plan.adapters import McpPlan
from naftiko_runtime.plan.shaping.plan import OutputPlan, whole
from naftiko_runtime.values import Json
from tests.expose.mcp.serving import asking, plan_of, service_of
from tests.expose.mcp.wire import REVISIONS, request, result


@pytest.fixture
def plan(tmp_path: Path) -> McpPlan:
    return plan_of(tmp_path)


def _walk(prepared: ToolSet) -> list[list[Json]]:
    """Return the names on each page, as clients go through them."""
    pages = []
    cursor: Json = None
    while True:
        assert cursor is None or isinstance(cursor, str)
        page = prepared.pages[cursor].stateless
        tools = page["tools"]
        assert isinstance(tools, list)
        pages.append([tool["name"] for tool in tools if isinstance(tool, dict)])
        cursor = page.get("nextCursor")
        if cursor is None:
            return pages


def test_one_page_holds_everything_by_default(plan: McpPlan) -> None:
    assert _walk(prepare_tools(plan.tools)) == [[tool.name for tool in plan.tools]]


@pytest.mark.parametrize("size", [1, 2, 4, 5, 6])
def test_pages_hold_every_tool_once_and_in_order(plan: McpPlan, size: int) -> None:
    names = [tool.name for tool in plan.tools]
    pages = _walk(prepare_tools(plan.tools, page_size=size))
    assert pages == [names[start : start + size] for start in range(0, len(names), size)]


def test_no_tools_are_an_empty_page() -> None:
    assert _walk(prepare_tools([])) == [[]]


def test_a_list_that_depends_on_the_caller_is_private(plan: McpPlan) -> None:
    page = prepare_tools(plan.tools, 5000, shared=False).pages[None].stateless
    assert (page["ttlMs"], page["cacheScope"]) == (5000, "private")
    assert prepare_tools(plan.tools).pages[None].stateless["cacheScope"] == "public"


def test_older_revisions_only_get_output_schemas_of_objects(plan: McpPlan) -> None:
    outputs = OutputPlan(False, whole, {"type": ["object", "null"]}, structured=True)
    tool = plan.tools[0]
    odd = replace(tool, operation=replace(tool.operation, outputs=outputs))
    page = prepare_tools([odd]).pages[None]
    entry = {"name": tool.name, "inputSchema": tool.input_schema}
    shown = {"title": tool.title, "description": tool.description, "annotations": tool.annotations}
    assert page.handshake["tools"] == [entry | shown]
    assert page.stateless["tools"] == [entry | shown | {"outputSchema": outputs.schema}]


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_page_is_what_the_revision_allows(plan: McpPlan, revision: str) -> None:
    page = prepare_tools(plan.tools).pages[None]
    stated = page.stateless if revision == "2026-07-28" else page.handshake
    assert methods.serialize_server_result("tools/list", revision, stated)["tools"]


@pytest.mark.parametrize("revision", REVISIONS)
async def test_clients_page_through_the_tools(plan: McpPlan, revision: str) -> None:
    async with asking(service_of([plan], page_size=2)) as http:
        names: list[str] = []
        params: dict[str, str] = {}
        while True:
            page = await result(http, revision, "tools/list", params)
            names += [tool["name"] for tool in page["tools"]]
            if "nextCursor" not in page:
                break
            params = {"cursor": page["nextCursor"]}
    assert names == [tool.name for tool in plan.tools]


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize("cursor", ["", "x", "dG9vbHM6Mg=="])
async def test_an_unknown_cursor_is_a_protocol_error(
    plan: McpPlan, revision: str, cursor: str
) -> None:
    async with asking(service_of([plan])) as http:
        response = await request(http, revision, "tools/list", {"cursor": cursor})
    assert response.json()["error"] == {"code": -32602, "message": "Invalid cursor"}
