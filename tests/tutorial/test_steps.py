"""The steps of the tutorial: what each call sends, and what comes back."""

from __future__ import annotations

from typing import Any

import pytest

from naftiko_runtime.values import Json
from tests.tutorial.conftest import Serve
from tests.tutorial.schemas import (
    NUMBER,
    READING,
    TEXT,
    an_object,
    inputs,
    perhaps_a_list,
    perhaps_an_object,
)
from tests.tutorial.stand_in import LEGACY, REGISTRY, Sent, StandIn

MOCK, WIRING, AUTH, SHAPING, MULTI_SOURCE = (
    "step-1-shipyard-mock.yml",
    "step-2-shipyard-wiring.yml",
    "step-3-shipyard-auth.yml",
    "step-4-shipyard-output-shaping.yml",
    "step-5-shipyard-multi-source.yml",
)
OPEN: dict[str, str] = {"accept": "application/json"}
PROVEN = {**OPEN, "authorization": "Bearer dummy-token", "registry-version": "1.0.0-alpha2"}
REGISTRY_STEPS = [(WIRING, OPEN), (AUTH, PROVEN), (SHAPING, PROVEN), (MULTI_SOURCE, PROVEN)]
"""The steps that call the registry, and the headers with which they do."""

NORTHERN_STAR: dict[str, Json] = {
    "imo": "IMO-9321483",
    "name": "Northern Star",
    "type": "cargo",
    "flag": "NO",
    "status": "active",
}
PACIFIC_DAWN: dict[str, Json] = {
    "imo": "IMO-9456781",
    "name": "Pacific Dawn",
    "type": "tanker",
    "flag": "SG",
    "status": "maintenance",
}
OLD_FAITHFUL: dict[str, Json] = {
    "vesselCode": "LEGACY-4012",
    "name": "Old Faithful",
    "type": "cargo",
    "flag": "GB",
    "status": "active",
}
IRON_MAIDEN: dict[str, Json] = {
    "vesselCode": "LEGACY-2087",
    "name": "Iron Maiden",
    "type": "bulk_carrier",
    "flag": "PA",
    "status": "laid_up",
}

SHIP = dict.fromkeys(NORTHERN_STAR, TEXT)
LIST_SHIPS: dict[str, Any] = {
    "name": "list-ships",
    "description": "List ships in the shipyard, optionally filtered by status",
    "inputSchema": inputs(
        [], status={"type": "string", "description": "Filter by operational status"}
    ),
    "outputSchema": an_object(result=perhaps_a_list(perhaps_an_object(**SHIP))),
    "annotations": READING,
}
GET_SHIP: dict[str, Any] = {
    "name": "get-ship",
    "description": "Retrieve a ship's details by IMO number",
    "inputSchema": inputs(["imo"], imo={"type": "string", "description": "IMO number of the ship"}),
    "outputSchema": an_object(**SHIP),
    "annotations": READING,
}
SHAPED_GET_SHIP: dict[str, Any] = {
    **GET_SHIP,
    "outputSchema": an_object(
        **SHIP, specs=an_object(yearBuilt=NUMBER, tonnage=NUMBER, length=NUMBER)
    ),
}
LIST_LEGACY_VESSELS: dict[str, Any] = {
    "name": "list-legacy-vessels",
    "description": "List vessels from the legacy Dockyard, optionally filtered by status",
    "inputSchema": inputs(
        [],
        status={
            "type": "string",
            "description": "Filter by operational status (active, laid_up, scrapped)",
        },
    ),
    "outputSchema": an_object(
        result=perhaps_a_list(perhaps_an_object(**dict.fromkeys(OLD_FAITHFUL, TEXT)))
    ),
    "annotations": READING,
}
MOCKED_GET_SHIP: dict[str, Any] = {
    "name": "get-ship",
    "description": "Retrieve a ship's details by IMO number",
    "inputSchema": inputs(
        ["imo_number"], imo_number={"type": "string", "description": "IMO number of the ship"}
    ),
    "outputSchema": an_object(
        imo=TEXT,
        name={"type": "string", "const": "Northern Star"},
        type={"type": "string", "const": "cargo"},
        flag={"type": "string", "const": "NO"},
        status={"type": "string", "const": "active"},
    ),
}


@pytest.mark.parametrize(
    ("name", "tools"),
    [
        (MOCK, [MOCKED_GET_SHIP]),
        (WIRING, [LIST_SHIPS, GET_SHIP]),
        (AUTH, [LIST_SHIPS, GET_SHIP]),
        (SHAPING, [LIST_SHIPS, SHAPED_GET_SHIP]),
        (MULTI_SOURCE, [LIST_SHIPS, SHAPED_GET_SHIP, LIST_LEGACY_VESSELS]),
    ],
)
async def test_the_tools_are_listed_with_all_that_the_file_says(
    step: Serve, name: str, tools: list[Any]
) -> None:
    async with step(name) as served:
        assert [*(await served.tools()).values()] == tools


async def test_a_mock_answers_without_any_upstream(step: Serve, upstream: StandIn) -> None:
    async with step(MOCK) as served:
        answer = await served.structured("get-ship", {"imo_number": "IMO-1"})
    assert answer == {**NORTHERN_STAR, "imo": "IMO-1"}
    assert upstream.taken() == []


@pytest.mark.parametrize(("name", "headers"), REGISTRY_STEPS)
@pytest.mark.parametrize(
    ("arguments", "query", "ships"),
    [
        ({}, "", [NORTHERN_STAR, PACIFIC_DAWN]),
        ({"status": "active"}, "?status=active", [NORTHERN_STAR]),
        ({"status": "maintenance"}, "?status=maintenance", [PACIFIC_DAWN]),
        ({"status": "a b&c"}, "?status=a%20b%26c", [NORTHERN_STAR, PACIFIC_DAWN]),
    ],
)
async def test_ships_are_listed(
    step: Serve,
    upstream: StandIn,
    name: str,
    headers: dict[str, str],
    arguments: dict[str, Json],
    query: str,
    ships: list[Json],
) -> None:
    async with step(name) as served:
        assert await served.structured("list-ships", arguments) == {"result": ships}
    assert upstream.taken() == [Sent("GET", f"{REGISTRY}/ships{query}", headers)]


@pytest.mark.parametrize(("name", "headers"), REGISTRY_STEPS[:2])
@pytest.mark.parametrize("ship", [NORTHERN_STAR, PACIFIC_DAWN])
async def test_a_ship_is_got(
    step: Serve, upstream: StandIn, name: str, headers: dict[str, str], ship: dict[str, Json]
) -> None:
    async with step(name) as served:
        assert await served.structured("get-ship", {"imo": ship["imo"]}) == ship
    assert upstream.taken() == [Sent("GET", f"{REGISTRY}/ships/{ship['imo']}", headers)]


@pytest.mark.parametrize("name", [SHAPING, MULTI_SOURCE])
@pytest.mark.parametrize(
    ("ship", "specs"),
    [
        (NORTHERN_STAR, {"yearBuilt": 2015, "tonnage": 42000, "length": 229}),
        (PACIFIC_DAWN, {"yearBuilt": 2018, "tonnage": 55000, "length": 274}),
    ],
)
async def test_a_ship_is_got_with_its_specs(
    step: Serve,
    upstream: StandIn,
    name: str,
    ship: dict[str, Json],
    specs: dict[str, Json],
) -> None:
    async with step(name) as served:
        answer = await served.structured("get-ship", {"imo": ship["imo"]})
    assert answer == {**ship, "specs": specs}
    assert upstream.taken() == [Sent("GET", f"{REGISTRY}/ships/{ship['imo']}", PROVEN)]


@pytest.mark.parametrize(
    ("arguments", "query", "vessels"),
    [
        ({}, "", [OLD_FAITHFUL, IRON_MAIDEN]),
        ({"status": "active"}, "?status=active", [OLD_FAITHFUL]),
        ({"status": "laid_up"}, "?status=laid_up", [IRON_MAIDEN]),
    ],
)
async def test_vessels_are_listed_from_xml(
    step: Serve, upstream: StandIn, arguments: dict[str, Json], query: str, vessels: list[Json]
) -> None:
    headers = {"accept": "application/xml, text/xml;q=0.9", "x-dock-key": "dummy-dockyard-key"}
    async with step(MULTI_SOURCE) as served:
        answer = await served.structured("list-legacy-vessels", arguments)
    assert answer == {"result": vessels}
    assert upstream.taken() == [Sent("GET", f"{LEGACY}/vessels{query}", headers)]


@pytest.mark.parametrize(("name", "headers"), REGISTRY_STEPS)
async def test_a_ship_that_there_is_not_is_an_error_with_what_upstream_says(
    step: Serve, upstream: StandIn, name: str, headers: dict[str, str]
) -> None:
    async with step(name) as served:
        result = await served.call("get-ship", {"imo": "a/b ?"})
    body = '{"error": "not_found", "message": "Ship with IMO number IMO-0000000 not found"}'
    assert result["isError"] is True
    assert result["structuredContent"] == {"code": "upstream-status", "status": 404, "body": body}
    assert [block["text"] for block in result["content"]] == [
        f"The API behind this tool answered 404 Not Found\n{body}"
    ]
    assert upstream.taken() == [Sent("GET", f"{REGISTRY}/ships/a%2Fb%20%3F", headers)]


@pytest.mark.parametrize(
    ("arguments", "problems"),
    [
        ({}, {"/imo": "'imo' is required"}),
        ({"imo": 7}, {"/imo": "'imo' has to be a string, not 7"}),
        ({"imo": "7", "flag": "NO"}, {"/flag": "there is no input 'flag'"}),
    ],
)
@pytest.mark.parametrize("name", [WIRING, AUTH, SHAPING, MULTI_SOURCE])
async def test_arguments_that_do_not_fit_are_told_and_not_sent(
    step: Serve,
    upstream: StandIn,
    name: str,
    arguments: dict[str, Json],
    problems: dict[str, str],
) -> None:
    async with step(name) as served:
        result = await served.call("get-ship", arguments)
    assert result["isError"] is True
    errors = result["structuredContent"]["errors"]
    assert {one["pointer"]: one["detail"] for one in errors} == problems
    assert upstream.taken() == []


@pytest.mark.parametrize("name", [AUTH, SHAPING, MULTI_SOURCE])
@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer dummy-token"}, {"authorization": "Basic YTpi"}]
)
async def test_callers_have_to_bring_the_servers_token(
    step: Serve, upstream: StandIn, name: str, headers: dict[str, str]
) -> None:
    async with step(name) as served:
        answer = await served.mcp("tools/call", {"name": "list-ships"}, headers)
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith('Bearer realm="naftiko"')
    assert upstream.taken() == []


async def test_an_open_server_asks_for_no_token(step: Serve) -> None:
    async with step(WIRING) as served:
        assert (await served.mcp("tools/list", {}, {})).status == 200
