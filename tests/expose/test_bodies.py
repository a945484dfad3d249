"""What bodies may take together, whatever face they come to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from naftiko_runtime.errors import TooManyCalls
from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.expose.bodies import Bodies, HeldBody
from naftiko_runtime.expose.callers import Callers
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.listener import Listener, Services
from naftiko_runtime.expose.mcp.service import McpService
from naftiko_runtime.expose.rest.openapi import openapi_document
from naftiko_runtime.expose.rest.service import RestService
from naftiko_runtime.expose.rest.site import build_site
from naftiko_runtime.expose.skill.service import SkillService
from naftiko_runtime.plan.loading import load_capability
from tests.stack import HANDSHAKE, tool_call, write_things
from tests.upstreams import RecordingClient

if TYPE_CHECKING:
    from starlette.types import Message, Receive


def receiving(*pieces: bytes) -> Receive:
    """Return what gives a body in pieces."""
    messages = [{"type": "http.request", "body": one, "more_body": True} for one in pieces]
    messages[-1]["more_body"] = False

    async def receive() -> Message:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    return receive


async def test_a_body_is_held_until_it_is_released() -> None:
    bodies = Bodies(10)
    body = HeldBody(bodies, receiving(b"1234", b"56"))
    assert (await body())["body"] == b"1234"
    assert (await body())["body"] == b"56"
    assert bodies.held == 6
    body.release()
    assert bodies.held == 0


async def test_what_there_is_no_room_for_is_not_held() -> None:
    bodies = Bodies(6)
    first, second = HeldBody(bodies, receiving(b"1234")), HeldBody(bodies, receiving(b"567"))
    await first()
    with pytest.raises(TooManyCalls, match="6 bytes together"):
        await second()
    second.release()
    assert bodies.held == 4


@pytest.fixture
async def caller(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A caller of a listener that holds a kilobyte at most."""
    loaded = load_capability(write_things(tmp_path, "http://upstream"))
    assert loaded.capability is not None
    capability, limits = loaded.capability, Limits()
    engine, callers = Engine(RecordingClient()), Callers(RecordingClient())
    rest = RestService(capability.rest, engine, limits, callers)
    mcp = McpService(capability.mcp, engine, limits, version="1", callers=callers)
    site = build_site(openapi_document(capability.rest, "t", "1", []))
    skills = SkillService(capability.skills, limits, callers)
    listener = Listener(Services(rest, site, skills, mcp), Bodies(1024))
    transport = httpx.ASGITransport(listener)
    async with mcp.run(), httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        yield client


async def test_a_request_whose_body_has_no_room_is_to_come_again(caller: httpx.AsyncClient) -> None:
    for _ in range(2):
        response = await caller.put("/things/1", json=["x" * 1024])
        assert (response.status_code, response.json()["code"]) == (503, "too-many-calls")
        assert response.headers["retry-after"] == "1"


async def test_a_message_that_has_no_room_is_to_come_again(caller: httpx.AsyncClient) -> None:
    body, headers = tool_call("x" * 1024, HANDSHAKE)
    response = await caller.post("/mcp", json=body, headers=headers)
    assert (response.status_code, response.json()["code"]) == (503, "too-many-calls")


async def test_room_is_free_again_after_each_answer(caller: httpx.AsyncClient) -> None:
    for _ in range(5):
        assert (await caller.put("/things/1", json=["x" * 800])).status_code == 200
        body, headers = tool_call("1", HANDSHAKE)
        assert (await caller.post("/mcp", json=body, headers=headers)).status_code == 200
