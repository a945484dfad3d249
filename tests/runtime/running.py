"""A runtime in this process, with its reloader at hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.execute.upstream.message import UpstreamRequest, UpstreamResponse
from naftiko_runtime.expose.callers import Callers
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.listeners import Overrides
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.runtime.assembly import Assembler
from naftiko_runtime.runtime.fleet import Fleet
from naftiko_runtime.runtime.reload import Reloader
from naftiko_runtime.runtime.server import Runtime
from naftiko_runtime.runtime.sockets import bind_all
from naftiko_runtime.secrecy import Secrecy
from tests.upstreams import PATIENCE_SECONDS, RecordingClient, answer


@dataclass(slots=True)
class Running:
    """A runtime that serves.

    Attributes:
        fleet: Its capabilities.
        runtime: What serves them.
        reloader: What keeps it at what its files say.
        secrecy: What may not be shown.
        client: Asks it.
    """

    fleet: Fleet
    runtime: Runtime
    reloader: Reloader
    secrecy: Secrecy
    client: httpx.AsyncClient

    @property
    def ports(self) -> set[int]:
        """The ports on which it listens."""
        return {bound.port for bound, _ in self.runtime.listeners}

    async def read(self, port: int, path: str) -> object:
        """Return the text that a route answers; its status where that is no success."""
        response = await self.client.get(f"http://127.0.0.1:{port}{path}")
        return response.json()["text"] if response.status_code == 200 else response.status_code


@asynccontextmanager
async def running(*paths: Path, **environment: str) -> AsyncIterator[Running]:
    """Serve files until the block ends."""
    fleet = Fleet(paths, LoadOptions(environment=environment), Overrides())
    fleet.look()
    plans, _ = fleet.listeners()
    engine = Engine(RecordingClient(_respond))
    callers = Callers(RecordingClient(_respond))
    assembler = Assembler(engine, callers, Limits())
    runtime = Runtime(assembler.listeners(bind_all(plans)), engine)
    secrecy = Secrecy(fleet.secrets)
    serving = asyncio.create_task(runtime.serve())
    await runtime.ready.wait()
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_SECONDS) as client:
            reloader = Reloader(fleet, assembler, runtime, secrecy)
            yield Running(fleet, runtime, reloader, secrecy, client)
    finally:
        runtime.stop()
        await serving
        await callers.aclose()


def _respond(_: UpstreamRequest) -> UpstreamResponse:
    return answer({})
