"""Clients of calls that take long hear that they go on."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from naftiko_runtime.expose.mcp import lane
from naftiko_runtime.expose.mcp.pinging import PING, STREAM_HEADERS, Pings
from tests.expose.mcp.serving import PATIENCE, browsing, plan_of, service_of, until
from tests.expose.mcp.wire import STATELESS, headers_of, message_of
from tests.upstreams import GatedUpstream

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import Message


async def test_a_client_hears_pings_until_its_call_is_over() -> None:
    before = asyncio.all_tasks()
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    pings = Pings(send, 0.001)
    assert not pings.have_begun
    await until(lambda: len(sent) > 2)
    pings.stop()
    heard = len(sent)
    assert pings.have_begun
    assert sent[0] == {"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS}
    assert sent[1:] == [{"type": "http.response.body", "body": PING, "more_body": True}] * (
        heard - 1
    )
    await until(lambda: asyncio.all_tasks() == before)
    assert len(sent) == heard


async def test_the_client_of_a_quick_call_hears_none() -> None:
    async def send(message: Message) -> None:
        raise AssertionError(message)

    before = asyncio.all_tasks()
    pings = Pings(send, 60)
    pings.stop()
    assert not pings.have_begun
    assert asyncio.all_tasks() == before


async def test_an_answer_that_took_long_ends_an_event_stream(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "Pings", lambda send, _: Pings(send, 0.001))
    upstream = GatedUpstream()
    params = {"name": "get-ship", "arguments": {"imo": "1"}}
    message = message_of(STATELESS, "tools/call", params)
    headers = headers_of(STATELESS, "tools/call", params)
    async with (
        browsing(service_of([plan_of(tmp_path)], upstream)) as http,
        http.stream("POST", "/mcp", json=message, headers=headers) as response,
    ):
        assert response.headers["content-type"] == "text/event-stream"
        lines = response.aiter_lines()
        assert await anext(lines) == PING.decode().strip()
        upstream.gate.set()
        async with asyncio.timeout(PATIENCE):
            events = [line async for line in lines if line and line != PING.decode().strip()]
    assert events[0] == "event: message"
    assert events[1].startswith("data: ")
    result = json.loads(events[1].removeprefix("data: "))["result"]
    assert result["structuredContent"] == {"late": True}
