"""Clients of calls that take long hear that they go on."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from naftiko_runtime.expose.mcp import lane
from naftiko_runtime.expose.mcp.pinging import PING, STREAM_HEADERS, Pinger
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

    pings = Pinger(0.001).pings(send)
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
    before = asyncio.all_tasks()
    pinger = Pinger(0.001)
    quick, slow = pinger.pings(_never), pinger.pings(_lost)
    quick.stop()
    await until(lambda: slow.have_begun)
    slow.stop()
    await until(lambda: asyncio.all_tasks() == before)
    assert not quick.have_begun


async def test_a_stream_that_can_not_be_written_yet_has_not_begun() -> None:
    before = asyncio.all_tasks()
    asked: list[Message] = []

    async def send(message: Message) -> None:
        asked.append(message)
        await asyncio.Event().wait()

    pings = Pinger(0.001).pings(send)
    await until(lambda: bool(asked))
    pings.stop()
    await until(lambda: asyncio.all_tasks() == before)
    assert not pings.have_begun, "so that the answer begins the response"


async def test_each_call_waits_for_its_own_time() -> None:
    pinger = Pinger(0.01)
    calls = []
    for _ in range(3):
        calls.append(pinger.pings(_lost))
        await until(lambda: calls[-1].have_begun)
        assert [one.have_begun for one in calls] == [True] * len(calls)
    for one in calls:
        one.stop()


async def test_a_call_that_is_not_due_waits_on() -> None:
    pinger = Pinger(0.001)
    first = pinger.pings(_lost)
    pinger.seconds = 60
    second = pinger.pings(_never)
    await until(lambda: first.have_begun)
    assert not second.have_begun
    first.stop()
    second.stop()


async def _lost(message: Message) -> None:
    """Take what a client would hear."""


async def _never(message: Message) -> None:
    raise AssertionError(message)


async def test_an_answer_that_took_long_ends_an_event_stream(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "Pinger", lambda: Pinger(0.001))
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
