"""Places, and the line of those who wait for one."""

from __future__ import annotations

import asyncio
from contextvars import copy_context

import pytest

from naftiko_runtime.errors import UpstreamBusy
from naftiko_runtime.execute.resilience.bulkhead import Bulkhead
from naftiko_runtime.execute.resilience.line import CALLER

PATIENCE = 60.0


async def waiting(bulkhead: Bulkhead, caller: str = "") -> asyncio.Task[None]:
    """Return someone who waits in line."""
    context = copy_context()
    context.run(CALLER.set, caller)
    task = asyncio.create_task(bulkhead.enter(PATIENCE), context=context)
    await asyncio.sleep(0)
    return task


async def test_there_are_as_many_places_as_the_limit_says() -> None:
    bulkhead = Bulkhead(2, 0)
    await bulkhead.enter(PATIENCE)
    await bulkhead.enter(PATIENCE)
    with pytest.raises(UpstreamBusy, match="2 requests run at the upstream API and 0 wait"):
        await bulkhead.enter(PATIENCE)


async def test_a_place_that_is_given_back_can_be_taken() -> None:
    bulkhead = Bulkhead(1, 0)
    for _ in range(3):
        await bulkhead.enter(PATIENCE)
        bulkhead.leave()
    assert bulkhead.taken == 0


async def test_who_waits_first_is_let_in_first() -> None:
    bulkhead = Bulkhead(1, 2)
    await bulkhead.enter(PATIENCE)
    first, second = await waiting(bulkhead), await waiting(bulkhead)
    bulkhead.leave()
    await first
    assert not second.done()
    assert bulkhead.taken == 1
    bulkhead.leave()
    await second


async def test_the_line_is_bounded() -> None:
    bulkhead = Bulkhead(1, 1)
    await bulkhead.enter(PATIENCE)
    first = await waiting(bulkhead)
    with pytest.raises(UpstreamBusy) as caught:
        await bulkhead.enter(PATIENCE)
    assert caught.value.retry_after_seconds == 1.0
    assert caught.value.unsent
    bulkhead.leave()
    await first


async def test_nobody_waits_longer_than_they_may() -> None:
    bulkhead = Bulkhead(1, 1)
    await bulkhead.enter(PATIENCE)
    with pytest.raises(UpstreamBusy, match="none ended in time"):
        await bulkhead.enter(0.0)
    assert (await waiting(bulkhead)).cancel(), "there is room in line again"


async def test_who_goes_away_makes_room_in_line() -> None:
    bulkhead = Bulkhead(1, 1)
    await bulkhead.enter(PATIENCE)
    first = await waiting(bulkhead)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    second = await waiting(bulkhead)
    bulkhead.leave()
    await second


async def test_a_place_for_someone_who_has_just_gone_goes_to_the_next() -> None:
    bulkhead = Bulkhead(1, 2)
    await bulkhead.enter(PATIENCE)
    first, second = await waiting(bulkhead), await waiting(bulkhead)
    bulkhead.leave()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await second
    bulkhead.leave()
    assert bulkhead.taken == 0


async def test_those_who_have_gone_are_passed_over() -> None:
    bulkhead = Bulkhead(1, 2)
    await bulkhead.enter(PATIENCE)
    first, second = await waiting(bulkhead), await waiting(bulkhead)
    first.cancel()
    bulkhead.leave()
    await second
    assert bulkhead.taken == 1


async def test_a_place_goes_to_callers_in_turn_however_much_one_of_them_asks() -> None:
    bulkhead = Bulkhead(1, 9)
    await bulkhead.enter(PATIENCE)
    greedy = [await waiting(bulkhead, "greedy") for _ in range(5)]
    modest = [await waiting(bulkhead, "modest") for _ in range(2)]
    for _ in range(4):
        bulkhead.leave()
    await asyncio.gather(*greedy[:2], *modest)
    assert not any(one.done() for one in greedy[2:])
    for one in greedy:
        one.cancel()


async def test_who_has_most_of_a_full_line_gives_way_to_others() -> None:
    bulkhead = Bulkhead(1, 3)
    await bulkhead.enter(PATIENCE)
    greedy = [await waiting(bulkhead, "greedy") for _ in range(3)]
    modest = await waiting(bulkhead, "modest")
    with pytest.raises(UpstreamBusy, match="1 requests run at the upstream API and 3 wait"):
        await greedy[2]
    bulkhead.leave()
    bulkhead.leave()
    await asyncio.gather(greedy[0], modest)
    greedy[1].cancel()


async def test_nobody_gives_way_to_who_would_have_as_much() -> None:
    bulkhead = Bulkhead(1, 2)
    await bulkhead.enter(PATIENCE)
    waiters = [await waiting(bulkhead, caller) for caller in ("one", "other")]
    refused = [await waiting(bulkhead, caller) for caller in ("one", "third")]
    for one in refused:
        with pytest.raises(UpstreamBusy):
            await one
    bulkhead.leave()
    bulkhead.leave()
    await asyncio.gather(*waiters)


async def test_who_has_just_gone_needs_not_give_way() -> None:
    bulkhead = Bulkhead(1, 2)
    await bulkhead.enter(PATIENCE)
    first, second = [await waiting(bulkhead, "greedy") for _ in range(2)]
    second.cancel()
    modest = await waiting(bulkhead, "modest")
    with pytest.raises(asyncio.CancelledError):
        await second
    bulkhead.leave()
    bulkhead.leave()
    await asyncio.gather(first, modest)
    bulkhead.leave()
    assert bulkhead.taken == 0


async def test_who_goes_away_when_told_to_give_way_takes_no_place_along() -> None:
    bulkhead = Bulkhead(1, 2)
    await bulkhead.enter(PATIENCE)
    first, second = [await waiting(bulkhead, "greedy") for _ in range(2)]
    modest = asyncio.create_task(bulkhead.enter(PATIENCE))
    asyncio.get_running_loop().call_soon(second.cancel)
    await asyncio.gather(second, return_exceptions=True)
    bulkhead.leave()
    bulkhead.leave()
    await asyncio.gather(first, modest)
    bulkhead.leave()
    assert bulkhead.taken == 0
