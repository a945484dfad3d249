"""What control adapters show of all processes that serve together: metrics and traces."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

from naftiko_runtime.expose.control.process import Exposition, Traces
from naftiko_runtime.runtime.fleet import Fleet
from naftiko_runtime.runtime.measuring import Measuring
from naftiko_runtime.runtime.peers import MAIN, Peers, Seat, close_folder, open_folder
from naftiko_runtime.values import Json

if TYPE_CHECKING:
    from naftiko_runtime.observe.trace_ring import TraceRing

_METRICS: Final = "metrics"
_TRACES: Final = "traces"

_log: Final = logging.getLogger("naftiko.control")


class Showing:
    """Shows what was measured and traced, here and in the processes beside this one.

    Args:
        fleet: What is served.
        measuring: What is measured.
        ring: The traces that ended last; None where nothing is traced.
        seat: Where other processes find this one; it opens a folder for all if there is none yet.
    """

    def __init__(
        self,
        fleet: Fleet,
        measuring: Measuring,
        ring: TraceRing | None = None,
        seat: Seat | None = None,
    ) -> None:
        self._fleet = fleet
        self._measuring = measuring
        self._ring = ring
        self._seat = seat
        self._own_folder: Path | None = None
        self._peers: Peers | None = None
        self._turn = asyncio.Lock()

    @property
    def beside(self) -> Seat | None:
        """The seat of the process beside this one; None where nobody would ask it."""
        return self._seat.beside if self._seat is not None and self._peers is not None else None

    async def follow(self) -> None:
        """Measure and keep what the control adapters that there are now show.

        What has begun goes on, for there is no telling whether it is shown again later.
        """
        if self._fleet.shows_metrics:
            self._measuring.begin()
        traces = self._fleet.shown_traces if self._ring is not None else 0
        if self._ring is not None and traces:
            self._ring.resize(traces)
        if self._peers is None and (self._fleet.shows_metrics or traces):
            await self._meet()

    async def metrics(self, accept: str) -> Exposition:
        """Return what was measured; to one caller at a time.

        Args:
            accept: Which formats the caller takes, as a header says it.
        """
        from naftiko_runtime.observe.exposition import expose

        async with self._turn:
            told = await self._told(_METRICS)
            return Exposition(*await asyncio.to_thread(expose, told, accept))

    async def traces(self) -> Traces | None:
        """Return the traces that ended last; None where nothing is traced. To one at a time."""
        if self._ring is None:
            return None
        async with self._turn:
            told = await self._told(_TRACES)
            kept = await asyncio.to_thread(_newest_first, [content for _, content in told])
        return Traces(self._ring.size, kept)

    async def aclose(self) -> None:
        """Tell other processes nothing any more; remove the folder if it was opened here."""
        if self._peers is not None:
            await self._peers.aclose()
        await asyncio.to_thread(close_folder, self._own_folder)

    async def _told(self, about: str) -> list[tuple[str | None, bytes]]:
        own = (self._seat.label if self._seat is not None else None, await self._tell(about))
        others = await self._peers.ask(about) if self._peers is not None else []
        return [own, *others]

    async def _tell(self, about: str) -> bytes:
        if about == _METRICS:
            return await self._measuring.packed()
        return await asyncio.to_thread(self._ring.pack) if self._ring is not None else b""

    async def _meet(self) -> None:
        if self._seat is None:
            self._own_folder = folder = await asyncio.to_thread(open_folder)
            self._seat = Seat(folder, MAIN) if folder is not None else None
        if self._seat is None:
            _log.warning("what other processes measure is not shown: there is no folder to meet in")
            return
        peers = Peers(self._seat, self._tell)
        try:
            await peers.open()
        except OSError as error:
            _log.warning("what is measured here is not shown by other processes: %s", error)
        else:
            self._peers = peers


def _newest_first(told: list[bytes]) -> list[dict[str, Json]]:
    """Return the traces of several processes."""
    traces: list[dict[str, Json]] = [one for content in told for one in json.loads(content)]
    return sorted(traces, key=lambda one: str(one["timestamp"]), reverse=True)
