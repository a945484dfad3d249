"""What is told of exchanges with upstream."""

from __future__ import annotations

import asyncio

import pytest

from naftiko_runtime.errors import UpstreamProtocolError, UpstreamTimeout
from naftiko_runtime.execute.upstream.clients import RoutedClient
from naftiko_runtime.execute.upstream.measured_client import MeasuredClient
from naftiko_runtime.execute.upstream.message import (
    UpstreamLimits,
    UpstreamRequest,
    UpstreamResponse,
)
from naftiko_runtime.plan.origins import Origin
from naftiko_runtime.values import Deadline
from tests.execute.upstream.scripted_server import OK, Peer
from tests.stack import upstream
from tests.upstreams import RecordingClient, answer

REQUEST = UpstreamRequest("GET", Origin("http", "api.test", 80), b"/ships?key=s", ())


class Told(list[tuple[str, str, int | str]]):
    """What was told: method, host, outcome."""

    def take(self, method: str, host: str, outcome: int | str, seconds: float) -> None:
        assert seconds >= 0
        self.append((method, host, outcome))


def _fail(_: UpstreamRequest) -> UpstreamResponse:
    raise UpstreamTimeout("too late")


def _crash(_: UpstreamRequest) -> UpstreamResponse:
    raise asyncio.CancelledError


async def _answer_twice(peer: Peer) -> None:
    for _ in range(2):
        await peer.request()
        await peer.send(OK)


async def test_an_answer_is_told_with_its_status() -> None:
    told = Told()
    client = MeasuredClient(RecordingClient(lambda _: answer({}, 503)), told.take)
    assert (await client.send(REQUEST, Deadline.after(1))).status == 503
    assert told == [("GET", "api.test", 503)]


async def test_a_failure_is_told_with_its_code() -> None:
    told = Told()
    client = MeasuredClient(RecordingClient(_fail), told.take)
    with pytest.raises(UpstreamTimeout):
        await client.send(REQUEST, Deadline.after(1))
    assert told == [("GET", "api.test", "upstream-timeout")]


async def test_what_is_given_up_is_not_told() -> None:
    told = Told()
    client = MeasuredClient(RecordingClient(_crash), told.take)
    with pytest.raises(asyncio.CancelledError):
        await client.send(REQUEST, Deadline.after(1))
    with pytest.raises(asyncio.CancelledError):
        async with client.stream(REQUEST, None, 1.0):
            pass
    assert told == []


async def test_a_streamed_answer_is_told_when_it_is_over() -> None:
    told = Told()
    client = MeasuredClient(RecordingClient(), told.take)
    async with client.stream(REQUEST, None, 1.0) as response:
        assert [piece async for piece in response.pieces] == [b"{}"]
        assert told == []
    assert told == [("GET", "api.test", 200)]


async def test_a_streamed_answer_that_breaks_off_is_a_failure() -> None:
    told = Told()
    client = MeasuredClient(RecordingClient(), told.take)
    with pytest.raises(UpstreamProtocolError):
        async with client.stream(REQUEST, None, 1.0):
            raise UpstreamProtocolError("it broke off")
    assert told == [("GET", "api.test", "upstream-protocol-error")]


async def test_a_client_is_closed_by_who_made_it() -> None:
    inner = RecordingClient()
    await MeasuredClient(inner, Told().take).aclose()
    assert not inner.closed


async def test_a_routed_client_is_measured_from_the_moment_that_somebody_asks() -> None:
    told = Told()
    client = RoutedClient(UpstreamLimits())
    async with upstream(_answer_twice) as server:
        request = UpstreamRequest("GET", server.origin, b"/", ())
        await client.send(request, Deadline.after(5))
        assert told == []
        client.measure(told.take)
        await client.send(request, Deadline.after(5))
    await client.aclose()
    assert told == [("GET", request.origin.host, 200)]
