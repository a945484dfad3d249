"""Connections of callers: bounded in number and time. Time stands still here."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from naftiko_runtime.runtime.connection import ServerConfig
from naftiko_runtime.runtime.connections import Connections
from tests.runtime.caller import GET, HEAD_OF_POST, KEY, LIMITS, TIMED_OUT, Caller


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


async def test_a_caller_that_waits_to_be_told_to_go_on_is_told() -> None:
    caller = Caller()
    await caller.sends(HEAD_OF_POST.replace(b"host: x", b"host: x\r\nExpect: 100-Continue"))
    assert caller.wire.written == b"HTTP/1.1 100 Continue\r\n\r\n"
    await caller.sends(b"1234")
    assert caller.answers == 1


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
    caller.timers.passes(74.9)
    assert not caller.wire.closed
    caller.timers.passes(0.1)
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


async def test_half_a_body_behind_a_request_that_runs_is_no_reason_to_answer_that() -> None:
    caller = Caller()
    caller.release.clear()
    await caller.sends(GET + HEAD_OF_POST)
    caller.timers.passes(31)
    assert caller.wire.closed
    assert caller.wire.written == b""


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


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"", b""),
        (GET, b""),
        (GET[:10], TIMED_OUT),
        (HEAD_OF_POST, TIMED_OUT),
    ],
    ids=["nothing", "an answered request", "half a head", "no body"],
)
async def test_an_address_with_many_connections_gives_way_to_another(
    sent: bytes, expected: bytes
) -> None:
    total = Connections(2)
    greedy = [Caller(total=total, address="192.0.2.1") for _ in range(2)]
    for caller in greedy:
        await caller.sends(sent)
    answers = greedy[0].wire.written
    modest = Caller(total=total, address="192.0.2.2")
    assert [caller.wire.closed for caller in (*greedy, modest)] == [True, False, False]
    assert greedy[0].wire.written.removeprefix(answers).startswith(expected)
    await modest.sends(GET)
    assert modest.answers == 1
    greedy[0].leaves()
    assert total.open == 2


@pytest.mark.parametrize("behind", [b"", GET, GET[:10], HEAD_OF_POST], ids=range(4))
async def test_a_request_that_is_being_answered_gives_way_to_nobody(behind: bytes) -> None:
    total = Connections(2)
    greedy = [Caller(total=total, address="192.0.2.1") for _ in range(2)]
    for caller in greedy:
        caller.release.clear()
        await caller.sends(GET + behind)
    modest = Caller(total=total, address="192.0.2.2")
    assert modest.wire.written.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert not any(caller.wire.closed for caller in greedy)


async def test_a_stop_closes_a_connection_that_has_nothing_to_do() -> None:
    caller = Caller()
    caller.shut_down()
    assert caller.wire.closed


def test_the_configuration_serves_http_alone() -> None:
    config = ServerConfig(_no_application, LIMITS, Connections(1), KEY)
    assert (config.ws, config.lifespan) == ("none", "off")


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
    assert caller.leaves_nothing()


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


async def test_an_answer_that_a_stop_breaks_off_is_not_mixed_with_one_to_a_request_behind() -> None:
    caller = Caller()
    caller.release.clear()
    caller.begins_at_once = True
    await caller.sends(GET * 2)
    caller.times_out_the_stop()
    await caller.sends()
    assert caller.wire.written.count(b"HTTP/1.1 ") == 1
    assert caller.wire.closed
