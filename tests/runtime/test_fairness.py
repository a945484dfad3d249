"""Requests of one address wait in line where others ask, too."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable
from itertools import pairwise
from typing import Any, cast

import pytest

from naftiko_runtime.runtime.connections import Connections
from naftiko_runtime.runtime.fairness import AT_ONCE, LATELY_SECONDS, Lines
from tests.runtime.caller import GET, HEAD_OF_POST, TIMED_OUT, Caller

FLOOD = 5 * AT_ONCE


class Asker:
    """A connection that has a request."""

    def __init__(self, name: str, begun: list[str]) -> None:
        self.name = name
        self._begun = begun

    def begin(self) -> None:
        self._begun.append(self.name)


class Loop:
    """An event loop whose turns a test takes, as it lets time pass."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.lines = Lines()
        self.waiting: dict[str, Asker] = {}
        self._begun: list[str] = []
        self._soon: list[tuple[Callable[..., None], Any]] = []

    def time(self) -> float:
        return self.now

    def call_soon(self, act: Callable[..., None], *rest: Any) -> None:
        self._soon.append((act, rest))

    def asks(self, *names: str) -> list[str]:
        """Have requests arrive, each from the address of its first letter; return what begins."""
        for name in names:
            self.waiting[name] = Asker(name, self._begun)
            self.lines.enter(cast("Any", self), name[0], self.waiting[name])
        return self._seen()

    def turn(self) -> list[str]:
        """Take a turn; return what has begun in it."""
        due, self._soon = self._soon, []
        for act, rest in due:
            act(*rest)
        return self._seen()

    def _seen(self) -> list[str]:
        begun, self._begun[:] = [*self._begun], []
        for name in begun:
            del self.waiting[name]
        return begun

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is left to do."""
        return not self._soon


def _flood(address: str = "a", first: int = 0, many: int = FLOOD) -> list[str]:
    return [f"{address}{number}" for number in range(first, first + many)]


def test_where_one_address_asks_nothing_waits() -> None:
    loop = Loop()
    assert loop.asks(*_flood()) == _flood()
    assert loop.is_at_rest
    assert loop.lines.only == "a"


def test_where_others_ask_an_address_begins_few_in_a_turn_and_the_rest_in_the_next() -> None:
    loop = Loop()
    assert loop.asks("b", *_flood()) == ["b", *_flood(many=AT_ONCE)]
    for first in range(AT_ONCE, FLOOD, AT_ONCE):
        assert loop.turn() == _flood(first=first, many=AT_ONCE)
    assert loop.turn() == []
    assert loop.is_at_rest


def test_nobody_waits_for_the_line_of_another() -> None:
    loop = Loop()
    loop.asks("b", *_flood())
    loop.turn()
    assert loop.asks("b", "c") == ["b", "c"]


def test_addresses_take_turns() -> None:
    loop = Loop()
    loop.asks(*_flood("a"), *_flood("b"), *_flood("c"))
    two = [*_flood("b", AT_ONCE, AT_ONCE), *_flood("c", AT_ONCE, AT_ONCE)]
    assert loop.turn() == two


def test_who_comes_while_others_wait_goes_behind_them() -> None:
    loop = Loop()
    loop.asks("b", *_flood())
    loop.turn()
    assert loop.asks("a-late") == []
    assert [*_turns(loop)][-1] == "a-late"


def test_in_a_new_turn_an_address_may_begin_again() -> None:
    loop = Loop()
    loop.asks("b", *_flood(many=AT_ONCE))
    assert loop.turn() == []
    assert loop.asks(*_flood(many=AT_ONCE)) == _flood(many=AT_ONCE)


def test_who_leaves_does_not_begin_and_is_forgotten() -> None:
    loop = Loop()
    loop.asks("b", *_flood())
    left = loop.waiting.pop(f"a{AT_ONCE}")
    forgotten = weakref.ref(left)
    loop.lines.leave("a", left)
    del left
    assert forgotten() is None
    assert [*_turns(loop)] == _flood(first=AT_ONCE + 1, many=FLOOD - AT_ONCE - 1)


def test_a_line_that_everybody_left_is_forgotten() -> None:
    loop = Loop()
    loop.asks("b", *_flood())
    for asker in loop.waiting.values():
        loop.lines.leave("a", asker)
    loop.waiting.clear()
    assert loop.turn() == []
    assert loop.asks("a") == ["a"]


def test_who_does_not_wait_may_leave() -> None:
    loop = Loop()
    loop.asks("b", *_flood())
    loop.lines.leave("a", Asker("a-other", []))
    loop.lines.leave("c", Asker("c", []))
    assert [*_turns(loop)] == _flood(first=AT_ONCE, many=FLOOD - AT_ONCE)


def test_when_no_other_has_asked_for_a_while_all_that_wait_begin() -> None:
    loop = Loop()
    loop.asks("b", *_flood())
    loop.now += LATELY_SECONDS
    assert loop.turn() == _flood(first=AT_ONCE, many=FLOOD - AT_ONCE)
    assert loop.asks(*_flood()) == _flood()
    assert loop.lines.only == "a"


def test_who_asks_now_and_then_keeps_an_address_in_line() -> None:
    loop = Loop()
    for _ in range(3):
        loop.asks("b")
        loop.now += LATELY_SECONDS * 0.9
        assert loop.asks(*_flood()) == _flood(many=AT_ONCE)
        assert [*_turns(loop)] == _flood(first=AT_ONCE, many=FLOOD - AT_ONCE)


def test_two_that_wait_keep_their_turns_however_long_it_takes() -> None:
    loop = Loop()
    loop.asks(*_flood("a"), *_flood("b"), *_flood("c"))
    loop.now += 10 * LATELY_SECONDS
    two = [*_flood("b", AT_ONCE, AT_ONCE), *_flood("c", AT_ONCE, AT_ONCE)]
    assert loop.turn() == two


def _turns(loop: Loop) -> list[str]:
    begun: list[str] = []
    while not loop.is_at_rest:
        begun += loop.turn()
    return begun


class Crowd:
    """A caller, and another address with many connections on which it has just asked."""

    def __init__(self, sent: bytes = GET) -> None:
        total = Connections(100)
        self.other = Caller(total=total, address="192.0.2.1")
        self.flood = [Caller(total=total, address="192.0.2.2") for _ in range(FLOOD)]
        self.other._connection.data_received(GET)
        for caller in self.flood:
            caller._connection.data_received(sent)

    @property
    def answers(self) -> list[int]:
        """How many requests of each connection of the flood were answered."""
        return [caller.answers for caller in self.flood]

    async def answers_in_a_turn(self, turns: int) -> int:
        """Return how many requests of the flood were answered in one turn at most."""
        seen = [sum(self.answers)]
        for _ in range(turns):
            await asyncio.sleep(0)
            seen.append(sum(self.answers))
        return max(after - before for before, after in pairwise(seen))


async def test_a_flood_is_answered_little_by_little_and_another_at_once() -> None:
    crowd = Crowd()
    assert await crowd.answers_in_a_turn(FLOOD) == AT_ONCE
    assert crowd.other.answers == 1
    assert crowd.answers == [1] * FLOOD


async def test_addresses_of_one_network_are_one_flood() -> None:
    total = Connections(100)
    callers = [Caller(total=total, address=f"2001:db8::{number}") for number in range(1, FLOOD)]
    Caller(total=total, address="192.0.2.1")._connection.data_received(GET)
    for caller in callers:
        caller._connection.data_received(GET)
    await asyncio.sleep(0)
    assert sum(caller.answers for caller in callers) == AT_ONCE


async def test_what_comes_on_one_connection_goes_through_the_same_door() -> None:
    crowd = Crowd(GET * 3)
    assert await crowd.answers_in_a_turn(3 * FLOOD) == AT_ONCE
    assert crowd.answers == [3] * FLOOD


async def test_a_connection_that_is_lost_while_it_waits_leaves_no_trace() -> None:
    crowd = Crowd()
    caller = crowd.flood.pop()
    lost = weakref.ref(caller._connection)
    gc.disable()
    try:
        caller.leaves()
        del caller._connection
        assert lost() is None
    finally:
        gc.enable()
    await crowd.other.sends()
    assert caller.heard == []
    assert caller.is_idle
    assert crowd.answers == [1] * (FLOOD - 1)


async def test_a_request_that_waits_longer_than_a_stop_may_is_given_up() -> None:
    crowd = Crowd(GET * 2)
    last = crowd.flood[-1]
    last.times_out_the_stop()
    await last.sends()
    assert last.wire.written.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert last.wire.written.count(b"HTTP/1.1 ") == 1
    assert last.wire.closed
    assert last.heard == []


async def test_a_stop_lets_what_waits_be_answered() -> None:
    crowd = Crowd()
    for caller in crowd.flood:
        caller.shut_down()
    await crowd.other.sends()
    assert crowd.answers == [1] * FLOOD
    assert all(caller.wire.closed for caller in crowd.flood)


@pytest.mark.parametrize("passed", [30.0, 31.0])
async def test_a_body_has_its_time_also_while_its_request_waits(passed: float) -> None:
    crowd = Crowd(HEAD_OF_POST)
    last = crowd.flood[-1]
    last.timers.passes(passed)
    assert last.wire.written.startswith(TIMED_OUT) == (passed > 30.0)
    await last.sends()
    assert last.answers == 0


async def test_a_request_that_waits_is_none_that_is_awaited() -> None:
    crowd = Crowd()
    last = crowd.flood[-1]
    last.timers.passes(3600)
    assert not last.wire.closed
    await last.sends()
    assert last.answers == 1
