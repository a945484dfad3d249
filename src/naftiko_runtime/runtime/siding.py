"""Where requests with large bodies are answered, so that they hold up nobody: in another process.

Nothing else happens in a process while a body is parsed and checked. A large one takes tens of
milliseconds, and a few callers that send nothing else would leave little to the rest. So their
connections are handed over to a process beside this one, which answers and closes them.

That process starts with the first such request, from the same files, and is replaced by another
after a reload. Where there can be none, large bodies are read here, in turns.
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
import socket
from collections.abc import Callable, Iterable, Sequence
from contextvars import Context
from typing import TYPE_CHECKING, Final

from naftiko_runtime.expose.listener_plan import Key
from naftiko_runtime.load.stamps import digest
from naftiko_runtime.runtime.beside import Beside, NotStarted, start
from naftiko_runtime.runtime.fleet import Fleet
from naftiko_runtime.runtime.handing import request_file, write_request
from naftiko_runtime.runtime.owned import OwnedTasks
from naftiko_runtime.runtime.peers import Seat
from naftiko_runtime.settings import ServeSettings

if TYPE_CHECKING:
    from starlette.types import Scope

IS_POSSIBLE: Final = hasattr(os, "memfd_create") and hasattr(socket, "send_fds")
"""Whether the system can hand over a connection with what was read from it."""

START_SECONDS: Final = 30.0
"""How long requests wait for the process to start, before they are answered here."""

_MOST_SECONDS: Final = 120.0
"""How long a start may take at most."""

_REST_SECONDS: Final = 60.0
"""How long after a failed start there is no other."""

_log: Final = logging.getLogger("naftiko.siding")


class Siding:
    """Answers requests with large bodies.

    Args:
        fleet: What is served.
        settings: How it is served.
        nonce_key: What nonces are signed with.

    Attributes:
        keys: Returns which listeners there are.
        seat: Returns where the process is asked what it measures.
    """

    def __init__(self, fleet: Fleet, settings: ServeSettings, nonce_key: bytes) -> None:
        self._fleet = fleet
        self._settings = settings
        self._nonce_key = nonce_key
        self._started: asyncio.Task[Beside | None] | None = None
        self._watching = OwnedTasks()
        self._awaited_until = self._rests_until = 0.0
        self.keys: Callable[[], Iterable[Key]] = list
        self.seat: Callable[[], Seat | None] = _nowhere

    async def take(
        self, key: Key, transport: asyncio.Transport, scope: Scope, pieces: Sequence[bytes]
    ) -> bool:
        """Have a request answered there; return whether it will be.

        Args:
            key: The listener that it came to.
            transport: Its connection. It is no more this process's own if the answer is yes.
            scope: Its head.
            pieces: All of its body.
        """
        beside = await self._process()
        if beside is None:
            return False
        try:
            with request_file() as file:
                await write_request(file, scope, pieces)
                return await beside.take(key, transport, file)
        except OSError as error:  # no descriptor, or no memory
            _log.warning("a request with a large body is answered here, in turn: %s", error)
            return False

    def retire(self) -> None:
        """Let the process finish what it has taken and end: what it serves is replaced."""
        started, self._started = self._started, None
        self._rests_until = 0.0
        beside = _process_of(started)
        if beside is not None:
            self._watching.begin(beside.end())
        elif started is not None:
            started.cancel()
            self._watching.begin(_end(started))

    def tell(self) -> None:
        """Have it log what runs there, if there is one."""
        beside = _process_of(self._started)
        if beside is not None:
            beside.tell()

    async def aclose(self) -> None:
        """End the process as soon as it has answered what it has taken; start no other."""
        self.retire()
        self._rests_until = math.inf
        await self._watching.wait()

    async def _process(self) -> Beside | None:
        """Return the process as soon as it serves; None if there is none in time."""
        started, now = self._started, asyncio.get_running_loop().time()
        if started is None or (started.done() and _process_of(started) is None):
            if now < self._rests_until:
                return None
            self._awaited_until = now + START_SECONDS
            context = Context()  # it belongs to no request
            self._started = started = asyncio.create_task(self._start(), context=context)
        await asyncio.wait([started], timeout=max(0.0, self._awaited_until - now))
        return _process_of(started)

    async def _start(self) -> Beside | None:
        """Start a process that serves what is served here; return None where that fails."""
        try:
            beside = await self._same()
        except (NotStarted, OSError, ValueError) as error:
            self._rest(_REST_SECONDS)
            _log.warning("requests with large bodies are answered here, in turns: %s", error)
            return None
        fields = {"fields": {"pid": beside.pid}}
        _log.info("requests with large bodies are answered by a process of their own", extra=fields)
        self._watching.begin(self._watch(beside))
        return beside

    async def _same(self) -> Beside:
        """Start a process.

        Raises:
            NotStarted: It can't serve what is served here.
            OSError: The system has no process to give.
            ValueError: What it says is no state of files.
        """
        fleet = self._fleet
        if not fleet.is_as_files_say:
            self._rest(math.inf)
            raise NotStarted("a file has changed, and can't be served as it is now")
        try:
            async with asyncio.timeout(_MOST_SECONDS):
                beside, state = await start(
                    fleet.paths, self._settings, self._nonce_key, self.keys(), self.seat()
                )
        except TimeoutError:
            raise NotStarted("another process took too long to start") from None
        if state != digest(fleet.stamps):
            self._rest(math.inf)
            self._watching.begin(beside.end())
            raise NotStarted("files have changed since they were loaded")
        return beside

    def _rest(self, seconds: float) -> None:
        """Start no other process for so long, or until files are loaded again."""
        if self._started is asyncio.current_task():
            until = asyncio.get_running_loop().time() + seconds
            self._rests_until = max(self._rests_until, until)

    async def _watch(self, beside: Beside) -> None:
        """Notice when the process ends by itself."""
        status = await beside.wait()
        if _process_of(self._started) is beside:
            self._started = None
            await beside.end()
            _log.error("the process that answers requests with large bodies ended (%d)", status)


def _nowhere() -> None:
    """Return that nobody asks."""


async def _end(started: asyncio.Task[Beside | None]) -> None:
    """Wait for a start that is given up to leave nothing behind."""
    await asyncio.wait([started])


def _process_of(started: asyncio.Task[Beside | None] | None) -> Beside | None:
    """Return the process that was started, if it was by now."""
    if started is None or not started.done() or started.cancelled():
        return None
    return started.result()
