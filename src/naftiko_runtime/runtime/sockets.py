"""The sockets of listeners: all of them, or none."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from naftiko_runtime.expose.listener_plan import ListenerPlan

_BACKLOG: Final = 2048
_ANY_ADDRESS: Final = {"0.0.0.0": "localhost", "::": "localhost"}  # noqa: S104 - shown, not bound


class PortInUse(Exception):
    """A listener can't have its port.

    Attributes:
        plan: The listener.
        reason: What the operating system says.
    """

    def __init__(self, plan: ListenerPlan, reason: str) -> None:
        where = f"port {plan.port} on {plan.host}"
        super().__init__(f"{where}, for {', '.join(plan.titles)}, can't be had: {reason}")
        self.plan = plan
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Bound:
    """A listener plan with the socket that it has."""

    plan: ListenerPlan
    socket: socket.socket

    def serving(self, plan: ListenerPlan) -> Bound:
        """Return the same socket with another plan."""
        return Bound(plan, self.socket)

    @property
    def port(self) -> int:
        """The port, also where the plan left the choice to the system; of a line, the plan's."""
        if self.socket.family == socket.AF_UNIX:
            return self.plan.port
        return int(self.socket.getsockname()[1])

    @property
    def url(self) -> str:
        """The address that a person opens."""
        host = _ANY_ADDRESS.get(self.plan.host, self.plan.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


Bind: TypeAlias = Callable[[Sequence[ListenerPlan]], list[Bound]]
"""What takes every port, or none: `bind_all`, or what has the same contract."""


def bind_all(plans: Sequence[ListenerPlan]) -> list[Bound]:
    """Take every port, or none.

    Raises:
        PortInUse: One of them can't be had; those taken before are given back.
    """
    bound: list[Bound] = []
    try:
        for plan in plans:
            taken = _bind(plan)
            bound.append(Bound(plan, taken))
    except PortInUse:
        for one in bound:
            one.socket.close()
        raise
    return bound


def _bind(plan: ListenerPlan) -> socket.socket:
    family = socket.AF_INET6 if ":" in plan.host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((plan.host, plan.port))
        taken.listen(_BACKLOG)
    except (OSError, TypeError) as error:  # TypeError where an address can't be a host's name
        taken.close()
        reason = error.strerror if isinstance(error, OSError) else None
        raise PortInUse(plan, reason or str(error)) from error
    taken.setblocking(False)
    return taken
