"""An upstream that does everything wrong: what callers of both faces learn, and what goes on."""

from __future__ import annotations

import asyncio
import gzip
import re
import socket
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from naftiko_runtime.limits import DEFAULT_LIMITS, MIB
from tests.execute.upstream.certificates import Authority
from tests.execute.upstream.scripted_server import (
    Peer,
    Script,
    answering,
    closing_after,
    resetting_after,
    stalling_after,
)
from tests.stack import PATIENCE_SECONDS, Stack, stack, upstream, url_of

LIMITS = replace(DEFAULT_LIMITS, response_bytes=MIB, upstream_connections=1)
"""One connection: a call that does not give it back ends all calls after it."""

START = b"HTTP/1.1 200 OK\r\n"
JSON = START + b"content-type: application/json\r\n"
OK = JSON + b"content-length: 2\r\n\r\n{}"
CHUNKED = JSON + b"transfer-encoding: chunked\r\n\r\n"
BOMB = gzip.compress(bytes(32 * MIB), 6)
CRUMBS = CHUNKED + b"2\r\n  \r\n" * 400_000 + b"2\r\n{}\r\n0\r\n\r\n"
PROTOCOL, LOST, SLOW, LARGE, BODY = (
    "upstream-protocol-error",
    "upstream-unreachable",
    "upstream-timeout",
    "upstream-too-large",
    "upstream-body-invalid",
)


def counted(body: bytes, fields: bytes = b"") -> bytes:
    return JSON + fields + b"content-length: %d\r\n\r\n%b" % (len(body), body)


def redirect(location: bytes) -> bytes:
    return b"HTTP/1.1 302 Found\r\nlocation: %b\r\ncontent-length: 0\r\n\r\n" % location


def endless(start: bytes, piece: bytes) -> Script:
    """Send without an end, for as long as anybody listens."""

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(start)
        while True:
            await peer.send(piece)
            peer.server.requests.append(b"")

    return script


async def resets_at_once(peer: Peer) -> None:
    await peer.reset()


ENDED: dict[str, tuple[Script, str]] = {
    "accepts and hangs up": (closing_after(), LOST),
    "accepts and resets": (resets_at_once, LOST),
    "resets before the head": (resetting_after(), LOST),
    "resets in the head": (resetting_after(JSON), PROTOCOL),
    "resets in the body": (resetting_after(counted(b"{}")[:-1]), PROTOCOL),
    "truncates the head": (closing_after(START[:9]), PROTOCOL),
    "truncates the body": (closing_after(counted(b"{}")[:-1]), PROTOCOL),
    "truncates a chunk": (closing_after(CHUNKED + b"5\r\n{"), PROTOCOL),
    "is silent": (stalling_after(), SLOW),
    "stalls in the head": (stalling_after(JSON), SLOW),
    "stalls in the body": (stalling_after(CHUNKED, b"1\r\n{\r\n"), SLOW),
    "only says 100": (stalling_after(b"HTTP/1.1 100 Continue\r\n\r\n"), SLOW),
    "speaks no HTTP": (closing_after(b"220 smtp.example ESMTP\r\n\r\n"), PROTOCOL),
    "counts wrong": (closing_after(JSON + b"content-length: 2, 3\r\n\r\n{} "), PROTOCOL),
    "counts and chunks": (
        closing_after(JSON + b"transfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n{}"),
        PROTOCOL,
    ),
    "chunks wrong": (closing_after(CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n"), PROTOCOL),
    "has endless headers": (endless(START, b"x: " + b"y" * 8190 + b"\r\n"), LARGE),
    "has one endless header": (endless(START + b"x: ", b"y" * 8192), LARGE),
    "has endless interim answers": (
        endless(b"", b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" * 100),
        LARGE,
    ),
    "has an endless body": (endless(JSON + b"\r\n", b" " * 65_536), LARGE),
    "has endless chunks": (endless(CHUNKED, b"2000\r\n" + b" " * 8192 + b"\r\n"), LARGE),
    "announces too much": (closing_after(JSON + b"content-length: 9999999999\r\n\r\n"), LARGE),
    "sends a gzip bomb": (closing_after(counted(BOMB, b"content-encoding: gzip\r\n")), LARGE),
    "sends gzip in very many pieces": (
        closing_after(counted(gzip.compress(b"") * 10_001, b"content-encoding: gzip\r\n")),
        LARGE,
    ),
    "compresses over and over": (
        closing_after(counted(b"{}", b"content-encoding: gzip, gzip, gzip, gzip, gzip\r\n")),
        LARGE,
    ),
    "sends what is no gzip": (
        closing_after(counted(b"{}", b"content-encoding: gzip\r\n")),
        PROTOCOL,
    ),
}
"""Faults that end a call with an error of the runtime's own."""

RELAYED = {
    "says 100 first": b"HTTP/1.1 100 Continue\r\n\r\n" + OK,
    "sends more than announced": OK + b"more",
    "closes after each answer": OK,
    "encodes as nobody does": counted(b"{}", b"content-encoding: x\r\n"),
    "sends invalid UTF-8": counted(b'"\xff"'),
    "sends invalid JSON": counted(b"{"),
    "redirects to itself": redirect(b"/things/bad"),
    "redirects elsewhere": redirect(b"//evil.test/"),
}
"""Faults that are none of the runtime's: what callers get is upstream's."""


def at_first(fault: Script) -> Script:
    """Misbehave on the first connection, and behave on all others."""
    good = answering(OK)

    async def script(peer: Peer) -> None:
        await (good if peer.number else fault)(peer)

    return script


async def rest_code(served: Stack) -> Any:
    response = await served.get("bad")
    return response.json()["code"] if response.is_error else response.status_code


async def mcp_code(served: Stack) -> Any:
    result = await served.call("bad")
    return result["structuredContent"]["code"] if result["isError"] else 200


FACES = pytest.mark.parametrize("code", [rest_code, mcp_code], ids=["REST", "MCP"])


@FACES
@pytest.mark.parametrize(("fault", "expected"), ENDED.values(), ids=list(ENDED))
async def test_a_fault_ends_its_call_with_the_right_error_and_no_other_call(
    tmp_path: Path, code: Callable[[Stack], Any], fault: Script, expected: str
) -> None:
    seconds = 0.5 if expected == SLOW else 30.0
    async with (
        upstream(at_first(fault)) as server,
        stack(tmp_path, url_of(server), call_seconds=seconds, limits=LIMITS) as served,
    ):
        assert await code(served) == expected
        await asyncio.wait_for(server.peers[0].gone(), 60)
        statuses = await statuses_until_200(served)
        assert statuses == [] or expected == SLOW, "it has no more time than the one before"


async def statuses_until_200(served: Stack) -> list[int]:
    """Call until a call is answered; return the statuses of those before."""
    statuses: list[int] = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (status := (await served.get()).status_code) != 200:
            statuses.append(status)
    return statuses


@FACES
@pytest.mark.parametrize("answer", RELAYED.values(), ids=list(RELAYED))
async def test_what_is_valid_http_is_relayed_and_nothing_is_followed(
    tmp_path: Path, code: Callable[[Stack], Any], answer: bytes
) -> None:
    async with (
        upstream(at_first(closing_after(answer))) as server,
        stack(tmp_path, url_of(server), limits=LIMITS) as served,
    ):
        is_redirect = answer.startswith(b"HTTP/1.1 302")
        status = 302 if is_redirect and code is rest_code else "upstream-status"
        assert await code(served) == (status if is_redirect else 200)
        assert len(server.requests) == 1
        assert (await served.get()).status_code == 200


@pytest.mark.parametrize(
    "fault", ["has an endless body", "has endless chunks", "has one endless header"]
)
async def test_what_has_no_end_is_read_only_so_far(tmp_path: Path, fault: str) -> None:
    async with (
        upstream(at_first(ENDED[fault][0])) as server,
        stack(tmp_path, url_of(server), limits=LIMITS) as served,
    ):
        await rest_code(served)
        await asyncio.wait_for(server.peers[0].gone(), 60)
        pieces = len(server.requests) - 1
        assert pieces * 8192 < 64 * MIB, "it is not read on and on"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(counted(BOMB, b"content-encoding: gzip\r\n"), LARGE), (CRUMBS, 200)],
    ids=["a bomb", "crumbs"],
)
async def test_no_answer_takes_more_memory_than_is_allowed(
    tmp_path: Path, answer: bytes, expected: object
) -> None:
    async with (
        upstream(closing_after(answer)) as server,
        stack(tmp_path, url_of(server), limits=LIMITS) as served,
    ):
        tracemalloc.start()
        try:
            assert await rest_code(served) == expected
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 8 * MIB


@FACES
async def test_nobody_listens(tmp_path: Path, code: Callable[[Stack], Any]) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        async with stack(tmp_path, f"http://127.0.0.1:{bound.getsockname()[1]}") as served:
            assert await code(served) == LOST


@FACES
async def test_the_name_is_not_known(
    tmp_path: Path, code: Callable[[Stack], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = socket.getaddrinfo

    def look_up(host: Any, *arguments: Any, **options: Any) -> Any:
        if host == "nowhere.test":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return known(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    async with stack(tmp_path, "http://nowhere.test") as served:
        assert await code(served) == LOST


@FACES
@pytest.mark.parametrize("fault", ["another name", "expired", "unknown authority"])
async def test_a_certificate_is_not_good(
    tmp_path: Path, code: Callable[[Stack], Any], fault: str
) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "theirs").mkdir()
    ours, theirs = Authority.create(tmp_path / "ours"), Authority.create(tmp_path / "theirs")
    name = "other.test" if fault == "another name" else "127.0.0.1"
    ends = timedelta(days=-1) if fault == "expired" else timedelta(days=1)
    authority = theirs if fault == "unknown authority" else ours
    async with (
        upstream(answering(OK), authority.serving(name, ends=ends)) as server,
        stack(tmp_path, url_of(server), trust=ours.trusting()) as served,
    ):
        assert await code(served) == LOST
        assert server.requests == []


async def test_an_idle_connection_that_upstream_closes_is_replaced(tmp_path: Path) -> None:
    async with (
        upstream(closing_after(OK)) as server,
        stack(tmp_path, url_of(server), limits=LIMITS) as served,
    ):
        statuses = [(await served.get()).status_code for _ in range(5)]
        assert statuses == [200] * 5


@pytest.mark.parametrize("fault", ["accepts and resets", "resets before the head"])
async def test_by_default_a_passing_fault_is_not_noticed(tmp_path: Path, fault: str) -> None:
    async with (
        upstream(at_first(ENDED[fault][0])) as server,
        stack(tmp_path, url_of(server), resilience="{}", limits=LIMITS) as served,
    ):
        assert (await served.get()).status_code == 200
        assert len(server.peers) == 2


async def test_the_deadline_bounds_all_attempts_together(tmp_path: Path) -> None:
    async with (
        upstream(stalling_after()) as server,
        stack(
            tmp_path,
            url_of(server),
            resilience="{timeouts: {read: 250ms}, retries: {attempts: 10, backoff: 1ms}}",
            call_seconds=2.0,
        ) as served,
    ):
        response = await served.get()
        assert (response.status_code, response.json()["code"]) == (504, SLOW)
        assert re.match(r"\d+ attempts, last: ", response.json()["detail"])
        await asyncio.wait_for(server.all_gone(), 60)
        assert 1 < len(server.requests) <= 10
