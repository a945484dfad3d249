"""The runtime: serves listeners until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final, cast

import uvicorn

from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.expose.listener import Listener
from naftiko_runtime.limits import DEFAULT_LIMITS, ServeLimits
from naftiko_runtime.runtime.accepting import Accept, Acceptor
from naftiko_runtime.runtime.connection import BoundedConnection, ServerConfig
from naftiko_runtime.runtime.connections import Connections
from naftiko_runtime.runtime.owned import OwnedTasks
from naftiko_runtime.runtime.siding import Siding
from naftiko_runtime.runtime.sockets import Bound
from naftiko_runtime.runtime.state import log_state

_log: Final = logging.getLogger("naftiko.runtime")

_YOUNG_OBJECTS: Final = 20_000
"""How many more objects than were freed may be made before a collection looks at them."""


class _Server(uvicorn.Server):
    """A uvicorn server whose signals are the runtime's, and that tells when it accepts."""

    def __init__(
        self,
        bound: Bound,
        listener: Listener,
        limits: ServeLimits,
        total: Connections,
        accept: Accept,
    ) -> None:
        super().__init__(ServerConfig(listener, limits, total, bound.plan.key))
        self._accept = accept
        self.accepting = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        accepting = [self._accept(one, self._connection) for one in sockets or ()]
        self.servers = cast("list[asyncio.Server]", accepting)  # all that is asked of them
        self.started = True  # else it would not be shut down
        self.accepting.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        for one in [*self.server_state.connections]:  # there is no more time for them
            cast("BoundedConnection", one).give_up()

    def _connection(self) -> BoundedConnection:
        return BoundedConnection(self.config, self.server_state, self.lifespan.state)


@dataclass(frozen=True, slots=True)
class _Running:
    """A listener that is being served."""

    bound: Bound
    listener: Listener
    server: _Server
    task: asyncio.Task[None]

    def close(self) -> None:
        """Stop accepting."""
        for one in self.server.servers:
            one.close()

    async def stop(self) -> None:
        """Stop accepting, finish what runs."""
        self.listener.services.mcp.close_streams()
        self.server.should_exit = True
        await self.task


class Runtime:
    """Serves listeners until it is told to stop.

    Args:
        listeners: Each application with the socket it serves.
        engine: What executes calls; closed at the end.
        limits: How many connections there may be, and how large and slow requests.
        accept: How connections come from a socket.
        siding: Where requests with large bodies are answered; None for here.

    Attributes:
        ready: Set when every listener accepts, or one can not.
        has_started: Whether all of them accepted.
        stopping: Set when it is told to stop.
    """

    def __init__(
        self,
        listeners: Sequence[tuple[Bound, Listener]],
        engine: Engine,
        limits: ServeLimits = DEFAULT_LIMITS,
        accept: Accept = Acceptor,
        siding: Siding | None = None,
    ) -> None:
        self._first = listeners
        self._accept = accept
        self._engine = engine
        self._limits = limits
        self._siding = siding
        self._connections = Connections(limits.connections, siding)
        self._running: list[_Running] = []
        if siding is not None:
            siding.keys = lambda: [one.bound.plan.key for one in self._running]
        self._ending = OwnedTasks()
        self.stopping = asyncio.Event()
        self.ready = asyncio.Event()
        self.has_started = False

    @property
    def listeners(self) -> list[tuple[Bound, Listener]]:
        """What is being served."""
        return [(one.bound, one.listener) for one in self._running]

    @property
    def connections(self) -> int:
        """How many connections of callers are open."""
        return self._connections.open

    def stop(self) -> None:
        """Stop accepting, finish what runs, then return from `serve`."""
        self.stopping.set()

    def tell(self) -> None:
        """Log what runs."""
        log_state(self._connections.open, self._engine.calls)
        if self._siding is not None:
            self._siding.tell()

    async def serve(self) -> None:
        """Serve until `stop` is called or the process is signalled to end."""
        with self._signals():
            try:
                for bound, listener in self._first:
                    await self.add(bound, listener)
                self.settle()
                self.has_started = True
                self.ready.set()
                await self.stopping.wait()
            finally:
                self.ready.set()
                await self._end()

    async def add(self, bound: Bound, listener: Listener) -> None:
        """Serve one more listener; return when it accepts. A runtime that stops serves no more."""
        if self.stopping.is_set():
            bound.socket.close()
            return
        server = _Server(bound, listener, self._limits, self._connections, self._accept)
        task = asyncio.create_task(_serve(bound, listener, server))
        running = _Running(bound, listener, server, task)
        self._running.append(running)  # from here on it is stopped with the others
        accepting = asyncio.create_task(server.accepting.wait())
        try:
            await asyncio.wait([task, accepting], return_when=asyncio.FIRST_COMPLETED)
        finally:
            accepting.cancel()
        if task.done():
            self._running.remove(running)
            await task

    def remove(self, bound: Bound) -> None:
        """Free the port of a listener at once; what runs on it may end first."""
        for one in [running for running in self._running if running.bound is bound]:
            self._running.remove(one)
            one.close()
            self._ending.begin(one.stop())

    def renew(self) -> None:
        """Let nothing be answered by what was served before, and none of that be kept."""
        if self._siding is not None:
            self._siding.retire()
        self.settle(replaced=True)

    @staticmethod
    def settle(*, replaced: bool = False) -> None:
        """Let no collection look at what is served, which stays until the next reload.

        What a call makes is gone when the call is, all but what is left of errors: collecting it
        after every few calls took a twentieth of their time. From here on garbage is collected, if
        it was not before. Loading leaves none.

        Args:
            replaced: Whether it takes the place of something, which is thrown away.
        """
        if replaced:
            gc.unfreeze()
            gc.collect()
        gc.freeze()
        gc.set_threshold(_YOUNG_OBJECTS)
        gc.enable()

    async def _end(self) -> None:
        """Finish what runs, and close everything, also if some of it fails."""
        ends: list[Awaitable[None]] = [self._ending.wait()]
        ends.extend(one.stop() for one in self._running)
        if self._siding is not None:
            ends.append(self._siding.aclose())
        for one in await asyncio.gather(*ends, return_exceptions=True):
            if isinstance(one, Exception):
                _log.error("something did not end well", exc_info=one)
        await self._engine.aclose()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        heard = {
            signal.SIGINT: self.stop,
            signal.SIGTERM: self.stop,
            signal.SIGUSR1: self.tell,
        }
        for one, act in heard.items():
            with suppress(NotImplementedError, RuntimeError, ValueError):  # not the main thread
                loop.add_signal_handler(one, act)
        try:
            yield
        finally:
            for one in heard:
                with suppress(NotImplementedError, RuntimeError, ValueError):
                    loop.remove_signal_handler(one)


async def _serve(bound: Bound, listener: Listener, server: _Server) -> None:
    async with listener.services.mcp.run():
        await server.serve(sockets=[bound.socket])
