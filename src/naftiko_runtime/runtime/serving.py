"""`serve`: from paths and settings to listeners that run, and back to an exit status."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from naftiko_runtime._version import __version__
from naftiko_runtime.diagnostics import Diagnostic, Severity
from naftiko_runtime.diagnostics.rendering import render
from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.execute.upstream.clients import RoutedClient
from naftiko_runtime.execute.upstream.message import UpstreamLimits
from naftiko_runtime.expose.callers import AUTHORIZATION_SERVER_LIMITS, Callers
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.listeners import ListenerPlan, Overrides
from naftiko_runtime.expose.turnstile import Turnstile
from naftiko_runtime.limits import ServeLimits
from naftiko_runtime.observe import configure_logging
from naftiko_runtime.runtime.assembly import Assembler
from naftiko_runtime.runtime.banner import banner
from naftiko_runtime.runtime.descriptors import fit_to_descriptors
from naftiko_runtime.runtime.fleet import Fleet
from naftiko_runtime.runtime.reload import Reloader
from naftiko_runtime.runtime.server import Runtime
from naftiko_runtime.runtime.sockets import Bound, PortInUse, bind_all
from naftiko_runtime.secrecy import Secrecy
from naftiko_runtime.settings import ServeSettings

MANY_FILES: Final = 20

_log = logging.getLogger("naftiko.runtime")


def serve(paths: Sequence[Path], settings: ServeSettings) -> int:
    """Serve capabilities until the process is told to stop.

    Args:
        paths: Files, folders and globs.
        settings: How they are served.

    Returns:
        The exit status: 0 after a graceful stop; 1 if nothing could be served, or a file was left
        out because it is broken.
    """
    fleet = Fleet(
        paths,
        settings.load,
        Overrides(settings.host, settings.rest_port, settings.mcp_port),
    )
    found = fleet.look(_progress())
    plans, clashes = fleet.listeners()
    secrecy = Secrecy(fleet.secrets)
    configure_logging(settings.log_level, settings.log_format, secrecy.mask)
    _show([*found, *clashes], secrecy)
    if not fleet.capabilities or (settings.strict and _has_errors(found)):
        return 1
    try:
        bound = bind_all(plans)
    except PortInUse as error:
        _show([_port_in_use(error)], secrecy)
        return 1
    _run(fleet, bound, settings)
    return 1 if fleet.broken else 0


def _run(fleet: Fleet, bound: Sequence[Bound], settings: ServeSettings) -> None:
    with asyncio.Runner(loop_factory=_new_event_loop) as runner:
        runner.run(_serve(fleet, bound, settings))


def _new_event_loop() -> asyncio.AbstractEventLoop:
    """Return uvloop's loop where there is one, else asyncio's own."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


async def _serve(fleet: Fleet, bound: Sequence[Bound], settings: ServeSettings) -> None:
    limits = fit_to_descriptors(settings.limits)
    engine = Engine(RoutedClient(_upstream_limits(limits)), settings.timeout_seconds, limits=limits)
    callers = Callers(RoutedClient(AUTHORIZATION_SERVER_LIMITS))
    turnstile = Turnstile(limits.caller_rate) if limits.caller_rate is not None else None
    requests = _request_limits(limits, settings.timeout_seconds)
    assembler = Assembler(engine, callers, requests, settings.docs, turnstile)
    runtime = Runtime(assembler.listeners(bound), engine, limits)
    reloader = Reloader(fleet, assembler, runtime)
    watching = asyncio.create_task(reloader.watch(files=settings.watch))
    serving = asyncio.create_task(runtime.serve())
    await runtime.ready.wait()
    print(banner(fleet, bound, __version__), flush=True)  # noqa: T201 - the command's own output
    try:
        await serving
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await callers.aclose()
    _log.info("stopped")


def _upstream_limits(limits: ServeLimits) -> UpstreamLimits:
    return UpstreamLimits(
        response_bytes=limits.response_bytes, connections=limits.upstream_connections
    )


def _request_limits(limits: ServeLimits, call_seconds: float) -> Limits:
    return Limits(
        body_bytes=limits.body_bytes,
        body_seconds=limits.body_seconds,
        call_seconds=call_seconds,
        json_depth=limits.json_depth,
        parameters=limits.parameters,
    )


def _show(diagnostics: Sequence[Diagnostic], secrecy: Secrecy) -> None:
    """Write findings to standard error; pieces of information only where nothing is worse."""
    shown = [one for one in diagnostics if one.severity is not Severity.INFO]
    if shown:
        colour = sys.stderr.isatty()
        print(render(shown, "text", colour, secrecy.mask), file=sys.stderr)  # noqa: T201


def _has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    return any(one.severity is Severity.ERROR for one in diagnostics)


def _port_in_use(error: PortInUse) -> Diagnostic:
    plan: ListenerPlan = error.plan
    at = plan.rest[0].at if plan.rest else plan.mcp[0].at
    option = "--rest-port" if plan.rest else "--mcp-port"
    return Diagnostic(
        Severity.ERROR,
        "port-in-use",
        f"port {plan.port} on {plan.host}, for {', '.join(plan.titles)}, can't be had: "
        f"{error.reason}",
        at,
        f"stop what uses it, or choose another with {option} PORT (0 picks a free one)",
    )


def _progress() -> _Progress | None:
    return _Progress() if sys.stderr.isatty() else None


class _Progress:
    """Shows on a terminal how far the loading of many files has come."""

    def __call__(self, done: int, total: int) -> None:
        if total < MANY_FILES:
            return
        end = "\n" if done == total else ""
        print(f"\rloading {done} of {total} files", end=end, file=sys.stderr, flush=True)  # noqa: T201
