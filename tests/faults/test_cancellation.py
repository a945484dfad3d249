"""Who goes away is worked for no longer: hundreds of calls, and nothing is left of them."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
import pytest

from naftiko_runtime.runtime.fairness import Lines, Waiting
from tests.execute.upstream.scripted_server import Peer, ScriptedServer
from tests.stack import (
    HANDSHAKE,
    STATELESS,
    Stack,
    stack,
    tool_call,
    until,
    upstream,
    url_of,
    write_things,
)

AT_ONCE, ROUNDS = 25, 8
OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
PLAIN = b"GET /things/stall HTTP/1.1\r\nhost: localhost\r\n\r\n"
WITH_BODY = (
    b"PUT /things/stall HTTP/1.1\r\nhost: localhost\r\n"
    b"content-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
)


async def stalling(peer: Peer) -> None:
    """Answer everything but what is to stall."""
    while b"stall" not in (await peer.request()).split(b"\r\n")[0]:
        await peer.send(OK)
    await peer.client_gone()


HANDSHAKES = (
    b'{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18",'
    b'"capabilities":{},"clientInfo":{"name":"test","version":"1"}}}\n'
    b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n'
)


def post(
    version: str, accept: str = "application/json, text/event-stream", **more: object
) -> bytes:
    body, headers = tool_call("stall", version)
    content = orjson.dumps({**body, **more})
    fields = {**headers, "accept": accept, "content-type": "application/json", "host": "localhost"}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"POST /mcp HTTP/1.1\r\n{head}content-length: {len(content)}\r\n\r\n".encode() + content


REQUESTS = {
    "REST": PLAIN,
    "REST with a body": WITH_BODY,
    "MCP after a handshake": post(HANDSHAKE),
    "MCP after a handshake, by the SDK": post(HANDSHAKE, id="1" * 3, extra=1),
    "MCP without a handshake": post(STATELESS),
    "MCP without a handshake, no stream": post(STATELESS, "application/json"),
}


@asynccontextmanager
async def stalled_stack(folder: Path) -> AsyncIterator[tuple[Stack, ScriptedServer]]:
    async with upstream(stalling) as server, stack(folder, url_of(server)) as served:
        assert (await served.get()).status_code == 200
        yield served, server


@pytest.mark.parametrize("request_bytes", REQUESTS.values(), ids=list(REQUESTS))
async def test_nothing_is_left_of_calls_whose_callers_went_away(
    tmp_path: Path, request_bytes: bytes
) -> None:
    async with stalled_stack(tmp_path) as (served, server):
        before = len(asyncio.all_tasks())
        port = served.mcp if b"/mcp" in request_bytes else served.rest
        for number in range(ROUNDS):
            writers = [
                (await asyncio.open_connection("127.0.0.1", port))[1] for _ in range(AT_ONCE)
            ]
            for writer in writers:
                writer.write(request_bytes)
            await until(lambda: _stalled(server) == (number + 1) * AT_ONCE)  # noqa: B023
            for writer in writers:
                writer.transport.abort()
        for peer in server.peers[1:]:
            await asyncio.wait_for(peer.gone(), 60)
        await until(lambda: len(asyncio.all_tasks()) <= before)
        assert (await served.get()).status_code == 200


def _stalled(server: ScriptedServer) -> int:
    return sum(b"stall" in one for one in server.requests)


async def test_a_caller_that_hangs_up_in_order_is_noticed_too(tmp_path: Path) -> None:
    async with stalled_stack(tmp_path) as (served, server):
        _, writer = await asyncio.open_connection("127.0.0.1", served.rest)
        writer.write(PLAIN)
        await until(lambda: _stalled(server) == 1)
        writer.close()
        await asyncio.wait_for(server.peers[0].gone(), 60)


async def test_a_stop_waits_only_so_long_for_calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("naftiko_runtime.runtime.connection.GRACE_SECONDS", 0.05)
    async with upstream(stalling) as server:
        async with stack(tmp_path, url_of(server)) as served:
            asking = [
                asyncio.create_task(served.exchange(served.rest, PLAIN)),
                asyncio.create_task(served.exchange(served.mcp, post(HANDSHAKE))),
            ]
            await until(lambda: _stalled(server) == len(asking))
        for answer in await asyncio.gather(*asking):
            assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        await asyncio.wait_for(server.all_gone(), 60)


async def test_a_stop_answers_requests_whose_turn_has_not_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("naftiko_runtime.runtime.connection.GRACE_SECONDS", 0.05)
    monkeypatch.setattr(Lines, "enter", _wait)
    async with upstream(stalling) as server:
        async with stack(tmp_path, url_of(server)) as served:
            asking = [
                asyncio.create_task(served.exchange(served.rest, PLAIN)),
                asyncio.create_task(served.exchange(served.mcp, post(HANDSHAKE))),
            ]
            lines = served.runtime._connections.lines
            await until(lambda: sum(map(len, lines._lines.values())) == len(asking))
        for answer in await asyncio.gather(*asking):
            assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        assert server.requests == []


def _wait(lines: Lines, _: object, address: str, one: Waiting) -> None:
    """Let a request wait whose turn never comes."""
    lines._lines.setdefault(address, OrderedDict())[one] = None


async def test_a_call_over_stdio_ends_when_its_client_cancels_it(tmp_path: Path) -> None:
    async with upstream(stalling) as server:
        file = write_things(tmp_path, url_of(server))
        command = [sys.executable, "-m", "naftiko_runtime", "serve", "--stdio", str(file)]
        process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(HANDSHAKES)
        call, _ = tool_call("stall", HANDSHAKE)
        for number in range(1, 21):
            cancel = {"method": "notifications/cancelled", "params": {"requestId": number}}
            process.stdin.write(orjson.dumps({**call, "id": number}) + b"\n")
            await until(lambda: _stalled(server) == number)  # noqa: B023
            process.stdin.write(orjson.dumps({"jsonrpc": "2.0", **cancel}) + b"\n")
            await asyncio.wait_for(server.peers[-1].gone(), 60)
        process.stdin.close()
        assert await asyncio.wait_for(process.wait(), 60) == 0
