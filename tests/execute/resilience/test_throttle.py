"""Tokens, and the line of those who wait for one."""

from __future__ import annotations

import asyncio
from contextvars import copy_context

import pytest

from naftiko_runtime.errors import UpstreamRateLimited
from naftiko_runtime.execute.resilience.line import CALLER
from naftiko_runtime.execute.resilience.throttle import Throttle
from naftiko_runtime.execute.resilience.timing import Timing
from tests.timing import StoodStill

PATIENCE = 60.0


class World:
    """A throttle whose one token is used up, and time that passes when it is told to."""

    def __init__(self, seconds: float = 1.0) -> None:
        self.clock = StoodStill()
        self._seconds = seconds
        self._passes = asyncio.Event()
        timing = Timing(self.clock, self.clock, self._sleep, lambda: 1.0)
        self.throttle = Throttle(1 / seconds, 1, timing)
        assert self.throttle._tokens.take()

    @property
    def waiting(self) -> int:
        return len(self.throttle._waiting)

    async def passes(self, tokens: int = 1) -> None:
        """Let so much time pass that so many tokens drip in, one after the other."""
        for _ in range(tokens):
            self.clock.now += self._seconds
            self._passes.set()
            await _turns()

    async def _sleep(self, _: float) -> None:
        await self._passes.wait()
        self._passes.clear()

    async def asks(
        self, caller: str = "", number: int = 1, seconds: float = PATIENCE
    ) -> list[asyncio.Task[None]]:
        """Return requests of a caller."""
        context = copy_context()
        context.run(CALLER.set, caller)
        passing = [
            asyncio.create_task(self.throttle.pass_through(seconds), context=context)
            for _ in range(number)
        ]
        await _turns()
        return passing


async def _turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_who_comes_first_has_the_first_token() -> None:
    world = World()
    first, second = await world.asks(number=2)
    await world.passes()
    assert (first.done(), second.done()) == (True, False)
    await world.passes()
    assert second.done()
    assert world.waiting == 0


async def test_who_comes_when_others_wait_takes_no_token_before_them() -> None:
    world = World()
    [first] = await world.asks()
    world.clock.now += 1
    [second] = await world.asks()
    assert not second.done()
    await world.passes(0)
    await world.passes()
    assert first.done()
    await world.passes()
    await second


async def test_callers_take_turns_however_much_one_of_them_asks() -> None:
    world = World()
    greedy = await world.asks("greedy", 5)
    [modest] = await world.asks("modest")
    await world.passes(2)
    assert modest.done()
    assert [one.done() for one in greedy] == [True] + 4 * [False]
    for one in greedy:
        one.cancel()


async def test_the_line_is_as_long_as_the_time_allows() -> None:
    world = World()
    await world.asks("greedy", 3, seconds=3.5)
    [refused] = await world.asks("greedy", seconds=3.5)
    with pytest.raises(UpstreamRateLimited) as caught:
        await refused
    assert (caught.value.retry_after_seconds, caught.value.unsent) == (4, True)


async def test_a_line_that_is_full_for_one_caller_is_not_for_another() -> None:
    world = World()
    greedy = await world.asks("greedy", 3, seconds=3.5)
    [modest] = await world.asks("modest", seconds=3.5)
    await world.passes(2)
    assert [one.done() for one in (*greedy, modest)] == [True, False, False, True]
    await world.passes(2)
    await asyncio.gather(*greedy)


async def test_who_can_not_wait_for_their_turn_is_told_at_once() -> None:
    world = World()
    greedy = await world.asks("greedy", 3)
    [hasty] = await world.asks("hasty", seconds=1.5)
    with pytest.raises(UpstreamRateLimited) as caught:
        await hasty
    assert caught.value.retry_after_seconds == 2
    assert not any(one.done() for one in greedy)
    await world.passes(3)


async def test_nobody_waits_longer_than_they_may() -> None:
    world = World(seconds=0.001)
    [late] = await world.asks(seconds=0.002)
    with pytest.raises(UpstreamRateLimited) as caught:
        await late
    assert caught.value.retry_after_seconds == pytest.approx(0.001)
    assert world.waiting == 0


async def test_who_comes_when_the_last_has_just_left_is_let_in_too() -> None:
    world = World()
    [gone] = await world.asks()
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    [after] = await world.asks()
    await world.passes()
    await after


async def test_a_token_for_someone_who_has_just_gone_goes_to_the_next_at_once() -> None:
    world = World()
    gone, waiting = await world.asks(number=2)
    world.clock.now += 1
    world.throttle._tokens.use()
    world.throttle._hand_on()
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    await waiting
    assert not world.throttle._tokens.take()


async def test_a_token_for_someone_who_has_just_gone_is_there_for_others() -> None:
    world = World()
    [gone] = await world.asks()
    world.clock.now += 1
    world.throttle._tokens.use()
    world.throttle._hand_on()
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    await world.throttle.pass_through(0.0)


async def test_nothing_runs_when_nobody_waits() -> None:
    before = asyncio.all_tasks()
    world = World()
    served, gone = await world.asks(number=2)
    await world.passes()
    await served
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    await _turns()
    assert asyncio.all_tasks() == before
