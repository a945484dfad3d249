"""A siding whose processes, files and time are what a test says."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from naftiko_runtime.expose.listener_plan import Key
from naftiko_runtime.load.stamps import Stamps, digest
from naftiko_runtime.runtime import siding
from naftiko_runtime.runtime.beside import Beside
from naftiko_runtime.runtime.fleet import Fleet
from naftiko_runtime.runtime.peers import Seat
from naftiko_runtime.runtime.siding import Siding
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
        self,
        paths: object,
        settings: object,
        nonce_key: bytes,
        keys: Iterable[Key],
        seat: Seat | None,
    ) -> tuple[Beside, str]:
        self.asked.append((paths, settings, nonce_key, list(keys), seat))
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


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what was warned of."""
    return [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]
