"""What a process that serves is made of.

A process is the only one, a worker among several, or the one beside another that answers requests
with large bodies. All are made of the same, and differ in where their connections come from and in
who tells them what to do.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from naftiko_runtime.expose.turnstile import Turnstile
from naftiko_runtime.observe import configure_logging
from naftiko_runtime.runtime.accepting import Accept
from naftiko_runtime.runtime.equipment import Equipment, equip
from naftiko_runtime.runtime.fleet import Fleet
from naftiko_runtime.runtime.measuring import Measuring
from naftiko_runtime.runtime.peers import Seat
from naftiko_runtime.runtime.server import Runtime
from naftiko_runtime.runtime.showing import Showing
from naftiko_runtime.runtime.siding import Siding
from naftiko_runtime.runtime.sockets import Bound
from naftiko_runtime.runtime.tracing import trace_id_source, trace_ring, tracing
from naftiko_runtime.secrecy import Secrecy
from naftiko_runtime.settings import ServeSettings

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer


@dataclass(frozen=True, slots=True)
class ServingProcess:
    """What a process that serves is made of.

    Attributes:
        fleet: What is served.
        settings: How it is served.
        secrecy: What may not be shown.
        nonce_key: What nonces are signed with: the same in all processes that share callers.
        tracer: Makes spans; None where nothing is traced.
        equipment: What answers requests.
        measuring: What is measured.
        showing: What is shown of what was measured and traced.
    """

    fleet: Fleet
    settings: ServeSettings
    secrecy: Secrecy
    nonce_key: bytes = field(repr=False)
    tracer: Tracer | None
    equipment: Equipment
    measuring: Measuring
    showing: Showing

    def runtime(
        self, bound: Sequence[Bound], accept: Accept, siding: Siding | None = None
    ) -> Runtime:
        """Return what serves on sockets.

        Args:
            bound: The sockets.
            accept: How connections come from one.
            siding: Where requests with large bodies are answered; None for here.
        """
        equipment = self.equipment
        listeners = equipment.assembler.listeners(bound)
        runtime = Runtime(listeners, equipment.engine, self.settings.limits, accept, siding)
        self.measuring.connections = lambda: runtime.connections
        return runtime


def begin_log(settings: ServeSettings, secrecy: Secrecy, worker: int | None = None) -> None:
    """Have this process write its log as the settings say.

    Args:
        settings: How it is written.
        secrecy: What may not be in it.
        worker: Which of several processes this is.
    """
    configure_logging(
        settings.log_level,
        settings.log_format,
        secrecy.mask,
        worker=worker,
        trace_id=trace_id_source(settings),
    )


@asynccontextmanager
async def serving_process(
    fleet: Fleet,
    settings: ServeSettings,
    secrecy: Secrecy,
    nonce_key: bytes,
    seat: Seat | None = None,
    turnstile: Turnstile | None = None,
) -> AsyncIterator[ServingProcess]:
    """Have what this process is made of while the block lasts; then close it.

    Args:
        fleet: What is served.
        settings: How it is served.
        secrecy: What may not be shown.
        nonce_key: What nonces are signed with.
        seat: Where other processes find this one; None where none is looked for.
        turnstile: Bounds how often one caller may call.
    """
    ring = trace_ring(settings, secrecy)
    async with tracing(settings, secrecy, ring) as tracer:
        equipment = equip(settings, nonce_key, turnstile, tracer)
        measuring = Measuring(fleet, equipment, secrecy.mask)
        showing = Showing(fleet, measuring, ring, seat)
        try:
            yield ServingProcess(
                fleet, settings, secrecy, nonce_key, tracer, equipment, measuring, showing
            )
        finally:
            await equipment.callers.aclose()
            await showing.aclose()
