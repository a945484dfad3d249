"""Reloading: new documents swapped in between two requests."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Iterable
from contextlib import ExitStack, suppress

from naftiko_runtime.diagnostics import Diagnostic
from naftiko_runtime.expose.control.process import Reloaded, ReloadRunning
from naftiko_runtime.runtime.assembly import Assembler, Swap
from naftiko_runtime.runtime.fleet import Fleet
from naftiko_runtime.runtime.glances import Glances
from naftiko_runtime.runtime.renewal import Ports, log_findings, log_reloaded, take_ports
from naftiko_runtime.runtime.reporting import port_in_use
from naftiko_runtime.runtime.server import Runtime
from naftiko_runtime.runtime.showing import Showing
from naftiko_runtime.runtime.sockets import Bind, Bound, bind_all
from naftiko_runtime.secrecy import Secrecy

_log = logging.getLogger("naftiko.reload")


class Reloader:
    """Keeps a runtime at what its files say.

    Args:
        fleet: The capabilities.
        assembler: Makes services from plans.
        runtime: What serves them.
        secrecy: Learns the secrets of new documents before anything is logged about them.
        bind: Takes the ports of new listeners.
        showing: Learns what control adapters show.
        is_quiet: Whether somebody else logs what is found.
    """

    def __init__(
        self,
        fleet: Fleet,
        assembler: Assembler,
        runtime: Runtime,
        secrecy: Secrecy,
        bind: Bind = bind_all,
        showing: Showing | None = None,
        *,
        is_quiet: bool = False,
    ) -> None:
        self._fleet = fleet
        self._assembler = assembler
        self._runtime = runtime
        self._secrecy = secrecy
        self._bind = bind
        self._showing = showing
        self._is_quiet = is_quiet
        self._signalled = asyncio.Event()
        self._turn = asyncio.Lock()

    async def watch(self, *, files: bool) -> None:
        """Reload on SIGHUP, and if asked whenever files change, until cancelled.

        SIGHUP is heard as long as there is an event loop: a process that finishes what runs is not
        to be ended by it.
        """
        loop = asyncio.get_running_loop()
        with suppress(NotImplementedError, RuntimeError, ValueError):  # not in the main thread
            loop.add_signal_handler(signal.SIGHUP, self._signalled.set)
        await self._runtime.ready.wait()
        while True:
            anew = await self._due(files=files)
            try:
                await self.reload(anew=anew)
            except Exception:  # noqa: BLE001 - logged; it must not end the watch, nor what is being served
                _log.exception("reloading failed; what is served stays as it was")

    async def reload_at_once(self) -> Reloaded:
        """Load all files and swap in what is sound, unless that is going on: `Process.reload`."""
        if self._turn.locked():
            raise ReloadRunning
        found = await self.reload()
        fleet = self._fleet
        kept = (path for path in sorted(fleet.broken) if path not in fleet.left_out_files)
        return Reloaded(
            tuple(one.file for one in fleet.capabilities),
            tuple(map(str, kept)),
            tuple(map(str, fleet.left_out_files)),
            tuple(found),
        )

    async def reload(self, *, anew: bool = True) -> list[Diagnostic]:
        """Load files and swap in what is sound; what is not stays as it was.

        Args:
            anew: Whether also files are loaded that have not changed.

        Returns:
            What there is to say about the files that were loaded, and about their ports.

        Raises:
            Exception: Nothing can be swapped in. All is served as it was, but for a listener that
                has made way for one of another address; the next reload tries again, even if no
                file has changed since.
        """
        async with self._turn:
            return await self._reload(anew=anew)

    async def _reload(self, *, anew: bool) -> list[Diagnostic]:
        found = await asyncio.to_thread(self._fleet.look, anew=anew)
        try:
            taken, swaps = await self._take(found)
        finally:
            self._runtime.renew()
        for swap in swaps:
            await swap.tell()
        if not self._is_quiet:
            log_reloaded(self._fleet)
        return [*found, *map(port_in_use, taken.refused), *taken.clashes]

    async def _due(self, *, files: bool) -> bool:
        """Return when it is time to reload: whether everything, or only what has changed."""
        glances = Glances(self._fleet)
        while not await self._is_signalled(glances.pause if files else None):
            if await asyncio.to_thread(glances.are_due):
                return False
        return True

    async def _is_signalled(self, seconds: float | None) -> bool:
        """Wait for SIGHUP, for so long."""
        try:
            await asyncio.wait_for(self._signalled.wait(), seconds)
        except TimeoutError:
            return False
        self._signalled.clear()
        return True

    def _running(self) -> list[Bound]:
        return [bound for bound, _ in self._runtime.listeners]

    async def _take(self, found: Iterable[Diagnostic]) -> tuple[Ports, list[Swap]]:
        """Serve what was loaded, or leave all as it was; return what was swapped in, and where."""
        with ExitStack() as undone:
            undone.callback(self._fleet.take_all_back)
            self._secrecy.add(self._fleet.secrets)
            self._tell(found)
            ports = take_ports(self._fleet, self._running, self._runtime.remove, self._bind)
            if not self._is_quiet:
                ports.log()
            if self._showing is not None:
                await self._showing.follow()
            swaps = await self._prepare(ports, undone)
            undone.pop_all()
        self._swap(swaps, ports)
        return ports, swaps

    async def _prepare(self, ports: Ports, undone: ExitStack) -> list[Swap]:
        """Prepare what running listeners are to serve, and start new ones.

        Args:
            ports: What is to be served where.
            undone: What is to be done if anything of it fails.
        """
        for bound in ports.started:
            undone.callback(bound.socket.close)
        running = {bound.plan.key: (bound, listener) for bound, listener in self._runtime.listeners}
        swaps: list[Swap] = []
        for plan in ports.plans:
            if plan.key in running:
                bound, listener = running[plan.key]
                swap = await self._assembler.prepare(listener, bound.serving(plan))
                undone.callback(swap.mcp.drop)
                swaps.append(swap)
        for bound, listener in await asyncio.to_thread(self._assembler.listeners, ports.started):
            undone.callback(self._runtime.remove, bound)
            await self._runtime.add(bound, listener)
        return swaps

    def _swap(self, swaps: Iterable[Swap], ports: Ports) -> None:
        """Swap all in, and stop listeners without a plan: at once, between two requests."""
        for swap in swaps:
            swap.make()
        for bound in ports.started:
            self._say("listening on %s", bound.url)
        wanted = {plan.key for plan in ports.plans}
        for bound in self._running():
            if bound.plan.key not in wanted:
                self._say("listening on %s no more", bound.url)
                self._runtime.remove(bound)

    def _say(self, message: str, url: str) -> None:
        if not self._is_quiet:
            _log.info(message, url)

    def _tell(self, diagnostics: Iterable[Diagnostic]) -> None:
        if not self._is_quiet:
            log_findings(diagnostics)
