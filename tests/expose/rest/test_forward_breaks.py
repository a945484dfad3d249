"""Forwards that end early: callers that leave, bodies and answers that break off."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from naftiko_runtime.errors import UpstreamProtocolError
from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.execute.upstream.message import (
    StreamedBody,
    StreamedResponse,
    UpstreamRequest,
    UpstreamResponse,
)
from naftiko_runtime.expose.callers import Callers
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.rest.service import RestService
from naftiko_runtime.values import Deadline
from tests.expose.rest.driving import scope_of, serve
from tests.expose.rest.forwards import forwards
from tests.upstreams import RecordingClient, pieces

if TYPE_CHECKING:
    from starlette.types import Message


def test_a_caller_that_leaves_within_its_body_gets_nothing(tmp_path: Path) -> None:
    server = serve(*forwards(tmp_path).rest)
    scope = scope_of("POST", "/x/a", [(b"content-length", b"9")])
    messages: list[Message] = [
        {"type": "http.request", "body": b"{", "more_body": True},
        {"type": "http.disconnect"},
    ]
    assert asyncio.run(server._ask(scope, messages)).status is None


def test_a_body_that_does_not_come_is_a_408(tmp_path: Path) -> None:
    server = serve(*forwards(tmp_path).rest, limits=Limits(call_seconds=0.01))
    scope = scope_of("POST", "/x/a", [(b"content-length", b"9")])
    assert asyncio.run(server._ask(scope, [])).status == 408


@dataclass
class Halting:
    """An upstream that begins to answer, and then waits or fails."""

    failure: Exception | None = None
    open: bool = False
    began: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def stream(
        self, request: UpstreamRequest, body: StreamedBody | None, patience_seconds: float
    ) -> AsyncIterator[StreamedResponse]:
        self.open = True
        try:
            yield StreamedResponse(200, (), self._pieces())
        finally:
            self.open = False

    async def _pieces(self) -> AsyncIterator[bytes]:
        yield b"half"
        if self.failure is not None:
            raise self.failure
        self.began.set()
        await asyncio.Event().wait()


@dataclass
class Line:
    """A caller's connection: what is sent over it, and whether it still stands."""

    sent: list[Message] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    asked: int = 0

    async def receive(self) -> Message:
        self.asked += 1
        if self.asked == 1:
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.sent.append(message)


class HaltingClient:
    """A client of such an upstream."""

    def __init__(self, upstream: Halting) -> None:
        self.upstream = upstream

    async def send(self, request: UpstreamRequest, deadline: Deadline) -> UpstreamResponse:
        raise AssertionError("everything is streamed here")

    async def aclose(self) -> None:
        """Nothing is open."""

    def stream(
        self, request: UpstreamRequest, body: StreamedBody | None, patience_seconds: float
    ) -> AbstractAsyncContextManager[StreamedResponse]:
        return self.upstream.stream(request, body, patience_seconds)


def service_for(folder: Path, upstream: Halting, limits: Limits | None = None) -> RestService:
    engine, callers = Engine(HaltingClient(upstream)), Callers(RecordingClient())
    return RestService(forwards(folder).rest, engine, limits or Limits(), callers)


async def answer(service: RestService, line: Line) -> None:
    match = service.find("GET", "/x/a")
    assert match is not None
    await service.answer(match, scope_of("GET", "/x/a", []), line.receive, line.send)


@pytest.mark.parametrize(
    "failure", [UpstreamProtocolError("The answer breaks off."), RuntimeError("a bug")]
)
def test_an_answer_that_breaks_off_is_left_incomplete(
    tmp_path: Path, failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    line, upstream = Line(), Halting(failure)
    with caplog.at_level(logging.WARNING):
        asyncio.run(answer(service_for(tmp_path, upstream), line))
    assert [one.get("body") for one in line.sent] == [None, b"half"]
    assert line.sent[-1]["more_body"]
    assert not upstream.open
    assert "face.all" in caplog.text


async def test_when_the_caller_leaves_upstream_is_let_go_at_once(tmp_path: Path) -> None:
    line, upstream = Line(), Halting()
    answering = asyncio.create_task(answer(service_for(tmp_path, upstream), line))
    await upstream.began.wait()
    assert upstream.open
    line.gone.set()
    await answering
    assert not upstream.open
    assert line.sent[-1]["more_body"]


async def test_when_the_server_ends_the_request_upstream_is_let_go(tmp_path: Path) -> None:
    line, upstream = Line(), Halting()
    answering = asyncio.create_task(answer(service_for(tmp_path, upstream), line))
    await upstream.began.wait()
    answering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answering
    assert not upstream.open


@pytest.mark.parametrize("blocked_after", [0, 1])
async def test_a_caller_that_does_not_take_the_answer_is_let_go(
    tmp_path: Path, blocked_after: int, caplog: pytest.LogCaptureFixture
) -> None:
    class Blocked(Line):
        async def send(self, message: Message) -> None:
            if len(self.sent) == blocked_after:
                await asyncio.Event().wait()
            self.sent.append(message)

    line, upstream = Blocked(), Halting()
    await answer(service_for(tmp_path, upstream, Limits(call_seconds=0.01)), line)
    assert not upstream.open
    assert len(line.sent) == blocked_after
    assert "the caller did not take the answer in time" in caplog.text


async def test_what_upstream_does_after_the_answer_is_not_cut_short(tmp_path: Path) -> None:
    """Servers report the end of an answer as if the caller had left."""

    class Closing(Halting):
        closed = False

        @asynccontextmanager
        async def stream(
            self, request: UpstreamRequest, body: StreamedBody | None, patience_seconds: float
        ) -> AsyncIterator[StreamedResponse]:
            yield StreamedResponse(200, (), pieces(b"whole"))
            for _ in range(5):
                await asyncio.sleep(0)
            self.closed = True

    class Ending(Line):
        async def send(self, message: Message) -> None:
            self.sent.append(message)
            if message.get("body") == b"":
                self.gone.set()

    told: list[int] = []
    upstream = Closing()
    service = RestService(
        forwards(tmp_path).rest,
        Engine(HaltingClient(upstream)),
        Limits(),
        Callers(RecordingClient()),
        lambda *facts: told.append(facts[3]),
    )
    await answer(service, Ending())
    assert upstream.closed
    assert told == [200]
