"""The line of those who wait for a place."""

from __future__ import annotations

import asyncio
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from naftiko_runtime.execute.resilience.line import Line

CALLERS = st.sampled_from(["a", "b", "c"])


async def test_nobody_is_next_in_an_empty_line() -> None:
    line = Line()
    assert (len(line), line.next(), line.give_way("a")) == (0, None, None)


async def test_callers_take_turns_and_each_has_its_own_order() -> None:
    line = Line()
    joined = {(caller, n): line.join(caller) for caller, n in zip("aaabba", range(6), strict=True)}
    names = {waiter: name for name, waiter in joined.items()}
    order = [names[waiter] for waiter in iter(line.next, None) if waiter is not None]
    assert order == [("a", 0), ("b", 3), ("a", 1), ("b", 4), ("a", 2), ("a", 5)]
    assert len(line) == 0


async def test_who_left_is_not_next() -> None:
    line = Line()
    first, second = line.join("a"), line.join("a")
    line.leave("a", first)
    line.leave("a", first)
    line.leave("b", second)
    assert (len(line), line.next()) == (1, second)


async def test_the_last_of_who_has_most_gives_way() -> None:
    line = Line()
    waiters = [line.join(caller) for caller in "abbba"]
    assert line.give_way("c") is waiters[3]
    assert line.give_way("a") is None
    assert len(line) == 4


@given(st.lists(st.tuples(st.sampled_from(["join", "next", "give way", "leave"]), CALLERS)))
def test_callers_take_turns_whatever_happens_in_between(
    steps: list[tuple[str, str]],
) -> None:
    async def run() -> None:
        line, waiting = Line(), dict[asyncio.Future[None], str]()
        passed = Counter[str]()
        for step, caller in steps:
            if step == "join":
                waiting[line.join(caller)] = caller
            elif step == "next":
                waiter = line.next()
                assert (waiter is None) == (not waiting)
                if waiter is not None:
                    served = waiting.pop(waiter)
                    assert waiter not in waiting
                    passed.update({one for one in waiting.values() if one != served})
                    passed[served] = 0
                    assert max(passed.values()) <= 2
            elif step == "give way":
                given_up = line.give_way(caller)
                if given_up is not None:
                    counts = Counter(waiting.values())
                    assert counts[waiting[given_up]] == max(counts.values()) > counts[caller] + 1
                    del waiting[given_up]
            elif waiting:
                waiter, of = next(iter(waiting.items()))
                line.leave(of, waiter)
                del waiting[waiter]
            passed = Counter({one: passed[one] for one in set(waiting.values())})
            assert len(line) == len(waiting)

    asyncio.run(run())
