"""Both faces of the capability of canaries, called by a caller who brings canaries, too."""

from __future__ import annotations

import io
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import httpx

from naftiko_runtime import observe
from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.execute.upstream.measured_client import MeasuredClient
from naftiko_runtime.execute.upstream.message import UpstreamRequest, UpstreamResponse
from naftiko_runtime.expose.bodies import Bodies
from naftiko_runtime.expose.callers import Callers
from naftiko_runtime.expose.control.process import Exposition
from naftiko_runtime.expose.control.service import ControlService
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.listener import Listener, Services
from naftiko_runtime.expose.mcp.service import McpService
from naftiko_runtime.expose.rest.openapi import openapi_document
from naftiko_runtime.expose.rest.service import RestService
from naftiko_runtime.expose.rest.site import build_site
from naftiko_runtime.expose.skill.service import SkillService
from naftiko_runtime.observe import LogFormat, configure_logging
from naftiko_runtime.observe.exposition import expose
from naftiko_runtime.observe.levels import Levels
from naftiko_runtime.observe.metrics import Metrics
from naftiko_runtime.runtime.assembly import Hooks
from naftiko_runtime.runtime.measuring import measured
from naftiko_runtime.secrecy import Secrecy
from tests.expose.control.process import PlayedProcess
from tests.expose.mcp.wire import STATELESS, headers_of, message_of
from tests.leaks.canaries import OF_CALLERS, OF_CALLERS_QUERY, capability
from tests.timing import WITHOUT_PAUSES
from tests.upstreams import RecordingClient

Respond = Callable[[UpstreamRequest], UpstreamResponse]


@dataclass
class World:
    """A served capability, its upstreams, and all that was said.

    Attributes:
        upstream: What arrived there.
        caller: The HTTP client of a caller.
        logs: What was logged.
    """

    upstream: RecordingClient
    caller: httpx.AsyncClient
    logs: io.StringIO = field(default_factory=io.StringIO)

    async def rest(self, target: str) -> str:
        """Call a route; return all that the caller gets to see."""
        query = {"extra": OF_CALLERS_QUERY}
        return _seen(await self.caller.get(target, params=query, headers=OF_CALLERS))

    async def forward(self, name: str) -> str:
        """Call an API by way of its forward, whose query would be passed on."""
        return _seen(await self.caller.get(f"/forward/{name}/things/1", headers=OF_CALLERS))

    async def mcp(self, method: str, params: dict[str, object]) -> str:
        """Send a request of MCP; return all that the caller gets to see."""
        headers = {**OF_CALLERS, **headers_of(STATELESS, method, params)}
        message = message_of(STATELESS, method, params)
        return _seen(await self.caller.post("/mcp", json=message, headers=headers))

    async def tool(self, name: str) -> str:
        """Call a tool."""
        arguments = {} if name == "steps" else {"id": "1"}
        return await self.mcp("tools/call", {"name": name, "arguments": arguments})


def _seen(response: httpx.Response) -> str:
    return f"{response.status_code} {response.headers.raw!r} {response.text}"


class MeasuredProcess(PlayedProcess):
    """A process for control adapters to tell of, whose metrics are those of its calls."""

    def __init__(self) -> None:
        super().__init__()
        self._secrecy = Secrecy(capability().secrets)
        self.metrics = Metrics(self.mask)

    def mask(self, text: str) -> str:
        return self._secrecy.mask(text)

    async def measured(self, accept: str) -> Exposition:
        levels = Levels("1", [capability().name], 1, 1, {"https://bearer.test": True})
        return Exposition(*expose([(None, self.metrics.pack(levels))], accept))


@contextmanager
def logging_to(stream: io.StringIO, log_format: LogFormat) -> Iterator[None]:
    """Log everything as `--log-level debug` does; leave logging as it was.

    What the caller's own client logs of its requests is not the runtime's.
    """
    root, own = logging.getLogger(), logging.getLogger("naftiko")
    logging.getLogger("httpx").disabled = True
    before = root.handlers[:], root.level, own.level
    configure_logging("debug", log_format, Secrecy(capability().secrets).mask, stream)
    try:
        yield
    finally:
        root.handlers[:] = before[0]
        root.setLevel(before[1])
        own.setLevel(before[2])
        logging.getLogger("httpx").disabled = False


@asynccontextmanager
async def world(respond: Respond, log_format: LogFormat = "console") -> AsyncIterator[World]:
    """Serve the capability over upstreams that answer like this."""
    plan, client = capability(), RecordingClient(respond)
    process = MeasuredProcess()
    engine = Engine(MeasuredClient(client, process.metrics.exchanged), timing=WITHOUT_PAUSES)
    callers, limits = Callers(RecordingClient()), Limits()
    hooks = measured(Hooks(), process.metrics)
    mcp = McpService(plan.mcp, engine, limits, version="1", callers=callers, on_call=hooks.mcp)
    rest = RestService(plan.rest, engine, limits, callers, on_answer=hooks.rest)
    skills = SkillService(plan.skills, limits, callers, on_answer=observe.log_rest_answer)
    document = openapi_document(plan.rest, "t", "1", ["http://127.0.0.1:9090"])
    site = build_site(document, docs=True, on_answer=observe.log_rest_answer)
    pages = ControlService(plan.control, process, callers, site)
    transport = httpx.ASGITransport(Listener(Services(rest, pages, skills, mcp), Bodies()))
    base = "http://127.0.0.1:9090"
    async with mcp.run(), httpx.AsyncClient(transport=transport, base_url=base) as caller:
        made = World(client, caller)
        with logging_to(made.logs, log_format):
            yield made
    await engine.aclose()
