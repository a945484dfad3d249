"""Another process for large bodies: when it ends, by itself and with what it serves."""

from __future__ import annotations

import asyncio

import pytest

from tests.runtime.lines import turns
from tests.runtime.sidings import World, warnings


@pytest.fixture
async def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


async def test_a_process_that_ends_by_itself_is_replaced(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    assert await world.takes()
    world.processes[0].ends(-9)
    await turns()
    assert world.processes[0].is_ending, "what belongs to it is closed"
    assert warnings(caplog) == ["the process that answers requests with large bodies ended (-9)"]
    assert len(world.asked) == 1
    assert await world.takes()
    assert len(world.processes[1].taken) == 1


async def test_a_reload_ends_the_process_when_it_has_finished_and_starts_another(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    assert await world.takes()
    first = world.processes[0]
    world.may_end.clear()
    world.siding.retire()
    assert await world.takes()
    assert first.is_ending
    assert (len(first.taken), len(world.processes[1].taken)) == (1, 1)
    world.may_end.set()
    await turns()
    assert warnings(caplog) == [], "its end was asked for"
    assert await world.takes()
    assert len(world.asked) == 2


async def test_a_reload_gives_up_what_is_being_started(world: World) -> None:
    world.release.clear()
    request = asyncio.create_task(world.takes())
    await turns()
    world.siding.retire()
    assert not await request
    assert world.given_up == 1
    world.release.set()
    assert await world.takes()
    assert len(world.asked) == 2


async def test_a_start_that_fails_when_it_is_given_up_keeps_no_other_from_being_made(
    world: World,
) -> None:
    world.release.clear()
    request = asyncio.create_task(world.takes())
    await turns()
    world.failure = OSError("it can't be ended")
    world.siding.retire()
    assert not await request
    world.failure = None
    world.release.set()
    assert await world.takes()


async def test_a_close_waits_for_the_process_to_end(world: World) -> None:
    assert await world.takes()
    world.may_end.clear()
    closing = asyncio.create_task(world.siding.aclose())
    await turns()
    assert world.processes[0].is_ending
    assert not closing.done()
    world.may_end.set()
    await closing


async def test_after_a_close_no_other_process_starts(world: World) -> None:
    assert await world.takes()
    await world.siding.aclose()
    assert not await world.takes()
    assert len(world.asked) == 1


async def test_a_close_waits_for_starts_that_are_given_up(world: World) -> None:
    before = asyncio.all_tasks()
    world.release.clear()
    world.may_end.clear()
    request = asyncio.create_task(world.takes())
    await turns()
    world.siding.retire()
    await turns()
    closing = asyncio.create_task(world.siding.aclose())
    await turns()
    assert world.given_up == 1
    assert not closing.done()
    world.may_end.set()
    await closing
    assert not await request
    assert asyncio.all_tasks() == before


async def test_a_close_waits_for_a_process_of_other_files_to_end(world: World) -> None:
    world.state = "another"
    world.may_end.clear()
    assert not await world.takes()
    closing = asyncio.create_task(world.siding.aclose())
    await turns()
    assert not closing.done()
    world.may_end.set()
    await closing
