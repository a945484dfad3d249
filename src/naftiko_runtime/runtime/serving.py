"""`serve`: from paths and settings to listeners that run, and back to an exit status."""

from __future__ import annotations

import asyncio
import gc
import logging
import secrets
import sys
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from naftiko_runtime._version import __version__
from naftiko_runtime.diagnostics import Diagnostic, Severity
from naftiko_runtime.expose.mcp.stdio import run_stdio
from naftiko_runtime.expose.turnstile import Turnstile
from naftiko_runtime.load.uncollected import uncollected
from naftiko_runtime.observe import configure_logging
from naftiko_runtime.plan.adapters import McpPlan
from naftiko_runtime.runtime.accepting import AT_ONCE_OF_MANY, Acceptor
from naftiko_runtime.runtime.banner import banner
from naftiko_runtime.runtime.control import ControlledProcess
from naftiko_runtime.runtime.descriptors import fit_to_descriptors
from naftiko_runtime.runtime.equipment import Equipment, equip
from naftiko_runtime.runtime.fleet import Fleet
from naftiko_runtime.runtime.loops import new_event_loop
from naftiko_runtime.runtime.measuring import Measuring
from naftiko_runtime.runtime.reload import Reloader
from naftiko_runtime.runtime.reporting import port_in_use, progress, show
from naftiko_runtime.runtime.server import Runtime
from naftiko_runtime.runtime.showing import Showing
from naftiko_runtime.runtime.siding import IS_POSSIBLE, Siding
from naftiko_runtime.runtime.signals import hangups_ignored
from naftiko_runtime.runtime.sockets import Bound, PortInUse, bind_all
from naftiko_runtime.runtime.tracing import (
    is_possible,
    trace_id_source,
    trace_ring,
    tracing,
)
from naftiko_runtime.runtime.worker import Worker
from naftiko_runtime.runtime.workers import Workers
from naftiko_runtime.secrecy import Secrecy
from naftiko_runtime.settings import ServeSettings

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

    from naftiko_runtime.observe.trace_ring import TraceRing

_log = logging.getLogger("naftiko.runtime")


@uncollected()
@hangups_ignored()
def serve(paths: Sequence[Path], settings: ServeSettings) -> int:
    """Serve capabilities until the process is told to stop.

    Args:
        paths: Files, folders and globs.
        settings: How they are served.

    Returns:
        The exit status: 0 after a graceful stop; 1 if nothing could be served, or a file was left
        out because it is broken.
    """
    secrecy = Secrecy()
    trace_id = trace_id_source(settings)
    configure_logging(settings.log_level, settings.log_format, secrecy.mask, trace_id=trace_id)
    if not is_possible(settings, secrecy):
        return 1
    fleet = Fleet.asked_for(paths, settings)
    found = fleet.look(progress())
    secrecy.add(fleet.secrets)
    plans, clashes = fleet.listeners()
    show([*found, *clashes], secrecy)
    if not _may_start(fleet, found, clashes, settings):
        return 1
    try:
        bound = bind_all(plans)
    except PortInUse as error:
        show([port_in_use(error)], secrecy)
        return 1
    settings = replace(settings, limits=fit_to_descriptors(settings.limits))
    if settings.workers > 1:
        is_started = _serve_with_workers(fleet, bound, settings, secrecy)
    else:
        _run(fleet, bound, settings, secrecy)
        is_started = True
    return 1 if fleet.broken or not is_started else 0


def _may_start(
    fleet: Fleet,
    found: Sequence[Diagnostic],
    clashes: Sequence[Diagnostic],
    settings: ServeSettings,
) -> bool:
    """Return whether there is something to serve, and nothing that forbids it."""
    if _has_errors(clashes) or (settings.strict and (_has_errors(found) or clashes)):
        return False
    if settings.stdio and fleet.capabilities and not fleet.on_stdio():
        _log.error("there is no MCP server to be served on standard input and output")
        return False
    if settings.workers > 1 and fleet.on_stdio():
        _log.error("a server on standard input and output can't be served by several workers")
        return False
    return bool(fleet.capabilities) or settings.watch


def _serve_with_workers(
    fleet: Fleet, bound: Sequence[Bound], settings: ServeSettings, secrecy: Secrecy
) -> bool:
    """Serve with several processes; return whether all of them could start."""

    def work(worker: Worker, bound: Sequence[Bound]) -> None:
        configure_logging(
            settings.log_level,
            settings.log_format,
            secrecy.mask,
            worker=worker.number,
            trace_id=trace_id_source(settings),
        )
        _run(fleet, bound, settings, secrecy, worker)

    def announce() -> None:
        sys.stdout.write(banner(fleet, bound, __version__, settings.workers) + "\n")
        sys.stdout.flush()

    gc.freeze()  # what the workers share is not to be touched by the first process's collections
    gc.enable()
    workers = Workers(fleet, bound, secrecy, settings.workers, work, watch=settings.watch)
    return workers.serve(announce)


@uncollected()  # until the runtime settles
def _run(
    fleet: Fleet,
    bound: Sequence[Bound],
    settings: ServeSettings,
    secrecy: Secrecy,
    worker: Worker | None = None,
) -> None:
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_serve_traced(fleet, bound, settings, secrecy, worker))


async def _serve_traced(
    fleet: Fleet,
    bound: Sequence[Bound],
    settings: ServeSettings,
    secrecy: Secrecy,
    worker: Worker | None,
) -> None:
    ring = trace_ring(settings, secrecy)
    async with tracing(settings, secrecy, ring) as tracer:
        await _serve(fleet, bound, settings, secrecy, worker, tracer, ring)
    _log.info("stopped")


async def _serve(
    fleet: Fleet,
    bound: Sequence[Bound],
    settings: ServeSettings,
    secrecy: Secrecy,
    worker: Worker | None,
    tracer: Tracer | None,
    ring: TraceRing | None,
) -> None:
    nonce_key = worker.nonce_key if worker else secrets.token_bytes(32)
    rate = settings.limits.caller_rate
    turnstile = Turnstile(rate) if rate is not None else None
    equipment = equip(settings, nonce_key, turnstile, tracer)
    accept = partial(Acceptor, at_once=AT_ONCE_OF_MANY) if worker else Acceptor
    siding = Siding(fleet, settings, nonce_key) if IS_POSSIBLE and not settings.stdio else None
    measuring = Measuring(fleet, equipment, secrecy.mask)
    showing = Showing(fleet, measuring, ring, worker.seat if worker else None)
    await showing.follow()
    equipment.assembler.process = process = ControlledProcess(
        fleet, showing, secrecy.mask, tracer is not None
    )
    listeners = equipment.assembler.listeners(bound)
    runtime = Runtime(listeners, equipment.engine, settings.limits, accept, siding)
    bind = worker.bind if worker else bind_all
    reloader = Reloader(
        fleet, equipment.assembler, runtime, secrecy, bind, showing, is_quiet=worker is not None
    )
    process.begin_with(runtime, worker.ask_for_reload if worker else reloader.reload_at_once)
    measuring.connections = lambda: runtime.connections
    if siding is not None:
        siding.seat = lambda: showing.beside
    on_stdio = fleet.on_stdio() if worker is None else []
    beside: list[Coroutine[None, None, None]] = []
    if worker is not None:
        beside.append(worker.obey(fleet, reloader, runtime))
    elif not settings.stdio:
        beside.append(reloader.watch(files=settings.watch))
    if on_stdio:
        beside.append(_talk(on_stdio, equipment, runtime, tracer))

    def announce() -> None:
        if worker is None:
            told = sys.stderr if on_stdio else sys.stdout  # the protocol alone may be on the other
            print(banner(fleet, bound, __version__), file=told, flush=True)

    try:
        await _run_runtime(runtime, beside, announce)
    finally:
        await equipment.callers.aclose()
        await showing.aclose()


async def _run_runtime(
    runtime: Runtime, beside: Sequence[Coroutine[None, None, None]], announce: Callable[[], None]
) -> None:
    """Serve until the runtime is told to stop.

    Args:
        runtime: What serves.
        beside: What runs as long as it serves.
        announce: Called when it accepts.
    """
    tasks = [asyncio.create_task(one) for one in beside]
    serving = asyncio.create_task(runtime.serve())
    await runtime.ready.wait()
    if runtime.has_started:
        announce()
    stopping = asyncio.create_task(runtime.stopping.wait())
    try:
        await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (stopping, *tasks):
            task.cancel()
        for one in await asyncio.gather(stopping, *tasks, return_exceptions=True):
            if isinstance(one, Exception):
                _log.error("what ran beside the servers has failed", exc_info=one)
    await serving


async def _talk(
    plans: Sequence[McpPlan], equipment: Equipment, runtime: Runtime, tracer: Tracer | None
) -> None:
    """Serve the client on standard input and output; it ends the process if nobody else may call.

    Args:
        plans: What is served there.
        equipment: What answers it.
        runtime: What serves everybody else.
        tracer: Makes spans; None where nothing is traced.
    """
    await runtime.ready.wait()
    engine, limits, on_call = equipment.engine, equipment.limits, equipment.assembler.on_call
    try:
        await run_stdio(plans, engine, limits, version=__version__, on_call=on_call, tracer=tracer)
    except Exception:  # noqa: BLE001 - logged, not kept in a task that nobody looks at before the end
        _log.exception("serving standard input and output failed")
    if not runtime.listeners:
        runtime.stop()


def _has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    return any(one.severity is Severity.ERROR for one in diagnostics)
