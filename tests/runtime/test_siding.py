"""Another process for large bodies: when it starts, and what is done without it."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from naftiko_runtime.load.stamps import digest
from naftiko_runtime.runtime import siding
from naftiko_runtime.runtime.beside import NotStarted
from naftiko_runtime.runtime.siding import START_SECONDS
from tests.runtime.caller import KEY
from tests.runtime.lines import turns
from tests.runtime.sidings import CALLER, PATHS, SETTINGS, World, warnings


@pytest.fixture
async def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


async def test_there_is_no_process_before_there_is_a_request(world: World) -> None:
    await turns()
    world.siding.tell()
    await world.siding.aclose()
    assert world.asked == []


async def test_a_process_serves_what_is_served_here(world: World) -> None:
    world.siding.keys = lambda: [KEY]
    assert await world.takes()
    assert world.asked == [(PATHS, SETTINGS, b"nonce", [KEY], None)]


async def test_a_request_is_handed_over_as_it_was_read(world: World) -> None:
    assert await world.takes(b"large")
    request = b"POST /a HTTP/1.1\r\ncontent-length: 5\r\n\r\nlarge"
    assert world.processes[0].taken == [(KEY, world, request)]


async def test_one_process_starts_for_many_requests(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    world.release.clear()
    requests = asyncio.gather(*(world.takes() for _ in range(5)))
    await turns()
    assert world.processes == []
    world.release.set()
    assert await requests == [True] * 5
    assert await world.takes()
    assert (len(world.asked), len(world.processes[0].taken)) == (1, 6)
    assert [one.getMessage() for one in caplog.records] == [
        "requests with large bodies are answered by a process of their own"
    ]


async def test_a_process_does_not_belong_to_the_request_that_starts_it(world: World) -> None:
    CALLER.set("first")
    assert await world.takes()
    assert world.context is None


async def test_a_caller_that_leaves_does_not_end_the_start(world: World) -> None:
    world.release.clear()
    first, second = (asyncio.create_task(world.takes()) for _ in range(2))
    await turns()
    first.cancel()
    await turns()
    world.release.set()
    assert await second
    assert (len(world.asked), world.given_up) == (1, 0)


async def test_what_a_process_does_not_take_is_answered_here(world: World) -> None:
    assert await world.takes()
    world.processes[0].takes = False
    assert not await world.takes()
    assert len(world.asked) == 1


async def test_without_descriptors_a_request_is_answered_here(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def none() -> Any:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(siding, "request_file", none)
    assert not await world.takes()
    (told,) = warnings(caplog)
    assert "is answered here" in told
    assert "Too many open files" in told


@pytest.mark.parametrize(
    "failure",
    [NotStarted("it could not start"), OSError("no process"), ValueError("no line")],
    ids=lambda failure: type(failure).__name__,
)
async def test_a_start_that_fails_is_not_repeated_for_a_minute(
    world: World, failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    world.failure = failure
    assert not await world.takes()
    assert warnings(caplog) == [
        f"requests with large bodies are answered here, in turns: {failure}"
    ]
    await world.passes(59.9)
    world.failure = None
    assert not await world.takes()
    assert len(world.asked) == 1
    await world.passes(0.2)
    assert await world.takes()


async def test_the_minute_begins_when_the_start_has_failed(world: World) -> None:
    world.release.clear()
    world.failure = NotStarted("at last")
    request = asyncio.create_task(world.takes())
    await turns()
    await world.passes(100)
    assert not await request
    world.release.set()
    await turns()
    await world.passes(59.9)
    assert not await world.takes()
    assert len(world.asked) == 1


async def test_a_reload_lets_a_start_that_failed_be_repeated_at_once(world: World) -> None:
    world.failure = NotStarted("it could not start")
    assert not await world.takes()
    world.failure = None
    world.siding.retire()
    assert await world.takes()


async def test_requests_wait_for_a_start_only_so_long(world: World) -> None:
    world.release.clear()
    first = asyncio.create_task(world.takes())
    await turns()
    await world.passes(START_SECONDS - 0.1)
    second = asyncio.create_task(world.takes())
    await turns()
    assert not first.done()
    await world.passes(0.2)
    assert (await first, await second, await world.takes()) == (False, False, False)
    world.release.set()
    await turns()
    assert await world.takes()
    assert len(world.asked) == 1


async def test_a_start_that_does_not_end_is_given_up(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.release.clear()
    request = asyncio.create_task(world.takes())
    await turns()
    await world.passes(121)
    assert not await request
    assert world.given_up == 1
    (told,) = warnings(caplog)
    assert told.endswith("another process took too long to start")


async def test_a_process_of_other_files_is_ended_and_there_is_no_other_before_a_reload(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.state = "another"
    assert not await world.takes()
    assert world.processes[0].is_ending
    assert world.processes[0].taken == []
    (told,) = warnings(caplog)
    assert told.endswith("files have changed since they were loaded")
    world.state = digest(world.files.stamps)
    await world.passes(1_000_000)
    assert not await world.takes()
    assert len(world.asked) == 1
    world.siding.retire()
    assert await world.takes()


async def test_files_that_can_not_be_served_as_they_are_now_start_no_process(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.files.is_as_files_say = False
    assert not await world.takes()
    (told,) = warnings(caplog)
    assert told.endswith("a file has changed, and can't be served as it is now")
    await world.passes(1_000_000)
    assert not await world.takes()
    assert world.asked == []
    world.files.is_as_files_say = True
    world.siding.retire()
    assert await world.takes()


@pytest.mark.parametrize("failure", [None, NotStarted("it could not start")])
async def test_only_a_process_that_serves_is_told_of_a_signal(
    world: World, failure: Exception | None
) -> None:
    world.failure = failure
    world.release.clear()
    request = asyncio.create_task(world.takes())
    await turns()
    world.siding.tell()
    world.release.set()
    await request
    world.siding.tell()
    assert [one.told for one in world.processes] == ([1] if failure is None else [])
    world.siding.retire()
    world.siding.tell()
    assert [one.told for one in world.processes] == ([1] if failure is None else [])
