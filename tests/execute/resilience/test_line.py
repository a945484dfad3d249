"""The line of those who wait for their turn."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naftiko_runtime.execute.resilience.line import Line, Waiter

CALLERS = st.sampled_from(["a", "b", "c"])


class NoRoom(Exception):
    """Others needed the room."""


def joined(line: Line, callers: str) -> list[Waiter]:
    """Return waiters of callers, which have joined a line one after the other."""
    waiters = [Waiter(caller) for caller in callers]
    for one in waiters:
        line.join(one)
    return waiters


def gave_way(waiter: Waiter) -> bool:
    """Return whether somebody has been told to give way."""
    return waiter.admission.done() and isinstance(waiter.admission.exception(), NoRoom)


async def test_nobody_is_next_in_an_empty_line() -> None:
    line = Line()
    assert (len(line), line.next(), line.give_way("a", NoRoom())) == (0, None, False)


async def test_callers_take_turns_and_each_has_its_own_order() -> None:
    line = Line()
    a, b, c, d, e, f = joined(line, "aaabba")
    assert [*iter(line.next, None)] == [a, d, b, e, c, f]
    assert len(line) == 0


async def test_who_left_is_not_next() -> None:
    line = Line()
    first, second = joined(line, "aa")
    line.leave(first)
    line.leave(first)
    line.leave(Waiter("b"))
    assert (len(line), line.next()) == (1, second)


async def test_the_last_of_who_has_most_gives_way() -> None:
    line = Line()
    waiters = joined(line, "abbba")
    assert line.give_way("c", NoRoom())
    assert not line.give_way("a", NoRoom())
    assert [gave_way(one) for one in waiters] == [False, False, False, True, False]
    assert len(line) == 4


async def test_a_turn_comes_after_the_own_ones_and_as_many_of_each_other() -> None:
    line = Line()
    assert line.turn("a") == 1
    joined(line, "aaabc")
    assert [line.turn(caller) for caller in "abcd"] == [6, 5, 5, 4]


async def test_only_who_was_let_in_is_let_in() -> None:
    let_in, gone, refused, waiting = (Waiter("a") for _ in range(4))
    let_in.admission.set_result(None)
    gone.admission.cancel()
    refused.admission.set_exception(NoRoom())
    assert [one.is_let_in for one in (let_in, gone, refused, waiting)] == [True] + 3 * [False]
    with pytest.raises(NoRoom):
        await refused.admission


@given(st.lists(st.tuples(st.sampled_from(["join", "next", "give way", "leave"]), CALLERS)))
def test_callers_take_turns_whatever_happens_in_between(
    steps: list[tuple[str, str]],
) -> None:
    async def run() -> None:
        line, waiting = Line(), list[Waiter]()
        passed = Counter[str]()
        for step, caller in steps:
            counts = Counter(one.caller for one in waiting)
            if step == "join":
                turn = line.turn(caller)
                assert counts[caller] < turn <= len(waiting) + 1
                waiting += joined(line, caller)
            elif step == "next":
                waiter = line.next()
                assert (waiter is None) == (not waiting)
                if waiter is not None:
                    waiting.remove(waiter)
                    passed.update({one.caller for one in waiting} - {waiter.caller})
                    passed[waiter.caller] = 0
                    assert max(passed.values()) <= 2
            elif step == "give way":
                if line.give_way(caller, NoRoom()):
                    [given_up] = [one for one in waiting if gave_way(one)]
                    assert counts[given_up.caller] == max(counts.values()) > counts[caller] + 1
                    waiting.remove(given_up)
            elif waiting:
                line.leave(waiting.pop(0))
            passed = Counter({one.caller: passed[one.caller] for one in waiting})
            assert len(line) == len(waiting)

    asyncio.run(run())
