"""Upstream clients for tests that need no network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace

import orjson

from naftiko_runtime.execute.upstream.message import (
    Headers,
    StreamedBody,
    StreamedResponse,
    UpstreamRequest,
    UpstreamResponse,
)
from naftiko_runtime.values import Deadline, Json

JSON_TYPE = (b"content-type", b"application/json")
PATIENCE_SECONDS = 60.0


def answer(value: Json, status: int = 200, headers: Headers = ()) -> UpstreamResponse:
    """Return an answer in JSON."""
    return UpstreamResponse(status, (JSON_TYPE, *headers), orjson.dumps(value))


class WithoutStreams:
    """What a client has that is never asked for an answer in pieces."""

    def stream(
        self, request: UpstreamRequest, body: StreamedBody | None, patience_seconds: float
    ) -> AbstractAsyncContextManager[StreamedResponse]:
        raise AssertionError("nothing is streamed here")


@dataclass(slots=True)
class RecordingClient:
    """Answers by a function, and keeps what it was asked; a streamed body is kept whole."""

    respond: Callable[[UpstreamRequest], UpstreamResponse] = lambda _: answer({})
    requests: list[UpstreamRequest] = field(default_factory=list)
    closed: bool = False

    async def send(self, request: UpstreamRequest, deadline: Deadline) -> UpstreamResponse:
        assert deadline.remaining() >= 0
        self.requests.append(request)
        return self.respond(request)

    @asynccontextmanager
    async def stream(
        self, request: UpstreamRequest, body: StreamedBody | None, patience_seconds: float
    ) -> AsyncIterator[StreamedResponse]:
        assert patience_seconds > 0
        if body is not None:
            request = replace(request, body=b"".join([piece async for piece in body.pieces]))
        self.requests.append(request)
        response = self.respond(request)
        yield StreamedResponse(response.status, response.headers, pieces(response.body))

    async def aclose(self) -> None:
        self.closed = True


@dataclass(slots=True)
class GatedClient(WithoutStreams):
    """Answers only when as many requests are under way as it waits for."""

    expected: int
    under_way: int = 0
    most: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, request: UpstreamRequest, deadline: Deadline) -> UpstreamResponse:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        if self.under_way == self.expected:
            self.gate.set()
        await asyncio.wait_for(self.gate.wait(), PATIENCE_SECONDS)
        self.under_way -= 1
        return answer({"target": request.target.decode()})

    async def aclose(self) -> None:
        """Nothing to close."""


async def pieces(*each: bytes) -> AsyncIterator[bytes]:
    """Yield each piece that is not empty."""
    for one in each:
        if one:
            yield one


class GatedUpstream(WithoutStreams):
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.gate = asyncio.Event()
        self.was_cancelled = False

    async def send(self, request: UpstreamRequest, deadline: Deadline) -> UpstreamResponse:
        self.asked.set()
        try:
            await asyncio.wait_for(self.gate.wait(), PATIENCE_SECONDS)
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise
        return answer({"late": True})

    async def aclose(self) -> None:
        """Nothing to close."""
