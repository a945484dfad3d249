"""Those who wait for one thing, among all who wait."""

from __future__ import annotations

import asyncio

import pytest

from naftiko_runtime.execute.resilience.line import CALLER, Line
from naftiko_runtime.execute.resilience.waiting import Waiting

PATIENCE = 60.0


class NoRoom(Exception):
    """Others needed the room."""


class World:
    """Two things that can be waited for.

    Attributes:
        handed_on: How often somebody was let in who had just gone.
    """

    def __init__(self) -> None:
        self.everyone = Line()
        self.handed_on = 0
        self.one, self.other = (Waiting(self.everyone, self._hand_on) for _ in range(2))

    def _hand_on(self) -> None:
        self.handed_on += 1

    @property
    def lengths(self) -> tuple[int, int, int]:
        return len(self.one), len(self.other), len(self.everyone)


async def waits(waiting: Waiting, seconds: float = PATIENCE) -> asyncio.Task[None]:
    task = asyncio.create_task(waiting.wait(seconds))
    await asyncio.sleep(0)
    return task


async def test_who_waits_is_let_in_by_what_they_wait_for() -> None:
    world = World()
    task = await waits(world.one)
    assert world.lengths == (1, 0, 1)
    assert not world.other.let_in()
    assert world.one.let_in()
    await task
    assert (world.lengths, world.handed_on) == ((0, 0, 0), 0)


async def test_what_comes_too_late_is_handed_on() -> None:
    world = World()
    task = await waits(world.one)
    assert world.one.let_in()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (world.lengths, world.handed_on) == ((0, 0, 0), 1)


async def test_who_has_gone_is_not_let_in() -> None:
    world = World()
    task = await waits(world.one)
    task.cancel()
    await asyncio.sleep(0)
    assert not world.one.let_in()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (world.lengths, world.handed_on) == ((0, 0, 0), 0)


async def test_nobody_waits_longer_than_they_may() -> None:
    world = World()
    with pytest.raises(TimeoutError):
        await world.one.wait(0.0)
    assert world.lengths == (0, 0, 0)


async def test_who_waits_for_most_gives_way_whatever_it_is() -> None:
    world = World()
    first, last = await waits(world.one), await waits(world.other)
    assert world.everyone.give_way("another", NoRoom())
    assert not world.other.let_in()
    with pytest.raises(NoRoom):
        await last
    assert world.lengths == (1, 0, 1)
    assert world.one.let_in()
    await first


async def test_a_line_without_anybody_else_has_no_room() -> None:
    world = World()
    task = await waits(world.one)
    with pytest.raises(NoRoom):
        world.one.make_room(NoRoom())
    task.cancel()


async def test_others_make_room_in_a_line() -> None:
    world = World()
    tasks = [await waits(world.one) for _ in range(2)]
    CALLER.set("another")
    world.one.make_room(NoRoom())
    with pytest.raises(NoRoom):
        await tasks[1]
    tasks[0].cancel()


async def test_who_goes_when_told_to_give_way_goes() -> None:
    world = World()
    other, task = await waits(world.one), await waits(world.one)
    CALLER.set("another")
    asyncio.get_running_loop().call_soon(task.cancel)
    world.one.make_room(NoRoom())
    await asyncio.gather(task, return_exceptions=True)
    assert (world.lengths, world.handed_on) == ((1, 0, 1), 0)
    other.cancel()
