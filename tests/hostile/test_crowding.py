"""One caller that asks for all there is, and others that want some of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from naftiko_runtime.limits import DEFAULT_LIMITS, ServeLimits
from tests.execute.upstream.scripted_server import OK, Peer, Script, ScriptedServer, answering
from tests.stack import ONCE, PATIENCE_SECONDS, stack, until, upstream, url_of

PUT = (
    b"PUT /things/1 HTTP/1.1\r\nhost: localhost\r\n"
    b"content-type: application/json\r\ncontent-length: 9\r\n\r\n"
)
CROWDED = "{retries: off, circuitBreaker: off, concurrency: {limit: 1, queue: 8}}"
"""One request runs at the upstream, and eight may wait."""
THROTTLED = "{rateLimit: {requests: 4, per: 3, burst: 1}}"
"""As many requests wait as go upstream in the time that a call may take: forty."""


@asynccontextmanager
async def caller(address: str) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client that calls from an address of this machine."""
    transport = httpx.AsyncHTTPTransport(
        local_address=address, limits=httpx.Limits(max_connections=None)
    )
    async with httpx.AsyncClient(transport=transport, timeout=PATIENCE_SECONDS) as client:
        yield client


@dataclass(frozen=True, slots=True)
class Crowd:
    """Two callers of one server.

    Attributes:
        server: The upstream.
        url: Where things are served.
        greedy: Calls from one address.
        modest: Calls from another.
    """

    server: ScriptedServer
    url: str
    greedy: httpx.AsyncClient
    modest: httpx.AsyncClient

    def flood(self, number: int) -> list[asyncio.Task[httpx.Response]]:
        """Have the greedy caller ask so many times at once."""
        return [asyncio.create_task(self.greedy.get(f"{self.url}greedy")) for _ in range(number)]

    def ask(self) -> Coroutine[None, None, httpx.Response]:
        """Have the modest caller ask once."""
        return self.modest.get(f"{self.url}modest")


@asynccontextmanager
async def crowd(
    folder: Path, script: Script, resilience: str = ONCE, limits: ServeLimits = DEFAULT_LIMITS
) -> AsyncIterator[Crowd]:
    """Serve things of an upstream to two callers until the block ends."""
    async with (
        upstream(script) as server,
        stack(folder, url_of(server), resilience=resilience, limits=limits) as served,
        caller("127.0.0.1") as greedy,
        caller("127.0.0.2") as modest,
    ):
        yield Crowd(server, f"http://127.0.0.1:{served.rest}/things/", greedy, modest)


async def test_a_slow_upstream_serves_others_in_between_however_much_one_caller_asks(
    tmp_path: Path,
) -> None:
    may_answer = asyncio.Semaphore(0)

    async def slowly(peer: Peer) -> None:
        while True:
            await peer.request()
            await may_answer.acquire()
            await peer.send(OK)

    async with crowd(tmp_path, slowly, CROWDED) as both:
        flood = both.flood(20)
        await until(lambda: sum(one.done() for one in flood) == 11)
        asked = asyncio.create_task(both.ask())
        await until(lambda: sum(one.done() for one in flood) == 12)
        for _ in range(3):
            may_answer.release()
        assert (await asked).status_code == 200
        for _ in range(20):
            may_answer.release()
        statuses = [(await one).status_code for one in flood]
        assert (statuses.count(200), statuses.count(503)) == (8, 12)
        assert [b"modest" in one for one in both.server.requests[:3]].count(True) == 1


async def test_a_rate_serves_others_in_between_however_much_one_caller_asks(
    tmp_path: Path,
) -> None:
    async with crowd(tmp_path, answering(OK), THROTTLED) as both:
        flood = both.flood(60)
        await until(lambda: sum(one.done() for one in flood) >= 20)
        assert (await both.ask()).status_code == 200
        assert sum(not one.done() for one in flood) > 20
        for one in flood:
            one.cancel()
        await asyncio.gather(*flood, return_exceptions=True)
        assert len(both.server.requests) < 20


async def test_one_caller_with_many_calls_keeps_nobody_else_out(tmp_path: Path) -> None:
    async def stall(peer: Peer) -> None:
        if b"greedy" in await peer.request():
            await peer.client_gone()
        await peer.send(OK)

    few = replace(DEFAULT_LIMITS, calls=16)
    async with crowd(tmp_path, stall, limits=few) as both:
        flood = both.flood(20)
        await until(lambda: sum(one.done() for one in flood) == 6)
        assert (await both.ask()).status_code == 200
        for one in flood:
            one.cancel()
        ends = await asyncio.gather(*flood, return_exceptions=True)
        assert [one.status_code for one in ends if isinstance(one, httpx.Response)] == [503] * 6


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /things/1 HTTP/1.1\r\nhost: a", PUT + b"{"],
    ids=["idle connections", "slow heads", "slow bodies"],
)
async def test_one_caller_with_all_connections_keeps_nobody_else_out(
    tmp_path: Path, sent: bytes
) -> None:
    few = replace(DEFAULT_LIMITS, connections=10)
    async with (
        upstream(answering(OK)) as server,
        stack(tmp_path, url_of(server), limits=few) as served,
        caller("127.0.0.2") as modest,
        AsyncExitStack() as held,
    ):
        for _ in range(10):
            _, writer = await asyncio.open_connection("127.0.0.1", served.rest)
            held.callback(_abort, writer)
            writer.write(sent)
        assert (await served.exchange(served.rest)).startswith(b"HTTP/1.1 503 ")
        assert (await modest.get(f"http://127.0.0.1:{served.rest}/things/1")).status_code == 200


def _abort(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()
