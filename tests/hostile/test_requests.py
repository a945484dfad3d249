"""Requests that are made to do harm: each is answered with an error, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from naftiko_runtime.limits import DEFAULT_LIMITS, ServeLimits
from tests.execute.upstream.scripted_server import ScriptedServer, answering
from tests.stack import HANDSHAKE, STATELESS, Stack, stack, tool_call, upstream, url_of

OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
LIMITS = replace(DEFAULT_LIMITS, body_bytes=80_000)
SHORT = replace(LIMITS, head_seconds=1.0, body_seconds=1.0)
LARGE = "x" * 70_000
END = b"connection: close\r\n\r\n"
GET = b"GET /things/1 HTTP/1.1\r\nhost: localhost\r\n"
PUT = b"PUT /things/1 HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
UPGRADE = b"connection: upgrade\r\nupgrade: h2c\r\n"
SMUGGLED = b"GET /things/smuggled HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"


@asynccontextmanager
async def attacked(
    folder: Path, limits: ServeLimits = LIMITS
) -> AsyncIterator[tuple[Stack, ScriptedServer]]:
    """Serve, let the block attack, and see that others are still answered."""
    async with (
        upstream(answering(OK)) as server,
        stack(folder, url_of(server), limits=limits) as served,
    ):
        yield served, server
        assert (await served.get("after")).status_code == 200
        assert (await served.call("after"))["isError"] is False


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


SMUGGLING = {
    "a length and chunks": PUT + b"content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n",
    "chunks and a length": PUT + b"transfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n",
    "two lengths": PUT + b"content-length: 2\r\ncontent-length: 90\r\n\r\n{}",
    "a list of lengths": PUT + b"content-length: 2, 90\r\n\r\n{}",
    "a signed length": PUT + b"content-length: +2\r\n\r\n{}",
    "a negative length": PUT + b"content-length: -2\r\n\r\n{}",
    "a length in hexadecimal": PUT + b"content-length: 0x2\r\n\r\n{}",
    "another transfer coding": PUT + b"transfer-encoding: xchunked\r\n\r\n",
    "chunked, but not last": PUT + b"transfer-encoding: chunked, identity\r\n\r\n",
    "two transfer codings": PUT
    + b"transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n",
    "a blank before the colon": PUT + b"content-length : 2\r\n\r\n{}",
    "a folded line": PUT + b"content-length: 2\r\nx: 1\r\n folded\r\n\r\n{}",
    "a length in a folded line": PUT + b"x: 1\r\n content-length: 90\r\n\r\n",
    "a bare line feed": PUT + b"x: 1\ncontent-length: 2\n\n{}",
    "a bare carriage return": PUT + b"x: 1\rcontent-length: 2\r\n\r\n{}",
    "a null character": PUT + b"x: \0\r\ncontent-length: 2\r\n\r\n{}",
    "a chunk of negative size": PUT + b"transfer-encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n",
    "a chunk past its size": PUT + b"transfer-encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n",
    "no host": PUT.replace(b"host: localhost\r\n", b"") + b"content-length: 2\r\n\r\n{}",
    "two hosts": PUT + b"host: evil.test\r\ncontent-length: 2\r\n\r\n{}",
    "a chunk of any size": PUT + b"transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
}


@pytest.mark.parametrize("attack", SMUGGLING.values(), ids=list(SMUGGLING))
async def test_what_can_be_read_in_two_ways_is_not_read(tmp_path: Path, attack: bytes) -> None:
    async with attacked(tmp_path) as (served, server):
        for fields in (PUT, PUT + UPGRADE):
            sent = attack.replace(PUT, fields) + SMUGGLED
            answer = await served.exchange(served.rest, sent)
            assert status(answer) in (400, 501), answer
            assert answer.count(b"HTTP/1.1 ") == 1
        assert not [one for one in server.requests if b"smuggled" in one]


async def test_a_body_is_never_a_request(tmp_path: Path) -> None:
    async with attacked(tmp_path) as (served, server):
        for fields in (PUT, PUT + UPGRADE):
            head = fields + b"content-length: %d\r\n" % len(SMUGGLED) + END
            answer = await served.exchange(served.rest, head + SMUGGLED)
            assert status(answer) == 400, "it is no JSON"
            assert answer.count(b"HTTP/1.1 ") == 1
        assert server.requests == []


SLOW = {
    "no head": b"",
    "half a head": GET,
    "half a body": PUT + b"content-length: 9\r\n\r\n{",
    "half a chunk": PUT + b"transfer-encoding: chunked\r\n\r\n9\r\n{",
}


@pytest.mark.parametrize("port", ["rest", "mcp"])
async def test_slow_callers_hold_nobody_up_and_are_left(tmp_path: Path, port: str) -> None:
    async with attacked(tmp_path, SHORT) as (served, _):
        await served.get()  # on connections that stay, there is no head to wait for
        await served.call()
        begun = [one.replace(b"PUT /things/1", b"POST /mcp") for one in SLOW.values()]
        attacks = SLOW.values() if port == "rest" else begun
        asking = [
            asyncio.create_task(served.exchange(getattr(served, port), one))
            for one in attacks
            for _ in range(25)
        ]
        assert (await served.get()).status_code == 200
        answers = await asyncio.wait_for(asyncio.gather(*asking), 60)
        assert {status(one) for one in answers} <= {0, 408}


async def test_idle_connections_hold_nobody_up(tmp_path: Path) -> None:
    async with attacked(tmp_path) as (served, _):
        opened = await asyncio.gather(
            *(asyncio.open_connection("127.0.0.1", served.rest) for _ in range(300))
        )
        assert (await served.get()).status_code == 200
        for _, writer in opened:
            writer.transport.abort()


REFUSED = {
    "an unknown method": (b"BREW /things/1 HTTP/1.1\r\nhost: localhost\r\n" + END, 400),
    "a method not offered": (b"PATCH /things/1 HTTP/1.1\r\nhost: localhost\r\n" + END, 405),
    "a trace": (b"TRACE /things/1 HTTP/1.1\r\nhost: localhost\r\n" + END, 405),
    "a tunnel": (b"CONNECT evil.test:443 HTTP/1.1\r\nhost: evil.test\r\n" + END, 400),
    "a climb": (b"GET /things/../../etc/passwd HTTP/1.1\r\nhost: localhost\r\n" + END, 404),
    "another version": (b"GET /things/1 HTTP/3.0\r\nhost: localhost\r\n" + END, 400),
    "a version of another kind": (b"GET /things/1 HTTP/2.0\r\nhost: localhost\r\n" + END, 505),
    "no version": (b"GET /things/1\r\n\r\n", 505),
    "no version, but fields": (b"GET /things/1\r\nhost: localhost\r\n\r\n", 505),
    "very many fields": (GET + b"x: 1\r\n" * 3000 + END, 431),
    "a control character in the target": (b"GET /things/\x01 HTTP/1.1\r\n" + END, 400),
    "a header without a name": (GET + b": 1\r\n" + END, 400),
    "a blank in a header's name": (GET + b"a b: 1\r\n" + END, 400),
    "another content type": (
        PUT.replace(b"application/json", b"image/png") + b"content-length: 4\r\n" + END + b"<a/>",
        415,
    ),
    "no JSON": (PUT + b"content-length: 1\r\n" + END + b"{", 400),
    "invalid UTF-8": (PUT + b"content-length: 3\r\n" + END + b'"\xff"', 400),
    "JSON that is deep": (PUT + b"content-length: 6000\r\n" + END + b"[" * 6000, 400),
    "JSON that is deep and ends": (
        PUT + b"content-length: 6000\r\n" + END + b"[" * 3000 + b"]" * 3000,
        400,
    ),
    "JSON that is large": (PUT + b"content-length: 9999999\r\n" + END, 413),
    "a parameter twice": (
        b"GET /things/1?q=1&q=2 HTTP/1.1\r\nhost: localhost\r\n" + END,
        400,
    ),
    "very many parameters": (
        b"GET /things/1?" + b"q=1&" * 2000 + b" HTTP/1.1\r\nhost: localhost\r\n" + END,
        400,
    ),
}


@pytest.mark.parametrize(("attack", "expected"), REFUSED.values(), ids=list(REFUSED))
async def test_what_is_not_offered_is_refused(tmp_path: Path, attack: bytes, expected: int) -> None:
    async with attacked(tmp_path) as (served, server):
        assert status(await served.exchange(served.rest, attack)) == expected
        assert server.requests == []


@pytest.mark.parametrize("segment", ["..%2f..%2fetc", "%2e%2e%2fadmin", "a%2fb", "%00", "..%5c"])
async def test_a_path_that_is_encoded_stays_one_segment(tmp_path: Path, segment: str) -> None:
    async with attacked(tmp_path) as (served, server):
        attack = f"GET /things/{segment} HTTP/1.1\r\nhost: localhost\r\n".encode() + END
        answer = await served.exchange(served.rest, attack)
        assert status(answer) in (200, 400)
        for one in server.requests:
            target = one.split(b" ")[1]
            assert target.startswith(b"/things/")
            assert target.count(b"/") == 2


@pytest.mark.parametrize("value", ["1%0d%0ax: y", "1\r\nx: y", "%0d%0a%0d%0aGET / HTTP/1.1"])
async def test_an_argument_does_not_become_a_header(tmp_path: Path, value: str) -> None:
    async with attacked(tmp_path) as (served, server):
        await served.client.get(
            f"http://127.0.0.1:{served.rest}/things/1",
            params={"q": value.replace("%0d%0a", "\r\n")},
        )
        await served.call(value.replace("%0d%0a", "\r\n"))
        for one in server.requests:
            assert b"\r\nx: y" not in one
            assert one.count(b"HTTP/1.1\r\n") == 1


FRAMES: dict[str, Any] = {
    "a batch": [tool_call("1", HANDSHAKE)[0]] * 2,
    "an empty batch": [],
    "no message": "hello",
    "nothing": None,
    "another version": {**tool_call("1", HANDSHAKE)[0], "jsonrpc": "1.0"},
    "no method": {"jsonrpc": "2.0", "id": 1},
    "a method of another type": {"jsonrpc": "2.0", "id": 1, "method": 7},
    "an unknown method": {"jsonrpc": "2.0", "id": 1, "method": "tools/steal"},
    "params of another type": {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": [1]},
    "a tool of another type": {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": {"a": 1}},
    },
    "an id of another type": {**tool_call("1", HANDSHAKE)[0], "id": [1]},
    "a cursor of nobody": {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/list",
        "params": {"cursor": "../../1"},
    },
    "a cursor of another type": {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/list",
        "params": {"cursor": 9},
    },
}
RAW_FRAMES = {
    "no JSON": b"{",
    "invalid UTF-8": b'"\xff"',
    "deep": b"[" * 6000,
    "an infinite number": b'{"jsonrpc":"2.0","id":1e999,"method":"ping"}',
    **{name: orjson.dumps(frame) for name, frame in FRAMES.items()},
}


@pytest.mark.parametrize("version", [HANDSHAKE, STATELESS])
@pytest.mark.parametrize("frame", RAW_FRAMES.values(), ids=list(RAW_FRAMES))
async def test_a_malformed_frame_is_an_error_of_the_protocol(
    tmp_path: Path, frame: bytes, version: str
) -> None:
    async with attacked(tmp_path) as (served, server):
        _, headers = tool_call("1", version)
        url = f"http://127.0.0.1:{served.mcp}/mcp"
        headers["content-type"] = "application/json"
        response = await served.client.post(url, content=frame, headers=headers)
        assert response.status_code < 500
        if response.status_code != 202:  # it was taken for a notification that nobody knows
            assert response.json()["error"]["code"] < 0
        assert server.requests == []


@pytest.mark.parametrize("version", ["2025-03-26", HANDSHAKE, STATELESS])
@pytest.mark.parametrize("space", [b"", b" \r\n\t"])
async def test_a_batch_is_refused_unread(tmp_path: Path, version: str, space: bytes) -> None:
    async with attacked(tmp_path) as (served, _):
        _, headers = tool_call("1", version)
        headers["content-type"] = "application/json"
        url = f"http://127.0.0.1:{served.mcp}/mcp"
        response = await served.client.post(url, content=space + b"[{},{}]", headers=headers)
        assert response.status_code == 400
        message = "Body must be a single JSON-RPC request or notification object"
        assert response.json()["error"] == {"code": -32600, "message": message}


@pytest.mark.parametrize("is_chunked", [False, True])
async def test_a_large_message_that_is_none_is_refused_in_a_sentence(
    tmp_path: Path, *, is_chunked: bool
) -> None:
    async with attacked(tmp_path) as (served, _):
        _, headers = tool_call("1", HANDSHAKE)
        headers["content-type"] = "application/json"
        message = orjson.dumps({"jsonrpc": "2.0", "id": 1, "result": [LARGE]})

        async def pieces() -> AsyncIterator[bytes]:
            yield message[:100]
            yield message[100:]

        content = pieces() if is_chunked else message
        url = f"http://127.0.0.1:{served.mcp}/mcp"
        response = await served.client.post(url, content=content, headers=headers)
        assert response.status_code == 400
        assert response.json()["error"]["code"] == -32600


@pytest.mark.parametrize(
    "body", [b'{"jsonrpc":"2.0","id":1,"method":"ping","x":"%b"}', b'{"x":"%b"']
)
async def test_other_large_messages_are_the_sdks_to_answer(tmp_path: Path, body: bytes) -> None:
    async with attacked(tmp_path) as (served, _):
        _, headers = tool_call("1", HANDSHAKE)
        headers["content-type"] = "application/json"
        url = f"http://127.0.0.1:{served.mcp}/mcp"
        content = body % LARGE.encode()
        response = await served.client.post(url, content=content, headers=headers)
        answer = response.json()
        assert "result" in answer or answer["error"]["message"].startswith("Parse error: ")


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.test"},
        {"origin": "null"},
        {"host": "evil.test"},
        {"host": "localhost.evil.test:80"},
    ],
)
async def test_pages_of_others_reach_no_tool(tmp_path: Path, headers: dict[str, str]) -> None:
    async with attacked(tmp_path) as (served, server):
        body, own = tool_call("1", HANDSHAKE)
        url = f"http://127.0.0.1:{served.mcp}/mcp"
        response = await served.client.post(url, json=body, headers={**own, **headers})
        assert response.status_code in (403, 421)
        assert server.requests == []


async def test_what_is_large_is_refused_on_mcp_too(tmp_path: Path) -> None:
    async with attacked(tmp_path) as (served, server):
        body, headers = tool_call("x" * 90_000, HANDSHAKE)
        url = f"http://127.0.0.1:{served.mcp}/mcp"
        response = await served.client.post(url, json=body, headers=headers)
        assert response.status_code == 413
        assert server.requests == []
