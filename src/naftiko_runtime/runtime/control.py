"""What control adapters tell of this process, and what they have it do."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from naftiko_runtime.diagnostics.harmless import Mask
from naftiko_runtime.expose.control.process import (
    AdapterState,
    Exposition,
    ProcessState,
    Reloaded,
    Traces,
)
from naftiko_runtime.expose.listeners import places
from naftiko_runtime.runtime.fleet import Fleet
from naftiko_runtime.runtime.server import Runtime
from naftiko_runtime.runtime.showing import Showing


@dataclass(slots=True)
class ControlledProcess:
    """This process: a `Process` as control adapters see it.

    Attributes:
        fleet: What is served.
        showing: What was measured and traced.
        is_traced: Whether spans are made.
        mask: Hides secrets.
    """

    fleet: Fleet
    showing: Showing
    mask: Mask
    is_traced: bool = False
    _runtime: Runtime | None = field(default=None, init=False)
    _load: Callable[[], Awaitable[Reloaded | None]] | None = field(default=None, init=False)
    _started: float = field(default_factory=time.monotonic, init=False)

    def begin_with(self, runtime: Runtime, load: Callable[[], Awaitable[Reloaded | None]]) -> None:
        """Get to know what is put together later than what tells of it, before anybody asks.

        Args:
            runtime: What serves.
            load: Loads all files again: `Process.reload`.
        """
        self._runtime = runtime
        self._load = load

    def state(self) -> ProcessState:
        """Return how things are now: `Process.state`."""
        uptime = time.monotonic() - self._started
        adapters, obstacles = tuple(self._adapters()), tuple(self._obstacles())
        return ProcessState(adapters, obstacles, uptime, self.is_traced)

    async def measured(self, accept: str) -> Exposition:
        """Return what was measured: `Process.measured`."""
        return await self.showing.metrics(accept)

    async def traced(self) -> Traces | None:
        """Return the traces that ended last: `Process.traced`."""
        return await self.showing.traces()

    async def reload(self) -> Reloaded | None:
        """Load all files again: `Process.reload`."""
        assert self._load is not None
        return await self._load()

    def _adapters(self) -> Iterator[AdapterState]:
        assert self._runtime is not None
        ports = {bound.plan.key: bound.port for bound, _ in self._runtime.listeners}
        for capability in self.fleet.capabilities:
            for key, kind, plan in places(capability, self.fleet.overrides):
                yield AdapterState(kind, plan.namespace, ports.get(key), key in ports)
        for plan in self.fleet.on_stdio():
            yield AdapterState("mcp", plan.namespace, None, is_started=True)

    def _obstacles(self) -> Iterator[str]:
        assert self._runtime is not None
        if self._runtime.stopping.is_set():
            yield "the process is stopping"
        number = len(self.fleet.left_out_files)
        if number:
            yield f"{number} file{'' if number == 1 else 's'} can't be served"
