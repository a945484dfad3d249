"""What a process counts and times, from the moment that somebody shows it until it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec

from naftiko_runtime._version import __version__
from naftiko_runtime.diagnostics.harmless import Mask
from naftiko_runtime.observe.levels import Levels
from naftiko_runtime.runtime.assembly import Hooks
from naftiko_runtime.runtime.equipment import Equipment
from naftiko_runtime.runtime.fleet import Fleet

if TYPE_CHECKING:
    from naftiko_runtime.observe.metrics import Metrics

P = ParamSpec("P")


class Measuring:
    """Measures what a process does. Until it begins, nothing is counted, and that costs nothing.

    Args:
        fleet: What is served.
        equipment: What answers requests.
        mask: Hides secrets in labels.

    Attributes:
        connections: Returns how many connections of callers are open.
    """

    def __init__(self, fleet: Fleet, equipment: Equipment, mask: Mask) -> None:
        self._fleet = fleet
        self._equipment = equipment
        self._mask = mask
        self._metrics: Metrics | None = None
        self.connections: Callable[[], int] = int

    def begin(self) -> None:
        """Measure what is done from now on by what is assembled from now on."""
        if self._metrics is not None:
            return
        from naftiko_runtime.observe.metrics import Metrics  # only those pay for it who ask

        self._metrics = metrics = Metrics(self._mask)
        assembler = self._equipment.assembler
        assembler.hooks = measured(assembler.hooks, metrics)
        self._equipment.upstream.measure(metrics.exchanged)

    async def packed(self) -> bytes:
        """Return what was measured; only the moment's levels are read by the event loop."""
        if self._metrics is None:
            return b""
        engine = self._equipment.engine
        names = [one.name for one in self._fleet.capabilities]
        levels = Levels(__version__, names, self.connections(), engine.calls, engine.circuits)
        return await asyncio.to_thread(self._metrics.pack, levels)


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
