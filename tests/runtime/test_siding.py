"""Another process for large bodies: when it starts, when it ends, and what is done without it."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from naftiko_runtime.expose.listener_plan import Key
from naftiko_runtime.load.stamps import Stamps, digest
from naftiko_runtime.runtime import siding
from naftiko_runtime.runtime.beside import Beside, NotStarted
from naftiko_runtime.runtime.fleet import Fleet
from naftiko_runtime.runtime.siding import START_SECONDS, Siding
from naftiko_runtime.settings import ServeSettings
from tests.runtime.caller import KEY
from tests.runtime.lines import turns

if TYPE_CHECKING:
    from starlette.types import Scope

SCOPE: Scope = {
    "method": "POST",
    "raw_path": b"/a",
    "query_string": b"",
    "http_version": "1.1",
    "headers": [],
}
PATHS = (Path("a.yaml"),)
SETTINGS = ServeSettings(page_size=7)
CALLER: ContextVar[str] = ContextVar("CALLER")


@dataclass(slots=True)
class Files:
    """What is served, as far as it matters here."""

    paths: Sequence[Path] = PATHS
    stamps: Stamps = field(default_factory=lambda: {Path("a.yaml"): (1, 2, 3, 4)})
    is_as_files_say: bool = True


class Process:
    """A process beside this one, that does what a test says."""

    def __init__(self, pid: int, may_end: asyncio.Event) -> None:
        self.pid = pid
        self.taken: list[tuple[Key, object, bytes]] = []
        self.takes = True
        self.told = 0
        self.is_ending = False
        self.may_end = may_end
        self._status: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def take(self, key: Key, transport: object, file: int) -> bool:
        self.taken.append((key, transport, os.pread(file, 1000, 0)))
        return self.takes

    def tell(self) -> None:
        self.told += 1

    async def wait(self) -> int:
        return await asyncio.shield(self._status)

    async def end(self) -> None:
        self.is_ending = True
        await self.may_end.wait()
        self.ends(0)

    def ends(self, status: int) -> None:
        """End, by itself if nobody has asked."""
        if not self._status.done():
            self._status.set_result(status)


class World:
    """A siding, the time, and what starts processes.

    Attributes:
        processes: Those that have started, in order.
        asked: What they were started with.
        failure: What a start fails with.
        release: Set while starts go on.
        may_end: Set while processes end when they are asked.
        given_up: How many starts were given up.
        context: Who asked for the last start, as far as that can be told.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        loop = asyncio.get_running_loop()
        self._now = loop.time()
        patch.setattr(loop, "time", lambda: self._now)
        patch.setattr(siding, "start", self._start)
        self.files = Files()
        self.state = digest(self.files.stamps)
        self.siding = Siding(cast("Fleet", self.files), SETTINGS, b"nonce")
        self.processes: list[Process] = []
        self.asked: list[tuple[object, ...]] = []
        self.failure: Exception | None = None
        self.release = asyncio.Event()
        self.release.set()
        self.may_end = asyncio.Event()
        self.may_end.set()
        self.given_up = 0
        self.context: str | None = None

    async def takes(self, body: bytes = b"body") -> bool:
        """Return whether a request is answered by the other process."""
        transport = cast("asyncio.Transport", self)
        return await self.siding.take(KEY, transport, SCOPE, [body])

    async def passes(self, seconds: float) -> None:
        """Let time pass, and all that is due happen."""
        self._now += seconds
        await turns()

    async def _start(
        self, paths: object, settings: object, nonce_key: bytes, keys: Iterable[Key]
    ) -> tuple[Beside, str]:
        self.asked.append((paths, settings, nonce_key, list(keys)))
        self.context = CALLER.get(None)
        try:
            await self.release.wait()
        except asyncio.CancelledError:
            self.given_up += 1
            await self.may_end.wait()
            if self.failure is not None:
                raise self.failure from None
            raise
        if self.failure is not None:
            raise self.failure
        process = Process(len(self.processes), self.may_end)
        self.processes.append(process)
        return cast("Beside", process), self.state


@pytest.fixture
async def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]


async def test_there_is_no_process_before_there_is_a_request(world: World) -> None:
    await turns()
    world.siding.tell()
    await world.siding.aclose()
    assert world.asked == []


async def test_a_process_serves_what_is_served_here(world: World) -> None:
    world.siding.keys = lambda: [KEY]
    assert await world.takes()
    assert world.asked == [(PATHS, SETTINGS, b"nonce", [KEY])]


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
    assert not world.siding._watching


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
