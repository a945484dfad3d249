"""MCP services on a real port, in this process."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx
import uvicorn
from anyio.lowlevel import checkpoint
from starlette.responses import PlainTextResponse

from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.execute.upstream.message import UpstreamClient
from naftiko_runtime.expose.callers import Callers
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.mcp.service import McpService
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.adapters import McpPlan
from tests.documents import load
from tests.expose.mcp.documents import SHIPS
from tests.timing import WITHOUT_PAUSES
from tests.upstreams import RecordingClient

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

TOKEN = "the secret of ships"
VERSION = "1.2.3"
PATIENCE = 60.0

Call: TypeAlias = tuple[str, bool, float, str]


def plan_of(folder: Path, text: str = SHIPS) -> McpPlan:
    """Return the only MCP server of a capability."""
    options = LoadOptions(environment={"SHIPS_TOKEN": TOKEN})
    (plan,) = load(folder, text, options).mcp
    return plan


@dataclass(frozen=True, slots=True)
class Logged:
    """Keeps what is told of calls."""

    calls: list[Call] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)

    def __call__(
        self,
        address: str,
        is_error: bool,
        seconds: float,
        request_id: str,
        method: str = "tools/call",
    ) -> None:
        self.calls.append((address, is_error, seconds, request_id))
        self.methods.append(method)


def service_of(
    plans: Sequence[McpPlan],
    client: UpstreamClient | None = None,
    limits: Limits | None = None,
    **options: Any,
) -> McpService:
    """Return a service over an upstream that exists only here."""
    engine = Engine(client or RecordingClient(), timing=WITHOUT_PAUSES)
    options.setdefault("callers", Callers(RecordingClient()))
    return McpService(plans, engine, limits or Limits(), version=VERSION, **options)


async def replace_plans(service: McpService, plans: Sequence[McpPlan]) -> None:
    """Serve other plans, as a reload does."""
    replacement = await service.prepare(plans)
    service.replace(replacement)
    await service.tell(replacement)


class _Server(uvicorn.Server):
    """A server that tells when it accepts, and leaves signals alone."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.accepting = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.accepting.set()


def application(service: McpService) -> Callable[[Scope, Receive, Send], Any]:
    """Return a listener's application that has nothing but a service."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        endpoint = service.endpoint(scope["raw_path"].decode("latin-1"))
        await (endpoint or PlainTextResponse("nothing here", 404))(scope, receive, send)

    return app


@asynccontextmanager
async def serving(service: McpService) -> AsyncIterator[str]:
    """Serve on a free port of the loopback; yield the base URL."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        config = uvicorn.Config(
            application(service), lifespan="off", log_config=None, timeout_graceful_shutdown=30
        )
        server = _Server(config)
        async with service.run():
            task = asyncio.create_task(server.serve(sockets=[sock]))
            await asyncio.wait_for(server.accepting.wait(), PATIENCE)
            try:
                yield f"http://127.0.0.1:{sock.getsockname()[1]}"
            finally:
                service.close_streams()
                server.should_exit = True
                await asyncio.wait_for(task, PATIENCE)


@asynccontextmanager
async def browsing(service: McpService) -> AsyncIterator[httpx.AsyncClient]:
    """Serve on a free port of the loopback; yield an HTTP client for it."""
    async with (
        serving(service) as url,
        httpx.AsyncClient(base_url=url, timeout=PATIENCE, trust_env=False) as client,
    ):
        yield client


@asynccontextmanager
async def asking(service: McpService) -> AsyncIterator[httpx.AsyncClient]:
    """Serve without a port; yield an HTTP client that waits for whole answers."""
    transport = httpx.ASGITransport(application(service))
    async with (
        service.run(),
        httpx.AsyncClient(base_url="http://127.0.0.1:9090", transport=transport) as client,
    ):
        yield client


async def until(condition: Callable[[], bool]) -> None:
    """Give others a chance to run until a condition holds."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await checkpoint()


def renamed(plan: McpPlan, namespace: str) -> McpPlan:
    """Return a plan under another namespace."""
    return replace(plan, namespace=namespace)
