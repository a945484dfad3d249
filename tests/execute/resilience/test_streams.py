"""Requests that are passed on, through the engine: the same gate as calls, one attempt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from naftiko_runtime.errors import (
    InvalidInput,
    TooManyCalls,
    UpstreamBusy,
    UpstreamCircuitOpen,
    UpstreamCredentialRefused,
    UpstreamError,
    UpstreamProtocolError,
    UpstreamRateLimited,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.execute.forwarding import Incoming
from naftiko_runtime.execute.upstream.message import (
    StreamedBody,
    StreamedResponse,
    UpstreamResponse,
)
from naftiko_runtime.limits import ServeLimits
from tests.documents import load
from tests.execute.resilience.test_sender import script
from tests.timing import StoodStill
from tests.upstreams import RecordingClient

DOCUMENT = """
naftiko: 1.0.0-alpha3
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://upstream.test/v1
    x-resilience: {%s}
    resources:
    - {path: /ships, operations: [{name: list, method: GET}]}
  exposes:
  - type: rest
    namespace: gate
    resources:
    - {path: '/x/{path}', forward: {targetNamespace: api}}
    - {path: /ships, operations: [{name: list, method: GET, call: api.list}]}
"""
GET = Incoming("GET", "a", b"", (), None)


class Gateway:
    """An engine before a scripted upstream, with time standing still.

    Attributes:
        client: What upstream got.
        clock: The time.
    """

    def __init__(
        self,
        folder: Path,
        policy: str = "",
        *endings: int | UpstreamResponse | UpstreamError,
        calls: int = 8,
    ) -> None:
        (rest,) = load(folder, DOCUMENT % policy).rest
        self._plan = rest.forwards[0].plan
        self._operation = rest.routes[0].operation
        self.client = RecordingClient(script(*endings))
        self.clock = StoodStill()
        self.engine = Engine(self.client, limits=ServeLimits(calls=calls), timing=self.clock.timing)

    def open(self, incoming: Incoming = GET) -> AbstractAsyncContextManager[StreamedResponse]:
        """Pass a request on; its answer is under way until the context is left."""
        return self.engine.forward(self._plan, incoming, 5.0)

    async def forward(self, incoming: Incoming = GET) -> int:
        """Return the status of a request that is passed on, its answer read to its end."""
        async with self.open(incoming) as response:
            async for _ in response.pieces:
                pass
        return response.status

    async def call(self) -> int:
        """Return the status of an operation of the same API."""
        outcome = await self.engine.execute(self._operation, {}, self.clock.in_seconds(5))
        return outcome.status


ONE_PLACE = "concurrency: {limit: 1, queue: 0}, retries: off"
ONE_FAILURE = "circuitBreaker: {failures: 1}, retries: off"
DOWN = [
    UpstreamUnreachable("refused", unsent=True),
    UpstreamTimeout("silent"),
    UpstreamProtocolError("no HTTP"),
]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_a_request_that_is_passed_on_is_sent_once(tmp_path: Path, status: int) -> None:
    gateway = Gateway(tmp_path, "", status)
    assert await gateway.forward() == status
    assert len(gateway.client.requests) == 1


async def test_a_lost_connection_is_not_tried_again(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, "", UpstreamUnreachable("refused", unsent=True))
    with pytest.raises(UpstreamUnreachable):
        await gateway.forward()
    assert len(gateway.client.requests) == 1


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_a_head_that_says_upstream_is_down_opens_the_circuit(
    tmp_path: Path, status: int
) -> None:
    gateway = Gateway(tmp_path, ONE_FAILURE, status)
    await gateway.forward()
    with pytest.raises(UpstreamCircuitOpen):
        await gateway.forward()
    assert len(gateway.client.requests) == 1


@pytest.mark.parametrize("error", DOWN)
async def test_a_head_that_never_comes_opens_the_circuit(
    tmp_path: Path, error: UpstreamError
) -> None:
    gateway = Gateway(tmp_path, ONE_FAILURE, error)
    with pytest.raises(type(error)):
        await gateway.forward()
    with pytest.raises(UpstreamCircuitOpen):
        await gateway.forward()


@pytest.mark.parametrize("status", [200, 404, 500])
async def test_any_other_head_is_a_sign_of_life(tmp_path: Path, status: int) -> None:
    gateway = Gateway(tmp_path, "circuitBreaker: {failures: 2}", 503, status, 503, status)
    assert [await gateway.forward() for _ in range(5)] == [503, status, 503, status, 200]


async def test_an_answer_that_breaks_off_later_does_not_count(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, ONE_FAILURE)
    with pytest.raises(UpstreamProtocolError):
        async with gateway.open():
            raise UpstreamProtocolError("it breaks off")
    assert await gateway.forward() == 200


async def test_what_says_nothing_about_upstream_does_not_count(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, ONE_FAILURE, UpstreamCredentialRefused("no"))
    with pytest.raises(UpstreamCredentialRefused):
        await gateway.forward()
    assert await gateway.forward() == 200


async def test_one_circuit_is_for_operations_and_forwards(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, ONE_FAILURE, 503)
    await gateway.call()
    with pytest.raises(UpstreamCircuitOpen):
        await gateway.forward()
    gateway.clock.now += 5
    assert await gateway.forward() == 200
    assert await gateway.call() == 200


async def test_a_caller_that_leaves_while_it_finds_out_lets_another_do_so(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, ONE_FAILURE, 503)
    await gateway.forward()
    gateway.clock.now += 5
    with pytest.raises(_Gone):
        await gateway.forward(Incoming("PUT", "a", b"", (), StreamedBody(_left(), None)))
    assert await gateway.forward() == 200


class _Gone(Exception):
    """The caller has left."""


async def _left() -> AsyncIterator[bytes]:
    yield b"a"
    raise _Gone


async def test_its_place_is_taken_until_the_answer_is_read(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, ONE_PLACE)
    async with gateway.open():
        with pytest.raises(UpstreamBusy):
            await gateway.call()
        with pytest.raises(UpstreamBusy):
            await gateway.forward()
    assert await gateway.forward() == 200


@pytest.mark.parametrize("error", [*DOWN, UpstreamCredentialRefused("no")])
async def test_no_place_stays_taken_without_an_answer(tmp_path: Path, error: UpstreamError) -> None:
    gateway = Gateway(tmp_path, ONE_PLACE, error)
    with pytest.raises(type(error)):
        await gateway.forward()
    assert await gateway.forward() == 200


async def test_no_place_stays_taken_by_a_relay_that_is_cancelled(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, ONE_PLACE, calls=1)
    is_open = asyncio.Event()

    async def relay() -> None:
        async with gateway.open():
            is_open.set()
            await asyncio.Event().wait()

    relaying = asyncio.create_task(relay())
    await is_open.wait()
    relaying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await relaying
    assert await gateway.forward() == 200


async def test_who_waits_in_line_goes_when_a_stream_ends(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, "concurrency: {limit: 1, queue: 1}")
    async with gateway.open():
        waiting = asyncio.create_task(gateway.forward())
        await asyncio.sleep(0)
        assert len(gateway.client.requests) == 1
    assert await waiting == 200


async def test_who_leaves_the_line_takes_no_place(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, "concurrency: {limit: 1, queue: 1}")
    async with gateway.open():
        waiting = asyncio.create_task(gateway.forward())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert await gateway.forward() == 200
    assert len(gateway.client.requests) == 2


async def test_the_rate_is_kept_together_with_operations(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, "rateLimit: {requests: 2, per: 1, burst: 1}")
    assert [await gateway.call(), await gateway.forward()] == [200, 200]
    assert gateway.clock.slept == [0.5]


async def test_a_rate_that_can_not_be_kept_in_time_is_told(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, "rateLimit: {requests: 1, per: 60}")
    await gateway.forward()
    with pytest.raises(UpstreamRateLimited) as caught:
        await gateway.forward()
    assert caught.value.retry_after_seconds == 60


async def test_streams_are_calls_as_long_as_they_last(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, calls=1)
    async with gateway.open():
        with pytest.raises(TooManyCalls, match="1 calls run already"):
            await gateway.forward()
        with pytest.raises(TooManyCalls):
            await gateway.call()
    assert await gateway.call() == 200


async def test_a_request_that_is_not_fit_to_be_passed_on_counts_nowhere(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, ONE_PLACE, calls=1)
    with pytest.raises(InvalidInput):
        await gateway.forward(Incoming("GET", "../a", b"", (), None))
    assert await gateway.forward() == 200
