"""Reloading: new documents swapped in between two requests."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from naftiko_runtime.diagnostics import Diagnostic, Severity
from naftiko_runtime.expose.listeners import ListenerPlan
from naftiko_runtime.runtime.assembly import Assembler
from naftiko_runtime.runtime.fleet import Fleet
from naftiko_runtime.runtime.server import Runtime
from naftiko_runtime.runtime.sockets import PortInUse, bind_all

_log = logging.getLogger("naftiko.reload")


class Reloader:
    """Keeps a runtime at what its files say.

    Args:
        fleet: The capabilities.
        assembler: Makes services from plans.
        runtime: What serves them.
    """

    def __init__(self, fleet: Fleet, assembler: Assembler, runtime: Runtime) -> None:
        self._fleet = fleet
        self._assembler = assembler
        self._runtime = runtime
        self._wanted = asyncio.Event()

    async def watch(self, *, files: bool) -> None:
        """Reload on SIGHUP, and if asked whenever a file changes, until cancelled."""
        loop = asyncio.get_running_loop()
        with suppress(NotImplementedError, RuntimeError):  # not in the main thread
            loop.add_signal_handler(signal.SIGHUP, self._wanted.set)
        watching = asyncio.create_task(self._watch_files()) if files else None
        try:
            while True:
                await self._wanted.wait()
                self._wanted.clear()
                await self.reload()
        finally:
            with suppress(NotImplementedError, RuntimeError):
                loop.remove_signal_handler(signal.SIGHUP)
            if watching is not None:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)

    async def reload(self) -> None:
        """Load all files anew and swap in what is sound; what is not stays as it was."""
        found = await asyncio.to_thread(self._fleet.look)
        plans, clashes = self._fleet.listeners()
        self._tell([*found, *clashes])
        await self._swap(plans)
        _log.info(
            "reloaded: %d capabilities, %d files kept as they were before",
            len(self._fleet.capabilities),
            len(self._fleet.broken),
        )

    async def _swap(self, plans: Sequence[ListenerPlan]) -> None:
        """Give running listeners their new services, start new ones, stop those without a plan."""
        running = {bound.plan.key: (bound, listener) for bound, listener in self._runtime.listeners}
        fresh = [plan for plan in plans if plan.key not in running]
        try:
            started = bind_all(fresh)
        except PortInUse as error:
            _log.error("port %d can't be had: %s", error.plan.port, error.reason)
            started = []
        for plan in plans:
            if plan.key in running:
                bound, listener = running[plan.key]
                await self._assembler.replace(listener, bound.serving(plan))
        for bound, listener in self._assembler.listeners(started):
            await self._runtime.add(bound, listener)
        for key in running.keys() - {plan.key for plan in plans}:
            await self._runtime.remove(running[key][0])

    async def _watch_files(self) -> None:
        from watchfiles import awatch

        while True:
            before = self._places()
            async for _ in awatch(*before, recursive=True, ignore_permission_denied=True):
                self._wanted.set()
                if self._places() != before:
                    break

    def _places(self) -> set[Path]:
        """Return the folders in which a file that matters may change or appear."""
        files = {path if path.is_dir() else path.parent for path in self._fleet.sources}
        folders = {path for path in self._fleet.paths if path.is_dir()}
        return {place for place in files | folders if place.is_dir()}

    @staticmethod
    def _tell(diagnostics: Sequence[Diagnostic]) -> None:
        for one in diagnostics:
            if one.severity is Severity.ERROR:
                _log.error("%s [%s] %s", one.position or "", one.code, one.message)
            elif one.severity is Severity.WARNING:
                _log.warning("%s [%s] %s", one.position or "", one.code, one.message)
