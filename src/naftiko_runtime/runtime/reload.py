"""Reloading: new documents swapped in between two requests."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from time import perf_counter
from typing import Final

from naftiko_runtime.diagnostics import Diagnostic, Severity
from naftiko_runtime.expose.listener_plan import ListenerPlan
from naftiko_runtime.load.stamps import Stamps
from naftiko_runtime.runtime.assembly import Assembler
from naftiko_runtime.runtime.fleet import Fleet
from naftiko_runtime.runtime.server import Runtime
from naftiko_runtime.runtime.sockets import Bound, PortInUse, bind_all
from naftiko_runtime.secrecy import Secrecy

GLANCE_SECONDS: Final = 0.25
"""How long files are left alone between two glances; twice that, and nothing may have changed."""

_SHARE: Final = 0.05
"""The most of one processor that glances may take, where there are very many files."""

_MOST_GLANCES: Final = 20
"""How often files may go on changing before they are loaded all the same."""

_log = logging.getLogger("naftiko.reload")


class Reloader:
    """Keeps a runtime at what its files say.

    Args:
        fleet: The capabilities.
        assembler: Makes services from plans.
        runtime: What serves them.
        secrecy: Learns the secrets of new documents before anything is logged about them.
    """

    def __init__(
        self, fleet: Fleet, assembler: Assembler, runtime: Runtime, secrecy: Secrecy
    ) -> None:
        self._fleet = fleet
        self._assembler = assembler
        self._runtime = runtime
        self._secrecy = secrecy
        self._signalled = asyncio.Event()

    async def watch(self, *, files: bool) -> None:
        """Reload on SIGHUP, and if asked whenever files change, until cancelled."""
        loop = asyncio.get_running_loop()
        with suppress(NotImplementedError, RuntimeError, ValueError):  # not in the main thread
            loop.add_signal_handler(signal.SIGHUP, self._signalled.set)
        try:
            await self._runtime.ready.wait()
            while True:
                anew = await self._due(files=files)
                try:
                    await self.reload(anew=anew)
                except Exception:  # noqa: BLE001 - logged; it must not end the watch, nor what is being served
                    _log.exception("reloading failed")
        finally:
            with suppress(NotImplementedError, RuntimeError, ValueError):
                loop.remove_signal_handler(signal.SIGHUP)

    async def reload(self, *, anew: bool = True) -> None:
        """Load files and swap in what is sound; what is not stays as it was.

        Args:
            anew: Whether also files are loaded that have not changed.
        """
        found = await asyncio.to_thread(self._fleet.look, anew=anew)
        self._secrecy.add(self._fleet.secrets)
        self._tell(found)
        plans, started = self._take_ports()
        await self._swap(plans, started)
        _log.info(
            "reloaded: %s served, %s kept back",
            _counted(len(self._fleet.capabilities)),
            _counted(len(self._fleet.broken)),
        )
        for path in sorted(self._fleet.broken):
            is_kept = self._fleet.loaded[path].capability is not None
            what = "stays as it was before" if is_kept else "is not served"
            _log.warning("%s can't be served; it %s", path, what)

    async def _due(self, *, files: bool) -> bool:
        """Return when it is time to reload: whether everything, or only what has changed."""
        pause = GLANCE_SECONDS
        last: Stamps | None = None
        changing = 0
        while not await self._is_signalled(pause if files else None):
            started = perf_counter()
            now = await asyncio.to_thread(self._fleet.glance)
            pause = max(GLANCE_SECONDS, (perf_counter() - started) / _SHARE)
            changing = changing + 1 if now != self._fleet.stamps else 0
            if changing and (now == last or changing > _MOST_GLANCES):
                return False
            last = now
        return True

    async def _is_signalled(self, seconds: float | None) -> bool:
        """Wait for SIGHUP, for so long."""
        try:
            await asyncio.wait_for(self._signalled.wait(), seconds)
        except TimeoutError:
            return False
        self._signalled.clear()
        return True

    def _take_ports(self) -> tuple[Sequence[ListenerPlan], list[Bound]]:
        """Take the ports that are new; capabilities that can't have theirs stay as they were."""
        while True:
            plans, clashes = self._fleet.listeners()
            running = {bound.plan.key for bound, _ in self._runtime.listeners}
            fresh = [plan for plan in plans if plan.key not in running]
            self._make_way(plans, fresh)
            try:
                started = bind_all(fresh)
            except PortInUse as error:
                _log.error("%s", error)
                if self._fleet.take_back(error.plan.files):
                    continue
                plans = [plan for plan in plans if plan not in fresh]
                started = []
            self._tell(clashes)
            return plans, started

    def _make_way(self, plans: Iterable[ListenerPlan], fresh: Iterable[ListenerPlan]) -> None:
        """Free the ports of listeners that go, where one of another address wants them."""
        wanted = {plan.key for plan in plans}
        ports = {plan.port for plan in fresh if plan.port}
        for bound, _ in self._runtime.listeners:
            if bound.plan.key not in wanted and bound.plan.port in ports:
                self._runtime.remove(bound)

    async def _swap(self, plans: Sequence[ListenerPlan], started: Sequence[Bound]) -> None:
        """Give running listeners their new services, start new ones, stop those without a plan."""
        running = {bound.plan.key: (bound, listener) for bound, listener in self._runtime.listeners}
        for plan in plans:
            if plan.key in running:
                bound, listener = running[plan.key]
                await self._assembler.replace(listener, bound.serving(plan))
        for bound, listener in self._assembler.listeners(started):
            await self._runtime.add(bound, listener)
            _log.info("listening on %s", bound.url)
        for key in running.keys() - {plan.key for plan in plans}:
            bound = running[key][0]
            _log.info("listening on %s no more", bound.url)
            self._runtime.remove(bound)
        self._runtime.settle()

    @staticmethod
    def _tell(diagnostics: Iterable[Diagnostic]) -> None:
        for one in diagnostics:
            say = _SAY.get(one.severity)
            if say is not None:
                where = f"{one.position}: " if one.position else ""
                hint = f"; {one.hint}" if one.hint else ""
                say("%s%s [%s]%s", where, one.message, one.code, hint)


_SAY: Final[dict[Severity, Callable[..., None]]] = {
    Severity.ERROR: _log.error,
    Severity.WARNING: _log.warning,
}


def _counted(number: int) -> str:
    return "1 capability" if number == 1 else f"{number} capabilities"
