"""What the tutorial's later steps build on: writing, steps, functions on both faces."""

from __future__ import annotations

import json
from typing import Any

import pytest

from naftiko_runtime.values import Json
from tests.tutorial.conftest import Serve
from tests.tutorial.schemas import (
    BOOLEAN,
    NUMBER,
    READING,
    TEXT,
    an_object,
    inputs,
    perhaps_a_list,
    perhaps_an_object,
)
from tests.tutorial.stand_in import LEGACY, REGISTRY, Sent, StandIn

OPEN = {"accept": "application/json"}
PROVEN = {**OPEN, "authorization": "Bearer dummy-token", "registry-version": "1.0.0-alpha2"}
UNBOUND = {**OPEN, "authorization": "Bearer REGISTRY_TOKEN", "registry-version": "REGISTRY_VERSION"}
"""What the shared file of the last step makes of names that stand in no braces: themselves."""
AS_JSON = {"content-type": "application/json"}
XML = {"accept": "application/xml, text/xml;q=0.9", "x-dock-key": "dummy-dockyard-key"}

VOYAGE: dict[str, Json] = {
    "ship": "IMO-9321483",
    "from": 'Oslo "Fjord"\\\n',
    "to": "Singapur ☀",
    "leaves": "2026-04-10T08:00:00Z",
    "arrives": "2026-05-02T14:00:00Z",
    "crew": ["CREW-001", "CREW-003"],
}
SENT_VOYAGE: dict[str, Json] = {
    "shipImo": "IMO-9321483",
    "departurePort": 'Oslo "Fjord"\\\n',
    "arrivalPort": "Singapur ☀",
    "departureDate": "2026-04-10T08:00:00Z",
    "arrivalDate": "2026-05-02T14:00:00Z",
    "crewIds": ["CREW-001", "CREW-003"],
}


def compact(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


async def test_a_tool_that_writes_is_listed_with_its_types_and_hints(later: Serve) -> None:
    text = {"type": "string"}
    async with later("write.yml") as served:
        tool = (await served.tools())["plan-voyage"]
    assert tool["title"] == "Plan a voyage"
    assert tool["annotations"] == {
        "readOnlyHint": False,
        "destructiveHint": False,
        "openWorldHint": True,
    }
    assert tool["inputSchema"] == inputs(
        ["ship", "from", "to", "leaves", "arrives", "crew"],
        ship={**text, "description": "The ship's IMO number"},
        **{"from": {**text, "description": "The port of departure"}},
        to={**text, "description": "The port of arrival"},
        leaves={**text, "description": "When it leaves"},
        arrives={**text, "description": "When it arrives"},
        crew={"type": "array", "items": text, "description": "The ids of the crew"},
        cargo={"type": "array", "items": {}, "description": "The ids of the cargo"},
    )
    assert tool["outputSchema"] == an_object(
        id=TEXT,
        status={**TEXT, "maxLength": 4},
        route=an_object(**{"from": TEXT, "to": TEXT}),
        crew=perhaps_a_list(TEXT),
    )


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({}, {}),
        ({"cargo": ["CARGO-2024-0451"]}, {"cargoIds": ["CARGO-2024-0451"]}),
        ({"cargo": []}, {"cargoIds": []}),
        ({"crew": '["CREW-002"]'}, {"crewIds": ["CREW-002"]}),
    ],
    ids=["an optional list left out", "given", "empty", "a list as JSON text"],
)
async def test_a_body_template_keeps_types_and_drops_what_is_absent(
    later: Serve, upstream: StandIn, given: dict[str, Json], sent: dict[str, Json]
) -> None:
    async with later("write.yml") as served:
        answer = await served.structured("plan-voyage", {**VOYAGE, **given})
    assert answer == {
        "id": "VOY-2026-042",
        "status": "plan",
        "route": {"from": VOYAGE["from"], "to": VOYAGE["to"]},
        "crew": ["CREW-001", "CREW-003"],
    }
    body = compact({**SENT_VOYAGE, **sent})
    assert upstream.taken() == [Sent("POST", f"{REGISTRY}/voyages", {**PROVEN, **AS_JSON}, body)]


async def test_a_route_takes_the_names_of_a_body_template_from_its_body(
    later: Serve, upstream: StandIn
) -> None:
    async with later("write.yml") as served:
        answer = await served.rest("POST", "/voyages", SENT_VOYAGE)
    assert answer.status == 201
    assert json.loads(answer.body)["voyageId"] == "VOY-2026-042"
    body = compact(SENT_VOYAGE)
    assert upstream.taken() == [Sent("POST", f"{REGISTRY}/voyages", {**PROVEN, **AS_JSON}, body)]


async def test_steps_look_up_one_answer_in_another(later: Serve, upstream: StandIn) -> None:
    async with later("crew.yml") as served:
        answer = await served.structured("get-ship-with-crew", {"imo": "IMO-9321483"})
    assert answer == {
        "title": "Northern Star (IMO-9321483)",
        "ship": {"imo": "IMO-9321483", "length": "229"},
        "crew": [
            {"role": "captain", "fullName": "Erik Lindström"},
            {"role": "cook", "fullName": "Aiko Tanaka"},
        ],
        "first": "Erik Lindström",
        "last": "engineer",
        "cooks": ["CREW-003"],
    }
    assert upstream.taken() == [
        Sent("GET", f"{REGISTRY}/ships/IMO-9321483", PROVEN),
        Sent("GET", f"{REGISTRY}/crew", PROVEN),
    ]


async def test_the_answer_of_steps_is_described_in_the_order_of_the_outputs(later: Serve) -> None:
    async with later("crew.yml") as served:
        tool = (await served.tools())["get-ship-with-crew"]
    member = perhaps_an_object(role=TEXT, fullName=TEXT)
    assert tool["outputSchema"] == an_object(
        title=TEXT,
        ship=perhaps_an_object(imo=TEXT, length=TEXT),
        crew=perhaps_a_list(member),
        first=TEXT,
        last=TEXT,
        cooks=perhaps_a_list(TEXT),
    )


async def test_an_error_of_a_step_is_the_answer(later: Serve) -> None:
    async with later("crew.yml") as served:
        result = await served.call("get-ship-with-crew", {"imo": "IMO-1"})
    assert result["isError"] is True
    assert result["structuredContent"]["status"] == 404
    assert result["structuredContent"]["step"] == "step 1 of 4, get-ship"


async def test_steps_read_xml(later: Serve, upstream: StandIn) -> None:
    async with later("crew.yml") as served:
        answer = await served.structured("get-vessel-with-personnel", {"code": "LEGACY-4012"})
    assert answer == {
        "name": "Old Faithful",
        "built": 1998,
        "contact": "James Harlow",
        "everyone": ["James Harlow", "Mei-Lin Chow"],
    }
    assert upstream.taken() == [
        Sent("GET", f"{LEGACY}/vessels/LEGACY-4012", XML),
        Sent("GET", f"{LEGACY}/personnel", XML),
    ]


SHIP: Json = {"imo": "IMO-9321483", "size": {"beam": 32, "draft": 12.5}}
MANIFEST: Json = {
    "id": "VOY-2026-042",
    "ship": "Northern Star",
    "route": {"from": "Oslo", "to": "Singapore"},
    "crew": [
        {"fullName": "Erik Lindström", "role": "captain"},
        {"fullName": "Aiko Tanaka", "role": "cook"},
    ],
    "cargo": [{"description": "Electronics components", "weight": 12.5, "hazardous": False}],
}
SHIPS: Json = [{"imo": "IMO-9321483"}, {"imo": "IMO-9456781"}]
MOTTO: Json = {"text": "Ahoy times 3", "times": 3, "loud": True}
GET_SHIP = [Sent("GET", f"{REGISTRY}/ships/IMO-9321483", UNBOUND)]
GET_MANIFEST = [
    Sent("GET", f"{REGISTRY}/{path}", UNBOUND)
    for path in ("voyages/VOY-2026-042", "ships", "crew", "cargo")
]
PLAN_VOYAGE = [
    Sent(
        "POST",
        f"{REGISTRY}/voyages",
        {**UNBOUND, **AS_JSON},
        b'{"shipImo":"IMO-1","departurePort":"Oslo","crewIds":["CREW-001"]}',
    )
]


@pytest.mark.parametrize(
    ("tool", "arguments", "answer", "sent"),
    [
        ("get-ship", {"imo": "IMO-9321483"}, SHIP, GET_SHIP),
        ("get-flagship", {}, SHIP, GET_SHIP),
        ("get-manifest", {"voyage": "VOY-2026-042"}, MANIFEST, GET_MANIFEST),
        ("motto", {"times": 3}, MOTTO, []),
        ("list-ships", {}, {"result": SHIPS}, [Sent("GET", f"{REGISTRY}/ships", UNBOUND)]),
    ],
)
async def test_tools_do_what_their_functions_say(
    later: Serve,
    upstream: StandIn,
    tool: str,
    arguments: dict[str, Json],
    answer: Json,
    sent: list[Sent],
) -> None:
    async with later("fleet.yml") as served:
        assert await served.structured(tool, arguments) == answer
    assert upstream.taken() == sent


@pytest.mark.parametrize(
    ("target", "answer", "sent"),
    [
        ("/ships/IMO-9321483", SHIP, GET_SHIP),
        ("/vessels/IMO-9321483", SHIP, GET_SHIP),
        ("/voyages/VOY-2026-042/manifest", MANIFEST, GET_MANIFEST),
        ("/motto?times=3", MOTTO, []),
        ("/ships", SHIPS, [Sent("GET", f"{REGISTRY}/ships", UNBOUND)]),
        (
            "/ships?status=active",
            [{"imo": "IMO-9321483"}],
            [Sent("GET", f"{REGISTRY}/ships?status=active", UNBOUND)],
        ),
    ],
)
async def test_routes_do_what_their_functions_say(
    later: Serve, upstream: StandIn, target: str, answer: Json, sent: list[Sent]
) -> None:
    async with later("fleet.yml") as served:
        got = await served.rest("GET", target)
    assert (got.status, got.headers["content-type"]) == (200, "application/json")
    assert got.body == compact(answer)
    assert upstream.taken() == sent


async def test_a_function_that_writes_takes_its_inputs_from_the_body_of_a_route(
    later: Serve, upstream: StandIn
) -> None:
    async with later("fleet.yml") as served:
        body: dict[str, Json] = {"shipImo": "IMO-1", "crewIds": ["CREW-001"]}
        got = await served.rest("POST", "/voyages", body)
        assert (got.status, got.body) == (201, b'{"id":"VOY-2026-042"}')
        assert upstream.taken() == PLAN_VOYAGE
        assert await served.structured("plan-voyage", body) == {"id": "VOY-2026-042"}
    assert upstream.taken() == PLAN_VOYAGE


async def test_a_route_tells_all_that_is_wrong_with_its_input(
    later: Serve, upstream: StandIn
) -> None:
    async with later("fleet.yml") as served:
        got = await served.rest("POST", "/voyages", {"crewIds": "CREW-001"})
    problem = json.loads(got.body)
    assert (got.status, got.headers["content-type"]) == (400, "application/problem+json")
    assert {one["pointer"] for one in problem["errors"]} == {"/shipImo", "/crewIds"}
    assert upstream.taken() == []


async def test_a_route_relays_an_error_of_upstream(later: Serve) -> None:
    async with later("fleet.yml") as served:
        got = await served.rest("GET", "/ships/IMO-1")
    assert (got.status, got.headers["content-type"]) == (404, "application/json")
    assert json.loads(got.body)["error"] == "not_found"


IMO = {"imo": {"type": "string", "description": "The ship's IMO number"}}
SHIP_SCHEMA = an_object(imo=TEXT, size=perhaps_an_object(beam=NUMBER, draft=NUMBER))


@pytest.mark.parametrize(
    ("name", "tool"),
    [
        (
            "get-ship",
            {
                "description": "One ship",
                "inputSchema": inputs(["imo"], **IMO),
                "outputSchema": SHIP_SCHEMA,
                "annotations": {**READING, "destructiveHint": False},
            },
        ),
        (
            "get-flagship",
            {
                "description": "The ship that leads",
                "inputSchema": inputs([]),
                "outputSchema": SHIP_SCHEMA,
                "annotations": {
                    "readOnlyHint": True,
                    "destructiveHint": False,
                    "idempotentHint": False,
                    "openWorldHint": False,
                },
            },
        ),
        (
            "get-manifest",
            {
                "description": "A voyage with ship, crew and cargo",
                "inputSchema": inputs(
                    ["voyage"], voyage={"type": "string", "description": "The voyage's id"}
                ),
                "outputSchema": an_object(
                    id=TEXT,
                    ship=TEXT,
                    route=perhaps_an_object(**{"from": TEXT, "to": TEXT}),
                    crew=perhaps_a_list(perhaps_an_object(fullName=TEXT, role=TEXT)),
                    cargo=perhaps_a_list(
                        perhaps_an_object(description=TEXT, weight=NUMBER, hazardous=BOOLEAN)
                    ),
                ),
                "annotations": {"readOnlyHint": True, "destructiveHint": False},
            },
        ),
        (
            "motto",
            {
                "description": "What the fleet says",
                "inputSchema": inputs(
                    ["times"], times={"type": "number", "description": "How often"}
                ),
                "outputSchema": an_object(
                    text=TEXT, times=NUMBER, loud={"type": "boolean", "const": True}
                ),
            },
        ),
    ],
)
async def test_tools_inherit_what_they_do_not_say(
    later: Serve, name: str, tool: dict[str, Any]
) -> None:
    async with later("fleet.yml") as served:
        assert (await served.tools())[name] == {"name": name, **tool}
