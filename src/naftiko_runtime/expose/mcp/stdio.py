"""MCP over standard input and output: one client, which started this process. Section 9."""

from __future__ import annotations

import asyncio
import logging
import os
import stat
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Final, cast

from mcp.server.lowlevel import NotificationOptions
from mcp.server.stdio import stdio_server

from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.mcp.calls import OnCall, ToolCaller
from naftiko_runtime.expose.mcp.copying import copied
from naftiko_runtime.expose.mcp.offer import prepare_offer
from naftiko_runtime.expose.mcp.server import EndpointServer, message_tracing
from naftiko_runtime.plan.adapters import McpPlan

if TYPE_CHECKING:
    import anyio
    from opentelemetry.trace import Tracer

_NAME: Final = "naftiko"
_OUTPUT: Final = 1
_log: Final = logging.getLogger("naftiko.mcp")


async def run_stdio(
    plans: Sequence[McpPlan],
    engine: Engine,
    limits: Limits,
    *,
    version: str,
    on_call: OnCall | None = None,
    tracer: Tracer | None = None,
) -> None:
    """Serve what all plans offer to the one client, until it closes standard input.

    Only the protocol is written to standard output: what else writes there meanwhile ends up on
    standard error. Cancelling ends it at once; where standard input is a file, at its next line.

    Args:
        plans: The servers; what they have is offered together.
        engine: What executes calls.
        limits: What the client may ask.
        version: The runtime's version, which the client sees.
        on_call: Learns of each call that ended.
        tracer: Makes spans; None where nothing is traced.
    """
    caller = ToolCaller(engine, limits.call_seconds, on_call)
    name = plans[0].namespace if len(plans) == 1 else ""
    offer = prepare_offer(plans)
    tracing = message_tracing(tracer, lambda: offer)
    server = EndpointServer(name or _NAME, version, offer, caller, is_fixed=True, tracing=tracing)
    async with (
        _lines(sys.stdin.fileno(), limits.body_bytes) as lines,
        stdio_server(lines) as (read, write),
    ):
        options = server.create_initialization_options(NotificationOptions())
        await server.run(read, write, options)


@asynccontextmanager
async def _lines(file: int, longest: int) -> AsyncIterator[anyio.AsyncFile[str] | None]:
    """Yield the lines of a pipe or terminal, read so that waiting for them can be cancelled.

    The SDK reads in a thread, which nothing can wake: a process that is told to end would wait for
    its client. None stands for files that have to be read like that all the same: they have their
    next line, or their end, at once.
    """
    with _opened(file) as own:
        if own is None:
            yield None
            return
        reader = asyncio.StreamReader(limit=longest)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(own, "rb", 0)
        )
        try:
            yield cast("anyio.AsyncFile[str]", _read(reader))  # the SDK only iterates over it
        finally:
            transport.close()
            os.set_blocking(file, True)


def _opened(file: int) -> AbstractContextManager[int | None]:
    """Return what can be waited for in the place of a pipe, socket or terminal.

    None stands for other files.

    Writing has to block where that is standard output as well. So a terminal is opened once more,
    and of a socket a copy is read. A terminal that belongs to another user, or to a system outside
    of the container, can't be opened.
    """
    if os.isatty(file):
        try:
            return nullcontext(os.open(os.ttyname(file), os.O_RDONLY | os.O_NOCTTY))
        except OSError:
            return nullcontext()
    about = os.fstat(file)
    if stat.S_ISSOCK(about.st_mode) and os.path.samestat(about, os.fstat(_OUTPUT)):
        return copied(file)
    is_waitable = stat.S_ISFIFO(about.st_mode) or stat.S_ISSOCK(about.st_mode)
    return nullcontext(os.dup(file) if is_waitable else None)


async def _read(reader: asyncio.StreamReader) -> AsyncIterator[str]:
    is_ignored = False
    while True:
        try:
            line = await reader.readuntil()
        except asyncio.LimitOverrunError as error:
            if not is_ignored:
                _log.warning("a message on standard input is over the limit, and is ignored")
            is_ignored = True  # to its end, which comes as a line of its own
            await reader.readexactly(error.consumed)
            continue
        except asyncio.IncompleteReadError as error:
            line = error.partial
        if line and not is_ignored:
            yield line.decode("utf-8", "replace")
        if not line.endswith(b"\n"):
            return
        is_ignored = False
