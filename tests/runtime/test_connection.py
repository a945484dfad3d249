"""Connections of callers: bounded in number, size and time. Time stands still here."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import pytest
from uvicorn.server import ServerState

from naftiko_runtime.limits import DEFAULT_LIMITS, ServeLimits
from naftiko_runtime.runtime.connection import (
    MOST_FIELDS,
    MOST_PIPELINED,
    BoundedConnection,
    Connections,
    ServerConfig,
)
from naftiko_runtime.runtime.turns import LARGE_BODY

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

LIMITS = ServeLimits(head_bytes=1000, head_seconds=10.0, body_seconds=30.0, idle_seconds=75.0)
GET = b"GET /a HTTP/1.1\r\nhost: x\r\n\r\n"
HEAD_OF_POST = b"POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\n"
TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\n"
TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\n"


class Timers:
    """The part of an event loop that a connection needs; time passes when a test says so."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._now = 1000.0
        self._timers: list[tuple[float, asyncio.TimerHandle]] = []
        self.create_task = self._loop.create_task
        self.call_soon = self._loop.call_soon

    def time(self) -> float:
        return self._now

    def call_later(self, seconds: float, act: Callable[..., None], *rest: Any) -> Any:
        return self.call_at(self._now + seconds, act, *rest)

    def call_at(self, when: float, act: Callable[..., None], *rest: Any) -> Any:
        handle = asyncio.TimerHandle(when, act, rest, self._loop)
        self._timers.append((when, handle))
        return handle

    def passes(self, seconds: float) -> None:
        """Let time pass, and run what is due on the way."""
        end = self._now + seconds
        while due := [(when, one) for when, one in self._timers if when <= end]:
            when, handle = min(due, key=lambda one: one[0])
            self._timers.remove((when, handle))
            self._now = max(self._now, when)
            if not handle.cancelled():
                handle._run()
        self._now = end

    @property
    def set_now(self) -> int:
        """How many timers wait."""
        return sum(not handle.cancelled() for _, handle in self._timers)


class Wire:
    """The transport of a connection: keeps what is written to it."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = False

    def get_extra_info(self, _: str) -> None:
        return None

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        """Nothing to pause."""

    def resume_reading(self) -> None:
        """Nothing to resume."""


class Caller:
    """A connection, from the caller's side."""

    def __init__(self, limits: ServeLimits = LIMITS, total: Connections | None = None) -> None:
        self.timers = Timers()
        self.wire = Wire()
        self.heard: list[str] = []
        self.headers: list[tuple[bytes, bytes]] = []
        self.release = asyncio.Event()
        self.release.set()
        self.begins_at_once = False
        self.reads = True
        self.given_up = 0
        self._state = ServerState()
        config = ServerConfig(self._answer, limits, total or Connections(10))
        config.load()
        self._connection = BoundedConnection(
            config, self._state, {}, cast("asyncio.AbstractEventLoop", self.timers)
        )
        self._connection.connection_made(cast("asyncio.Transport", self.wire))

    async def sends(self, *pieces: bytes) -> None:
        """Send pieces, and wait until what they start has got as far as it can."""
        for piece in pieces:
            self._connection.data_received(piece)
        for _ in range(10):
            await asyncio.sleep(0)

    def leaves(self) -> None:
        """Close the connection."""
        self._connection.connection_lost(None)

    def shut_down(self) -> None:
        """Have the server stop."""
        self._connection.shutdown()

    def times_out_the_stop(self) -> None:
        """Have the server wait no longer for what runs."""
        for task in self._state.tasks:
            task.cancel()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        more = self.reads
        self.headers = [*scope["headers"]]
        while more:
            message = await receive()
            self.heard.append(message["type"])
            if message["type"] == "http.disconnect":
                return
            more = message["more_body"]
        headers = [] if self.begins_at_once else [(b"content-length", b"0")]
        start = {"type": "http.response.start", "status": 200, "headers": headers}
        if self.begins_at_once:
            await send(start)
        try:
            await self.release.wait()
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        await send(start)
        await send({"type": "http.response.body", "body": b""})

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs for the caller any more."""
        return not self._state.tasks

    @property
    def answers(self) -> int:
        """How many requests were answered."""
        return self.wire.written.count(b"HTTP/1.1 200 OK")


async def test_a_whole_request_is_answered_without_another_timer() -> None:
    caller = Caller()
    await caller.sends(GET)
    assert caller.answers == 1
    assert caller.timers.set_now == 1, "the first head's; it serves for being idle, too"


async def test_a_request_that_came_with_the_one_before_ends_with_its_caller() -> None:
    caller = Caller()
    caller.release.clear()
    await caller.sends(GET + GET)
    caller.release.set()
    await asyncio.sleep(0)
    caller.release.clear()
    await caller.sends()
    assert (caller.answers, caller.given_up) == (1, 0)
    caller.leaves()
    await caller.sends()
    assert caller.given_up == 1
    assert caller.is_idle


async def test_a_caller_that_says_nothing_is_left() -> None:
    caller = Caller()
    caller.timers.passes(9.9)
    assert not caller.wire.closed
    caller.timers.passes(0.1)
    assert caller.wire.closed
    assert caller.wire.written == b""


async def test_a_head_that_trickles_in_has_no_more_time() -> None:
    caller = Caller()
    await caller.sends(b"GET / HTTP/1.1\r\n")
    for _ in range(9):
        caller.timers.passes(1)
        await caller.sends(b"a: b\r\n")
    assert not caller.wire.closed
    caller.timers.passes(1)
    assert caller.wire.closed
    assert caller.wire.written.startswith(TIMED_OUT)


async def test_empty_lines_are_no_request() -> None:
    caller = Caller()
    for _ in range(10):
        caller.timers.passes(1)
        await caller.sends(b"\r\n")
    assert caller.wire.closed


async def test_empty_lines_after_a_request_do_not_keep_a_connection() -> None:
    caller = Caller()
    await caller.sends(GET)
    for _ in range(10):
        await caller.sends(b"\r\n")
        caller.timers.passes(1)
    assert caller.wire.closed


async def test_the_head_of_a_second_request_has_its_own_time() -> None:
    caller = Caller()
    await caller.sends(GET)
    caller.timers.passes(60)
    await caller.sends(GET[:10])
    caller.timers.passes(9.9)
    assert not caller.wire.closed
    caller.timers.passes(0.1)
    assert TIMED_OUT in caller.wire.written


async def test_a_request_that_is_complete_may_take_its_time() -> None:
    caller = Caller()
    caller.release.clear()
    await caller.sends(HEAD_OF_POST, b"1234")
    caller.timers.passes(3600)
    assert not caller.wire.closed
    caller.release.set()
    await caller.sends()
    assert caller.answers == 1


async def test_a_connection_is_kept_for_as_long_as_it_may_be_idle() -> None:
    caller = Caller()
    await caller.sends(GET)
    caller.timers.passes(74)
    await caller.sends(GET)
    assert caller.answers == 2
    caller.timers.passes(75)
    assert caller.wire.closed


async def test_a_body_that_trickles_in_ends_the_request() -> None:
    caller = Caller()
    await caller.sends(HEAD_OF_POST)
    for piece in (b"1", b"2", b"3"):
        caller.timers.passes(10)
        await caller.sends(piece)
    assert not caller.wire.closed
    caller.timers.passes(1.0)
    await caller.sends()
    assert caller.wire.written.startswith(TIMED_OUT)
    assert caller.heard[-1] == "http.disconnect"


async def test_a_body_that_comes_in_time_is_read() -> None:
    caller = Caller()
    await caller.sends(HEAD_OF_POST, b"12")
    caller.timers.passes(29)
    await caller.sends(b"34")
    caller.timers.passes(29)
    assert caller.answers == 1
    assert not caller.wire.closed


async def test_what_comes_after_an_answer_does_not_keep_a_connection() -> None:
    caller = Caller()
    await caller.sends(HEAD_OF_POST.replace(b": 4", b": 400"), b"1")
    assert caller.answers == 0
    caller.timers.passes(31)
    assert caller.wire.closed


async def test_an_answer_before_the_body_has_come_gives_the_body_no_more_time() -> None:
    caller = Caller()
    caller.reads = False
    await caller.sends(HEAD_OF_POST, b"1")
    assert caller.answers == 1
    caller.timers.passes(30)
    assert not caller.wire.closed
    caller.timers.passes(1)
    assert caller.wire.closed


async def test_half_a_request_behind_one_that_runs_is_no_reason_to_answer_that() -> None:
    caller = Caller()
    caller.release.clear()
    await caller.sends(GET + GET[:10])
    caller.timers.passes(10)
    assert caller.wire.closed
    assert caller.wire.written == b""


@pytest.mark.parametrize(
    "pieces",
    [
        [b"GET / HTTP/1.1\r\na: " + b"x" * 1000 + b"\r\n\r\n"],
        [b"GET /" + b"x" * 1000 + b" HTTP/1.1\r\nhost: x\r\n\r\n"],
        [b"GET / HTTP/1.1\r\n", *[b"a: " + b"x" * 200 + b"\r\n"] * 6],
        [b"GET / HTTP/1.1\r\na: ", *[b"x" * 200] * 6],
    ],
    ids=["one header", "the target", "many headers", "an endless header"],
)
async def test_a_head_that_is_too_large_is_refused(pieces: list[bytes]) -> None:
    caller = Caller()
    await caller.sends(*pieces[:6])
    await caller.sends(*pieces[6:])
    assert caller.wire.written.startswith(TOO_LARGE)
    assert caller.wire.closed
    assert caller.heard == []


async def test_a_large_body_is_no_large_head() -> None:
    caller = Caller()
    head = HEAD_OF_POST.replace(b": 4", b": 4000")
    await caller.sends(head + b"x" * 4000, head, b"x" * 2000, b"x" * 2000, GET)
    assert caller.answers == 3


async def test_large_bodies_are_taken_one_after_the_other() -> None:
    total = Connections(10)
    callers = [Caller(DEFAULT_LIMITS, total) for _ in range(3)]
    head = HEAD_OF_POST.replace(b": 4", b": %d" % (LARGE_BODY + 1))
    for caller in callers:
        await caller.sends(head + b"x" * (LARGE_BODY + 1))
    assert [caller.answers for caller in callers] == [1, 0, 0]
    callers[0].timers.passes(1)
    await callers[1].sends()
    assert [caller.answers for caller in callers] == [1, 1, 0]
    await callers[2].sends(GET)
    assert callers[2].answers == 0, "what comes behind it waits, too"
    callers[0].timers.passes(1)
    await callers[2].sends()
    assert [caller.answers for caller in callers] == [1, 1, 2]


async def test_a_large_body_whose_turn_does_not_come_in_time_ends_its_request() -> None:
    total = Connections(10)
    callers = [Caller(DEFAULT_LIMITS, total) for _ in range(2)]
    head = HEAD_OF_POST.replace(b": 4", b": %d" % (LARGE_BODY + 1))
    for caller in callers:
        await caller.sends(head + b"x" * (LARGE_BODY + 1))
    callers[1].timers.passes(DEFAULT_LIMITS.body_seconds + 1)
    assert callers[1].wire.written.startswith(TIMED_OUT)


async def test_what_is_no_http_is_refused() -> None:
    caller = Caller()
    await caller.sends(b"hello\r\n\r\n")
    assert caller.wire.written.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert caller.wire.closed


async def test_a_head_may_have_so_many_fields_and_no_more() -> None:
    fields = b"a: 1\r\n" * (MOST_FIELDS - 1)
    caller = Caller(DEFAULT_LIMITS)
    await caller.sends(GET.replace(b"host: x\r\n", b"host: x\r\n" + fields))
    assert caller.answers == 1
    await caller.sends(GET.replace(b"host: x\r\n", b"host: x\r\na: 1\r\n" + fields))
    assert caller.wire.written.endswith(
        TOO_LARGE + b"connection: close\r\ncontent-length: 0\r\n\r\n"
    )


async def test_what_comes_behind_a_body_is_no_header() -> None:
    caller = Caller()
    head = b"POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    await caller.sends(head + b"1\r\nx\r\n0\r\nx-user: root\r\n\r\n")
    assert caller.answers == 1
    assert b"x-user" not in dict(caller.headers)


async def test_not_any_number_of_requests_may_wait_for_their_answers() -> None:
    caller = Caller()
    caller.release.clear()
    await caller.sends(GET * (MOST_PIPELINED + 1))
    assert not caller.wire.closed
    await caller.sends(GET)
    assert caller.wire.closed
    assert caller.wire.written == b""


async def test_requests_that_wait_are_answered_in_turn() -> None:
    caller = Caller()
    await caller.sends(*[GET] * 3)
    assert caller.answers == 3


async def test_what_is_no_request_is_not_taken_for_the_answer_to_one() -> None:
    caller = Caller()
    caller.release.clear()
    await caller.sends(GET + b"hello\r\n\r\n")
    assert caller.wire.closed
    assert caller.wire.written == b""


async def test_a_body_that_breaks_off_in_nonsense_is_refused() -> None:
    caller = Caller()
    head = b"POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    await caller.sends(head, b"nonsense\r\n")
    assert caller.wire.written.startswith(b"HTTP/1.1 400 Bad Request\r\n")


@pytest.mark.parametrize("line", [b"GET /a", b"GET /a HTTP/0.9", b"GET /a HTTP/2.0"])
async def test_other_versions_of_http_are_not_spoken(line: bytes) -> None:
    caller = Caller()
    await caller.sends(line + b"\r\n\r\n")
    assert caller.wire.written.startswith(b"HTTP/1.1 505 HTTP Version Not Supported\r\n")
    assert caller.wire.closed
    assert caller.heard == []


async def test_a_request_to_upgrade_is_one_like_any_other() -> None:
    caller = Caller()
    await caller.sends(b"GET / HTTP/1.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n")
    assert caller.answers == 1


async def test_whitespace_around_the_value_of_a_header_is_none_of_it() -> None:
    caller = Caller()
    await caller.sends(b"GET / HTTP/1.1\r\nhost: \t x \r\nx-a: a \tb\t \r\nx-b: \r\n\r\n")
    assert caller.headers == [(b"host", b"x"), (b"x-a", b"a \tb"), (b"x-b", b"")]


async def test_a_connection_too_many_is_refused() -> None:
    total = Connections(2)
    callers = [Caller(total=total) for _ in range(3)]
    assert [caller.wire.closed for caller in callers] == [False, False, True]
    assert callers[2].wire.written.startswith(b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1")
    callers[2].leaves()
    assert total.open == 2


async def test_a_connection_that_ends_makes_room() -> None:
    total = Connections(1)
    first = Caller(total=total)
    first.leaves()
    assert total.open == 0
    assert first.timers.set_now == 0
    second = Caller(total=total)
    await second.sends(GET)
    assert second.answers == 1


async def test_a_stop_closes_a_connection_that_has_nothing_to_do() -> None:
    caller = Caller()
    caller.shut_down()
    assert caller.wire.closed


def test_the_configuration_serves_http_alone() -> None:
    config = ServerConfig(_no_application, LIMITS, Connections(1))
    assert (config.ws, config.timeout_keep_alive, config.lifespan) == ("none", 75, "off")


async def _no_application(*_: Any) -> None:
    raise AssertionError


async def test_a_request_whose_caller_leaves_is_given_up() -> None:
    caller = Caller()
    caller.release.clear()
    await caller.sends(GET)
    caller.leaves()
    await caller.sends()
    assert caller.given_up == 1
    assert caller.wire.written == b""


@pytest.mark.parametrize("sent", [b"", GET, b"hello\r\n\r\n", GET * 3, HEAD_OF_POST], ids=range(5))
async def test_a_connection_that_has_ended_is_no_garbage_to_be_collected(sent: bytes) -> None:
    caller = Caller()
    caller.release.clear()
    if sent:
        await caller.sends(sent)
    caller.leaves()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    ended = weakref.ref(caller._connection)
    gc.disable()
    try:
        del caller._connection
        assert ended() is None
    finally:
        gc.enable()


async def test_a_caller_that_leaves_after_its_answer_leaves_nothing_to_give_up() -> None:
    caller = Caller()
    await caller.sends(GET)
    caller.leaves()
    await caller.sends()
    assert (caller.answers, caller.given_up) == (1, 0)


@pytest.mark.parametrize("begun", [False, True])
async def test_a_request_that_takes_longer_than_a_stop_may_is_given_up(*, begun: bool) -> None:
    caller = Caller()
    caller.release.clear()
    caller.begins_at_once = begun
    await caller.sends(GET)
    caller.shut_down()
    assert not caller.wire.closed
    caller.times_out_the_stop()
    await caller.sends()
    status = b"HTTP/1.1 200 OK\r\n" if begun else b"HTTP/1.1 503 Service Unavailable\r\n"
    assert caller.wire.written.startswith(status)
    assert caller.wire.closed
    assert (caller.answers, caller.given_up) == (int(begun), 1)
