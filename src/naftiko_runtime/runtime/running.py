"""What runs in a process that serves, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from functools import partial
from typing import Final

from naftiko_runtime._version import __version__
from naftiko_runtime.expose.mcp.stdio import run_stdio
from naftiko_runtime.plan.adapters import McpPlan
from naftiko_runtime.runtime.accepting import AT_ONCE_OF_MANY, Acceptor
from naftiko_runtime.runtime.banner import banner
from naftiko_runtime.runtime.control import ControlledProcess
from naftiko_runtime.runtime.process import ServingProcess
from naftiko_runtime.runtime.reload import Reloader
from naftiko_runtime.runtime.server import Runtime
from naftiko_runtime.runtime.siding import IS_POSSIBLE, Siding
from naftiko_runtime.runtime.sockets import Bound
from naftiko_runtime.runtime.worker import Worker

_log: Final = logging.getLogger("naftiko.runtime")


async def serve_alone(own: ServingProcess, bound: Sequence[Bound]) -> None:
    """Serve as the only process.

    Args:
        own: What it is made of.
        bound: The sockets.
    """
    control = _controlled(own)
    runtime = own.runtime(bound, Acceptor, _siding(own))
    reloader = Reloader(
        own.fleet, own.equipment.assembler, runtime, own.secrecy, showing=own.showing
    )
    control.begin_with(runtime, reloader.reload_at_once)
    on_stdio = own.fleet.on_stdio()

    def announce() -> None:
        told = sys.stderr if on_stdio else sys.stdout  # the protocol alone may be on the other
        print(banner(own.fleet, bound, __version__), file=told, flush=True)

    await _run(runtime, [*_work(own, runtime, reloader, on_stdio)], announce)


async def serve_among_others(own: ServingProcess, worker: Worker, bound: Sequence[Bound]) -> None:
    """Serve as one of several processes.

    Args:
        own: What it is made of.
        worker: Which one it is.
        bound: The sockets, which are those of all of them.
    """
    control = _controlled(own)
    runtime = own.runtime(bound, partial(Acceptor, at_once=AT_ONCE_OF_MANY), _siding(own))
    reloader = Reloader(
        own.fleet,
        own.equipment.assembler,
        runtime,
        own.secrecy,
        worker.bind,
        own.showing,
        is_quiet=True,
    )
    control.begin_with(runtime, worker.ask_for_reload)
    await _run(runtime, [worker.obey(own.fleet, reloader, runtime)])


def _controlled(own: ServingProcess) -> ControlledProcess:
    """Return the process as control adapters see it; they are assembled after it."""
    control = ControlledProcess(own.fleet, own.showing, own.secrecy.mask, own.tracer is not None)
    own.equipment.assembler.process = control
    return control


def _siding(own: ServingProcess) -> Siding | None:
    """Return where requests with large bodies are answered; None for here."""
    if not IS_POSSIBLE or own.settings.stdio:
        return None
    siding = Siding(own.fleet, own.settings, own.nonce_key)
    siding.seat = lambda: own.showing.beside
    return siding


def _work(
    own: ServingProcess, runtime: Runtime, reloader: Reloader, on_stdio: Sequence[McpPlan]
) -> Iterator[Coroutine[None, None, None]]:
    """Yield what the only process does besides serving on sockets."""
    if not own.settings.stdio:
        yield reloader.watch(files=own.settings.watch)
    if on_stdio:
        yield _talk(own, runtime, on_stdio)


async def _talk(own: ServingProcess, runtime: Runtime, plans: Sequence[McpPlan]) -> None:
    """Serve the client on standard input and output; it ends the process if nobody else may call.

    Args:
        own: What the process is made of.
        runtime: What serves everybody else.
        plans: What is served there.
    """
    await runtime.ready.wait()
    engine, limits = own.equipment.engine, own.equipment.limits
    on_call, tracer = own.equipment.assembler.on_call, own.tracer
    try:
        await run_stdio(plans, engine, limits, version=__version__, on_call=on_call, tracer=tracer)
    except Exception:  # noqa: BLE001 - logged, not kept in a task that nobody looks at before the end
        _log.exception("serving standard input and output failed")
    if not runtime.listeners:
        runtime.stop()


async def _run(
    runtime: Runtime,
    work: Sequence[Coroutine[None, None, None]],
    announce: Callable[[], None] = lambda: None,
) -> None:
    """Serve until the runtime is told to stop.

    Args:
        runtime: What serves.
        work: What is done as long as it serves.
        announce: Called when it accepts.
    """
    tasks = [asyncio.create_task(one) for one in work]
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
