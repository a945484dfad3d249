"""What a reload does before anything is swapped in: the ports taken, the findings logged."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from naftiko_runtime.diagnostics import Diagnostic, Severity
from naftiko_runtime.expose.listener_plan import ListenerPlan
from naftiko_runtime.runtime.fleet import Fleet
from naftiko_runtime.runtime.sockets import Bind, Bound, PortInUse

_log: Final = logging.getLogger("naftiko.reload")


@dataclass(frozen=True, slots=True)
class Ports:
    """What is to be served where.

    Attributes:
        plans: All listeners that there are to be.
        started: The sockets of the new ones.
        refused: The ports that could not be had.
        clashes: What can't be served beside what else there is.
    """

    plans: Sequence[ListenerPlan]
    started: Sequence[Bound]
    refused: Sequence[PortInUse]
    clashes: Sequence[Diagnostic]

    def log(self) -> None:
        """Log what is not as the documents have it."""
        for error in self.refused:
            _log.error("%s", error)
        log_findings(self.clashes)


def take_ports(
    fleet: Fleet,
    running: Callable[[], Sequence[Bound]],
    remove: Callable[[Bound], None],
    bind: Bind,
) -> Ports:
    """Take the ports that are new; capabilities that can't have theirs stay as they were.

    Args:
        fleet: The capabilities, as they were loaded last.
        running: Returns the listeners that there are.
        remove: Frees the port of a listener that goes, where one of another address wants it.
        bind: Takes ports.
    """
    refused: list[PortInUse] = []
    while True:
        plans, clashes = fleet.listeners()
        keys = {bound.plan.key for bound in running()}
        fresh = [plan for plan in plans if plan.key not in keys]
        _make_way(plans, fresh, running(), remove)
        try:
            return Ports(plans, bind(fresh), refused, clashes)
        except PortInUse as error:
            refused.append(error)
            if not fleet.take_back(error.plan.files):
                plans = [plan for plan in plans if plan not in fresh]
                return Ports(plans, [], refused, clashes)


def _make_way(
    plans: Iterable[ListenerPlan],
    fresh: Iterable[ListenerPlan],
    running: Iterable[Bound],
    remove: Callable[[Bound], None],
) -> None:
    wanted = {plan.key for plan in plans}
    ports = {plan.port for plan in fresh if plan.port}
    for bound in running:
        if bound.plan.key not in wanted and bound.plan.port in ports:
            remove(bound)


def log_findings(diagnostics: Iterable[Diagnostic]) -> None:
    """Log what was found in documents, but for mere pieces of information."""
    for one in diagnostics:
        say = _SAY.get(one.severity)
        if say is not None:
            where = f"{one.position}: " if one.position else ""
            hint = f"; {one.hint}" if one.hint else ""
            say("%s%s [%s]%s", where, one.message, one.code, hint)


def log_reloaded(fleet: Fleet) -> None:
    """Log what is served after a reload, and what is kept back."""
    served, kept = _counted(len(fleet.capabilities)), _counted(len(fleet.broken))
    _log.info("reloaded: %s served, %s kept back", served, kept)
    for path in sorted(fleet.broken):
        is_kept = fleet.loaded[path].capability is not None
        what = "stays as it was before" if is_kept else "is not served"
        _log.warning("%s can't be served; it %s", path, what)


_SAY: Final[dict[Severity, Callable[..., None]]] = {
    Severity.ERROR: _log.error,
    Severity.WARNING: _log.warning,
}


def _counted(number: int) -> str:
    return "1 capability" if number == 1 else f"{number} capabilities"
