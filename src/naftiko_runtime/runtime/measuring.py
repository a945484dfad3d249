"""What a process measures, from the moment that a control adapter shows it until it ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, ParamSpec

from naftiko_runtime._version import __version__
from naftiko_runtime.diagnostics.harmless import Mask
from naftiko_runtime.expose.control.process import Exposition
from naftiko_runtime.observe.levels import Levels
from naftiko_runtime.runtime.assembly import Hooks
from naftiko_runtime.runtime.equipment import Equipment
from naftiko_runtime.runtime.fleet import Fleet
from naftiko_runtime.runtime.peers import MAIN, Peers, Seat, close_folder, open_folder

if TYPE_CHECKING:
    from naftiko_runtime.observe.metrics import Metrics

P = ParamSpec("P")

_log: Final = logging.getLogger("naftiko.metrics")


class Measuring:
    """Measures what a process does. Until it begins, nothing is counted, and that costs nothing.

    Args:
        fleet: What is served.
        equipment: What answers requests.
        mask: Hides secrets in labels.
        seat: Where other processes find this one; it opens a folder for all if there is none yet.

    Attributes:
        connections: Returns how many connections of callers are open.
    """

    def __init__(
        self, fleet: Fleet, equipment: Equipment, mask: Mask, seat: Seat | None = None
    ) -> None:
        self._fleet = fleet
        self._equipment = equipment
        self._mask = mask
        self._seat = seat
        self._own_folder: Path | None = None
        self._metrics: Metrics | None = None
        self._peers: Peers | None = None
        self._turn = asyncio.Lock()
        self.connections: Callable[[], int] = int

    @property
    def beside(self) -> Seat | None:
        """The seat of the process beside this one; None where it is to measure nothing."""
        return self._seat.beside if self._seat is not None and self._metrics is not None else None

    async def begin_if_shown(self) -> None:
        """Measure from now on if a control adapter shows it, and what is assembled from now on."""
        if self._metrics is None and self._fleet.shows_metrics:
            await self.begin()

    async def begin(self) -> None:
        """Measure from now on, whoever shows it."""
        from naftiko_runtime.observe.metrics import Metrics  # only those pay for it who ask

        self._metrics = metrics = Metrics(self._mask)
        assembler = self._equipment.assembler
        assembler.hooks = measured(assembler.hooks, metrics)
        self._equipment.upstream.measure(metrics.exchanged)
        if self._seat is None:
            self._own_folder = folder = await asyncio.to_thread(open_folder)
            self._seat = Seat(folder, MAIN) if folder is not None else None
        if self._seat is None:
            _log.warning("other processes can't tell this one what they measure: no folder")
        else:
            await self._meet(self._seat, metrics)

    async def shown(self, accept: str) -> Exposition:
        """Return what was measured here and in the other processes; to one caller at a time.

        Args:
            accept: Which formats the caller takes, as a header says it.
        """
        from naftiko_runtime.observe.exposition import expose

        assert self._metrics is not None
        async with self._turn:
            own = (self._seat.label if self._seat else None, await self._packed(self._metrics))
            others = await self._peers.ask() if self._peers is not None else []
            shown = await asyncio.to_thread(expose, [own, *others], accept)
        return Exposition(*shown)

    async def aclose(self) -> None:
        """Tell other processes nothing any more; remove the folder if it was opened here."""
        if self._peers is not None:
            await self._peers.aclose()
        await asyncio.to_thread(close_folder, self._own_folder)

    async def _meet(self, seat: Seat, metrics: Metrics) -> None:
        peers = Peers(seat, lambda: self._packed(metrics))
        try:
            await peers.open()
        except OSError as error:
            _log.warning("other processes are not told what is measured here: %s", error)
        else:
            self._peers = peers

    async def _packed(self, metrics: Metrics) -> bytes:
        """Return what was measured here; only the moment's levels are read by the event loop."""
        engine = self._equipment.engine
        names = [one.name for one in self._fleet.capabilities]
        levels = Levels(__version__, names, self.connections(), engine.calls, engine.circuits)
        return await asyncio.to_thread(metrics.pack, levels)


def measured(hooks: Hooks, metrics: Metrics) -> Hooks:
    """Return what learns of all that these learn of, and has it measured, too."""
    return Hooks(
        _both(hooks.rest, metrics.rest_answered),
        _both(hooks.skill, metrics.skill_answered),
        _both(hooks.mcp, metrics.mcp_called),
    )


def _both(one: Callable[P, None], other: Callable[P, None]) -> Callable[P, None]:
    def tell(*args: P.args, **kwargs: P.kwargs) -> None:
        one(*args, **kwargs)
        other(*args, **kwargs)

    return tell
