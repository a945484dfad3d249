"""`serve`: from paths and settings to listeners that run, and back to an exit status."""

from __future__ import annotations

import asyncio
import gc
import logging
import secrets
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from naftiko_runtime._version import __version__
from naftiko_runtime.diagnostics import Diagnostic, Severity
from naftiko_runtime.expose.turnstile import Turnstile
from naftiko_runtime.load.uncollected import uncollected
from naftiko_runtime.runtime.banner import banner
from naftiko_runtime.runtime.descriptors import fit_to_descriptors
from naftiko_runtime.runtime.fleet import Fleet
from naftiko_runtime.runtime.loops import new_event_loop
from naftiko_runtime.runtime.process import begin_log, serving_process
from naftiko_runtime.runtime.reporting import port_in_use, progress, show
from naftiko_runtime.runtime.running import serve_alone, serve_among_others
from naftiko_runtime.runtime.signals import hangups_ignored
from naftiko_runtime.runtime.sockets import Bound, PortInUse, bind_all
from naftiko_runtime.runtime.tracing import is_possible
from naftiko_runtime.runtime.worker import Worker
from naftiko_runtime.runtime.workers import Workers
from naftiko_runtime.secrecy import Secrecy
from naftiko_runtime.settings import ServeSettings

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
    begin_log(settings, secrecy)
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
        begin_log(settings, secrecy, worker.number)
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
        runner.run(_serve(fleet, bound, settings, secrecy, worker))


async def _serve(
    fleet: Fleet,
    bound: Sequence[Bound],
    settings: ServeSettings,
    secrecy: Secrecy,
    worker: Worker | None,
) -> None:
    rate = settings.limits.caller_rate
    turnstile = Turnstile(rate) if rate is not None else None
    nonce_key = worker.nonce_key if worker else secrets.token_bytes(32)
    seat = worker.seat if worker else None
    async with serving_process(fleet, settings, secrecy, nonce_key, seat, turnstile) as own:
        await own.showing.follow()
        if worker is not None:
            await serve_among_others(own, worker, bound)
        else:
            await serve_alone(own, bound)
    _log.info("stopped")


def _has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    return any(one.severity is Severity.ERROR for one in diagnostics)
