"""A process beside this one that answers requests which are handed over to it."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import socket
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from naftiko_runtime.expose.listener_plan import Key
from naftiko_runtime.runtime.connection import GRACE_SECONDS
from naftiko_runtime.runtime.handing import hand_over
from naftiko_runtime.runtime.peers import Seat
from naftiko_runtime.settings import ServeSettings

_CODE: Final = (
    "import os; os.setpgid(0, 0); from naftiko_runtime.runtime.beside_process import main; main()"
)
"""An interrupt at the terminal is for the runtime alone, so that the process leaves its group.

It stays in the session: Linux shares processors out among sessions before it looks at priorities.
"""

_COMMAND: Final = (sys.executable, "-P", "-c", _CODE)
_SPARE_SECONDS: Final = 5.0
"""How much longer than the calls that it finishes a process may take to end."""
_LINE_BYTES: Final = 1
"""As little as the system allows: what is on the line is in memory, and counted by nobody."""
_ROOM_SECONDS: Final = 10.0
"""How long a connection waits for room on the line to a process."""


class NotStarted(Exception):
    """A process could not start, or does not serve what is served here."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a process is to serve.

    Attributes:
        paths: Files, folders and globs.
        settings: How they are served.
        nonce_key: What nonces are signed with.
        ends: The line on which the connections of each listener come.
        seat: Where others ask it what it measures; None for nothing.
    """

    paths: Sequence[Path]
    settings: ServeSettings
    nonce_key: bytes = field(repr=False)
    ends: Mapping[Key, int]
    seat: Seat | None = None

    def pack(self) -> bytes:
        """Return it as the process reads it from its standard input."""
        load = self.settings.load
        plain = replace(
            load,
            environment=dict(load.environment),
            variables=dict(load.variables),
            base_uris=dict(load.base_uris),
        )
        packed = pickle.dumps(replace(self, settings=replace(self.settings, load=plain)))
        return len(packed).to_bytes(8) + packed


class Beside:
    """A process that has started.

    Args:
        process: It.
        ends: The lines to its listeners.
    """

    def __init__(self, process: Process, ends: Mapping[Key, socket.socket]) -> None:
        self._process = process
        self._ends = ends
        self._turn = asyncio.Lock()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    async def take(self, key: Key, transport: asyncio.Transport, file: int) -> bool:
        """Hand a connection over: `hand_over`; return whether there is somebody to take it."""
        end = self._ends.get(key)
        if end is None:
            return False
        try:
            async with asyncio.timeout(_ROOM_SECONDS), self._turn:
                await hand_over(end, transport, file)
        except OSError:  # it is gone, or takes nothing any more, which is a `TimeoutError`
            return False
        return True

    def tell(self) -> None:
        """Have it log what runs there."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGUSR1)

    async def wait(self) -> int:
        """Return how it ended, when it has."""
        return await self._process.wait()

    async def end(self) -> None:
        """Let it finish what it has taken; end it if that takes too long."""
        async with self._turn:  # who waits for room would not hear that the line is closed
            for one in self._ends.values():
                one.close()
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self.wait(), GRACE_SECONDS + _SPARE_SECONDS)
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """End it at once."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)  # asyncio's own would reap what it then waits for
        await self.end()


async def start(
    paths: Sequence[Path],
    settings: ServeSettings,
    nonce_key: bytes,
    keys: Iterable[Key],
    seat: Seat | None = None,
) -> tuple[Beside, str]:
    """Start a process; return it when it serves, and the state of the files that it has loaded.

    Args:
        paths: What it serves.
        settings: How.
        nonce_key: What nonces are signed with.
        keys: Its listeners.
        seat: Where others ask it what it measures; None for nothing.

    Raises:
        NotStarted: It has ended.
    """
    with ExitStack() as there, ExitStack() as failed:
        here: dict[Key, socket.socket] = {}
        ends: dict[Key, int] = {}
        for key in keys:
            here[key], end = socket.socketpair()
            failed.enter_context(here[key]).setblocking(False)
            here[key].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _LINE_BYTES)
            ends[key] = there.enter_context(end).fileno()
        process = await asyncio.create_subprocess_exec(
            *_COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=tuple(ends.values()),
        )
        failed.pop_all()
    beside = Beside(process, here)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(Order(paths, settings, nonce_key, ends, seat).pack())
        state = (await process.stdout.readline()).decode().strip()
    except BaseException:
        await asyncio.shield(beside.kill())  # it has taken nothing
        raise
    if not state:
        await beside.end()
        raise NotStarted("it could not start")
    return beside, state
