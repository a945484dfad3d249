"""Several MCP servers on one listener: section 8 of the behaviour."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from naftiko_runtime.expose.mcp.merging import (
    clashing_resources,
    endpoint_names,
    merge_instructions,
    merge_prompts,
    merge_resources,
    merge_tools,
)
from naftiko_runtime.plan.adapters import McpPlan
from naftiko_runtime.plan.mcp_parts import uri_of
from tests.expose.mcp.documents import PORTS
from tests.expose.mcp.offering import library
from tests.expose.mcp.serving import plan_of, renamed


@pytest.fixture
def ships(tmp_path: Path) -> McpPlan:
    return plan_of(tmp_path)


@pytest.fixture
def ports(tmp_path: Path) -> McpPlan:
    return plan_of(tmp_path, PORTS)


def _names(*plans: McpPlan) -> list[str]:
    return [tool.name for tool in merge_tools(plans)]


def test_only_names_that_clash_get_their_namespace(ships: McpPlan, ports: McpPlan) -> None:
    assert _names(ships, ports) == [
        "list-ships",
        "ships_get-ship",
        "scrap-ship",
        "ship-name",
        "ship-names",
        "list-ports",
        "ports_get-ship",
    ]


def test_tools_of_one_server_keep_their_names(ships: McpPlan) -> None:
    assert merge_tools([ships]) == ships.tools


def test_a_prefixed_name_that_is_taken_gets_a_number(ships: McpPlan, ports: McpPlan) -> None:
    taken = replace(ports.tools[0], name="ships_get-ship")
    names = _names(ships, replace(ports, tools=(taken, ports.tools[1])))
    assert names[-2:] == ["ships_get-ship", "ports_get-ship"]
    assert "ships_get-ship-2" in names
    assert len(set(names)) == len(names)


def test_merged_names_are_names_that_clients_take(ships: McpPlan) -> None:
    plans = [renamed(ships, "a space/" * 10), renamed(ships, "a space/" * 11)]
    names = _names(*plans)
    assert len(set(names)) == 2 * len(ships.tools)
    assert all(re.fullmatch(r"[a-zA-Z0-9_.-]{1,64}", name) for name in names)
    assert names == _names(*plans), "names are the same from one start to the next"


def test_instructions_are_put_together(ships: McpPlan, ports: McpPlan) -> None:
    assert merge_instructions([ships, ports]) == "All about ships.\n\nAll about ports."
    assert merge_instructions([replace(ships, description=None)]) is None


def test_servers_of_one_namespace_are_numbered(ships: McpPlan) -> None:
    nameless = renamed(ships, "")
    plans = [ships, nameless, ships, renamed(ships, "ships-2"), nameless]
    assert endpoint_names(plans) == ["ships", "", "ships-2", "ships-2-2", ""]


def test_prompts_that_clash_get_their_namespace(tmp_path: Path) -> None:
    one = library(tmp_path)
    two = replace(renamed(one, "annexe"), prompts=one.prompts[:1])
    names = [prompt.name for prompt in merge_prompts([one, two])]
    assert names == ["library_explain", "describe", "brief", "annexe_explain"]


def test_of_resources_with_one_uri_the_first_is_served(tmp_path: Path) -> None:
    one = library(tmp_path)
    two = renamed(library(tmp_path), "annexe")
    assert merge_resources([one, two]) == one.resources
    clashes = [*clashing_resources([one, two])]
    assert [uri for uri, _, _ in clashes] == [uri_of(resource) for resource in one.resources]
    assert [(first, other) for _, first, other in clashes] == [
        *zip(one.resources, two.resources, strict=True)
    ]
    assert not [*clashing_resources([one])]
