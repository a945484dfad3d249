"""Those who wait for one thing."""

from __future__ import annotations

import asyncio

import pytest

from naftiko_runtime.execute.resilience.line import CALLER
from naftiko_runtime.execute.resilience.waiting import Waiting

PATIENCE = 60.0


class NoRoom(Exception):
    """Others needed the room."""


class World:
    """Something that can be waited for.

    Attributes:
        handed_on: How often somebody was let in who had just gone.
    """

    def __init__(self) -> None:
        self.handed_on = 0
        self.waiting = Waiting(self._hand_on)

    def _hand_on(self) -> None:
        self.handed_on += 1

    async def waits(self) -> asyncio.Task[None]:
        task = asyncio.create_task(self.waiting.wait(PATIENCE))
        await asyncio.sleep(0)
        return task


async def test_who_waits_is_let_in() -> None:
    world = World()
    task = await world.waits()
    assert (len(world.waiting), world.waiting.turn) == (1, 2)
    assert world.waiting.let_in()
    await task
    assert (len(world.waiting), world.handed_on) == (0, 0)
    assert not world.waiting.let_in()


async def test_what_comes_too_late_is_handed_on() -> None:
    world = World()
    task = await world.waits()
    assert world.waiting.let_in()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (len(world.waiting), world.handed_on) == (0, 1)


async def test_who_has_gone_is_not_let_in() -> None:
    world = World()
    task = await world.waits()
    task.cancel()
    await asyncio.sleep(0)
    assert not world.waiting.let_in()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (len(world.waiting), world.handed_on) == (0, 0)


async def test_nobody_waits_longer_than_they_may() -> None:
    world = World()
    with pytest.raises(TimeoutError):
        await world.waiting.wait(0.0)
    assert len(world.waiting) == 0


async def test_a_line_without_anybody_else_has_no_room() -> None:
    world = World()
    task = await world.waits()
    with pytest.raises(NoRoom):
        world.waiting.make_room(NoRoom())
    task.cancel()


async def test_others_make_room_in_a_line() -> None:
    world = World()
    first, last = await world.waits(), await world.waits()
    CALLER.set("another")
    world.waiting.make_room(NoRoom())
    with pytest.raises(NoRoom):
        await last
    first.cancel()


async def test_who_goes_when_told_to_give_way_goes() -> None:
    world = World()
    first, last = await world.waits(), await world.waits()
    CALLER.set("another")
    asyncio.get_running_loop().call_soon(last.cancel)
    world.waiting.make_room(NoRoom())
    await asyncio.gather(last, return_exceptions=True)
    assert (len(world.waiting), world.handed_on) == (1, 0)
    first.cancel()
