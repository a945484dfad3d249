"""The whole stack in this process: real sockets on both sides, everything of it within reach."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.execute.upstream.message import UpstreamLimits
from naftiko_runtime.execute.upstream.pooled import PooledClient
from naftiko_runtime.expose.callers import Callers
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.listeners import Overrides
from naftiko_runtime.limits import DEFAULT_LIMITS, ServeLimits
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.runtime.assembly import Assembler
from naftiko_runtime.runtime.fleet import Fleet
from naftiko_runtime.runtime.server import Runtime
from naftiko_runtime.runtime.sockets import bind_all
from tests.execute.upstream.scripted_server import Script, ScriptedServer
from tests.upstreams import RecordingClient

PATIENCE_SECONDS: Final = 60.0
HANDSHAKE: Final = "2025-06-18"
STATELESS: Final = "2026-07-28"
TOOL: Final = "get-thing"

_THINGS: Final = """
naftiko: 1.0.0-alpha3
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: {upstream}
    x-resilience: {resilience}
    resources:
    - path: /things/{{id}}
      name: thing
      operations:
      - name: get-thing
        method: GET
        inputParameters: [{{name: q, in: query, type: string}}]
      - {{name: put-thing, method: PUT, body: {{type: json}}}}
  exposes:
  - type: rest
    namespace: things-rest
    port: 0
    resources:
    - path: /things/{{id}}
      operations:
      - {{method: GET, name: get-thing, call: api.get-thing}}
      - {{method: PUT, name: put-thing, call: api.put-thing}}
  - type: mcp
    namespace: things-mcp
    port: 0
    tools:
    - {{name: get-thing, description: Get a thing, call: api.get-thing}}
"""
ONCE: Final = "{retries: off, circuitBreaker: off}"
"""Resilience that shows each fault as it is."""


@dataclass(slots=True)
class Stack:
    """A capability that is served in this process.

    Attributes:
        rest: The port of `/things/{id}`.
        mcp: The port of `/mcp`.
        runtime: What serves it.
        client: Asks it.
    """

    rest: int
    mcp: int
    runtime: Runtime
    client: httpx.AsyncClient

    async def get(self, thing: str = "1") -> httpx.Response:
        """Call over REST."""
        return await self.client.get(f"http://127.0.0.1:{self.rest}/things/{thing}")

    async def call(self, thing: str = "1", version: str = HANDSHAKE) -> Any:
        """Call over MCP; return the tool's result."""
        body, headers = tool_call(thing, version)
        url = f"http://127.0.0.1:{self.mcp}/mcp"
        response = await self.client.post(url, json=body, headers=headers)
        return response.json()["result"]

    async def exchange(self, port: int, *pieces: bytes) -> bytes:
        """Send pieces over a connection; return what comes until it is closed."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        try:
            return await reader.read()
        finally:
            writer.transport.abort()


class _Unsettled(Runtime):
    """A runtime that collects no garbage first: of a whole test run there is too much."""

    @staticmethod
    def settle(*, replaced: bool = False) -> None:
        pass


def tool_call(thing: str, version: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Return a call of the tool, as body and headers."""
    params: dict[str, Any] = {"name": TOOL, "arguments": {"id": thing}}
    headers = {
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": version,
    }
    if version == STATELESS:
        headers |= {"mcp-method": "tools/call", "mcp-name": TOOL}
        meta = "io.modelcontextprotocol/"
        params["_meta"] = {
            f"{meta}protocolVersion": version,
            f"{meta}clientCapabilities": {},
            f"{meta}clientInfo": {"name": "test", "version": "1"},
        }
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}, headers


def write_things(folder: Path, upstream: str, resilience: str = ONCE) -> Path:
    """Write the capability to a file."""
    file = folder / "things.yaml"
    file.write_text(_THINGS.format(upstream=upstream, resilience=resilience))
    return file


@asynccontextmanager
async def stack(
    folder: Path,
    upstream: str,
    *,
    resilience: str = ONCE,
    call_seconds: float = 30.0,
    limits: ServeLimits = DEFAULT_LIMITS,
    trust: ssl.SSLContext | None = None,
) -> AsyncIterator[Stack]:
    """Serve the capability until the block ends."""
    file = write_things(folder, upstream, resilience)
    fleet = Fleet([file], LoadOptions(environment={}), Overrides(rest_port=0, mcp_port=0))
    assert fleet.look() == []
    plans, _ = fleet.listeners()
    bounds = UpstreamLimits(
        response_bytes=limits.response_bytes, connections=limits.upstream_connections
    )
    engine = Engine(PooledClient(bounds, verify=trust), call_seconds, limits=limits)
    callers = Callers(RecordingClient())
    asked = Limits(
        limits.body_bytes, limits.body_seconds, call_seconds, limits.json_depth, limits.parameters
    )
    bound = bind_all(plans)
    runtime = _Unsettled(Assembler(engine, callers, asked).listeners(bound), engine, limits)
    serving = asyncio.create_task(runtime.serve())
    await runtime.ready.wait()
    try:
        async with httpx.AsyncClient(timeout=PATIENCE_SECONDS, trust_env=False) as client:
            rest = next(one.port for one in bound if one.plan.rest)
            mcp = next(one.port for one in bound if one.plan.mcp)
            yield Stack(rest, mcp, runtime, client)
    finally:
        runtime.stop()
        await serving
        await callers.aclose()


@asynccontextmanager
async def upstream(
    script: Script, tls: ssl.SSLContext | None = None
) -> AsyncIterator[ScriptedServer]:
    """Run an upstream until the block ends."""
    server = ScriptedServer(script)
    await server.start(tls=tls)
    try:
        yield server
    finally:
        await server.stop()


def url_of(server: ScriptedServer) -> str:
    """Return where an upstream is."""
    origin = server.origin
    return f"{origin.scheme}://{origin.host}:{origin.port}"


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not holds():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.001)
