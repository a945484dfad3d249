"""Places, and the line of those who wait for one."""

from __future__ import annotations

import asyncio

import pytest

from naftiko_runtime.errors import UpstreamBusy
from naftiko_runtime.execute.resilience.bulkhead import Bulkhead

PATIENCE = 5.0


async def waiting(bulkhead: Bulkhead) -> asyncio.Task[None]:
    """Return someone who waits in line."""
    task = asyncio.create_task(bulkhead.enter(PATIENCE))
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
