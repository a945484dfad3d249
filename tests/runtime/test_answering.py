"""What is written at once, and what is uvicorn's to send."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from naftiko_runtime.runtime.answering import AnswerWriter

Message = dict[str, Any]


class Wire:
    """A transport that keeps each write apart."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.writes.append(data)


class Flow:
    write_paused = False


class Cycle:
    """uvicorn's view of a request, and what is sent by uvicorn's own way."""

    def __init__(self, method: str = "GET", *, keep_alive: bool = True) -> None:
        self.scope = {"method": method}
        self.keep_alive = keep_alive
        self.flow, self.transport = Flow(), Wire()
        self.default_headers = [(b"date", b"now")]
        self.disconnected = self.response_started = self.response_complete = False
        self.waiting_for_100_continue = False
        self.message_event = asyncio.Event()
        self.sent: list[Message] = []
        self.ended = 0

    def on_response(self) -> None:
        self.ended += 1

    async def send(self, message: Message) -> None:
        self.sent.append(message)


def start(*headers: tuple[bytes, bytes], status: int = 200) -> Message:
    return {"type": "http.response.start", "status": status, "headers": [*headers]}


def body(data: bytes = b"ok", *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": more}


LENGTH = (b"content-length", b"2")


async def answered(cycle: Cycle, *messages: Message) -> Cycle:
    write: Callable[[Message], Awaitable[None]] = AnswerWriter(cycle)  # type: ignore[arg-type]
    for message in messages:
        await write(message)
    return cycle


async def test_head_and_body_are_written_at_once() -> None:
    cycle = await answered(Cycle(), start((b"etag", b"a"), LENGTH), body())
    assert cycle.transport.writes == [
        b"HTTP/1.1 200 OK\r\ndate: now\r\netag: a\r\ncontent-length: 2\r\n\r\nok"
    ]
    assert cycle.sent == []
    assert (cycle.response_started, cycle.response_complete, cycle.ended) == (True, True, 1)
    assert cycle.message_event.is_set()


@pytest.mark.parametrize(
    ("cycle", "messages"),
    [
        pytest.param(Cycle(), [start(), body()], id="without a length"),
        pytest.param(Cycle(), [start(LENGTH), body(b"o", more=True), body(b"k")], id="in pieces"),
        pytest.param(Cycle("HEAD"), [start(LENGTH), body(b"")], id="to a HEAD"),
        pytest.param(Cycle(keep_alive=False), [start(LENGTH), body()], id="the last one"),
        pytest.param(Cycle(), [start(LENGTH), body(b"more")], id="longer than it says"),
        pytest.param(Cycle(), [start(LENGTH, (b"connection", b"close")), body()], id="that closes"),
        pytest.param(Cycle(), [start(LENGTH, (b"a", b"b\r\nc: d")), body()], id="that splits"),
        pytest.param(Cycle(), [start(LENGTH, (b"a b", b"c")), body()], id="with an odd name"),
    ],
)
async def test_all_other_answers_are_uvicorns(cycle: Cycle, messages: list[Message]) -> None:
    await answered(cycle, *messages)
    assert cycle.sent == messages
    assert cycle.transport.writes == []


async def test_a_caller_that_reads_slowly_is_left_to_uvicorn() -> None:
    cycle = Cycle()
    cycle.flow.write_paused = True
    messages = [start(LENGTH), body()]
    assert (await answered(cycle, *messages)).sent == messages


async def test_a_caller_that_has_gone_is_written_nothing() -> None:
    cycle = Cycle()
    cycle.disconnected = True
    messages = [start(LENGTH), body()]
    assert (await answered(cycle, *messages)).sent == messages


async def test_without_another_process_nothing_is_handed_over() -> None:
    writer = AnswerWriter(Cycle())  # type: ignore[arg-type]
    assert not await writer.hand_over([b"body"])


@pytest.mark.parametrize("is_over", [True, False])
async def test_another_process_is_asked_with_the_request_and_its_body(*, is_over: bool) -> None:
    asked = []

    async def over(*request: Any) -> bool:
        asked.append(request)
        return is_over

    cycle = Cycle()
    assert await AnswerWriter(cycle, over).hand_over([b"body"]) is is_over  # type: ignore[arg-type]
    assert asked == [(cycle, [b"body"])]
    assert (cycle.sent, cycle.transport.writes) == ([], [])
