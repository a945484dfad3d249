"""One MCP URL: who may use it, and which of the SDK's ways serves a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
from anyio.abc import TaskStatus
from starlette.responses import PlainTextResponse, Response

from naftiko_runtime.errors import CallerRefused
from naftiko_runtime.expose.callers import admit_to_all
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.mcp.calls import ToolCaller
from naftiko_runtime.expose.mcp.guard import Guard
from naftiko_runtime.expose.mcp.lane import Lane
from naftiko_runtime.expose.mcp.offer import Changes, Offer
from naftiko_runtime.expose.mcp.replies import stateless_replies
from naftiko_runtime.expose.mcp.revisions import WITH_HANDSHAKE, revision_of
from naftiko_runtime.expose.mcp.server import EndpointServer, message_tracing
from naftiko_runtime.expose.mcp.streams import ChangeStreams
from naftiko_runtime.expose.mcp.transport import Transport
from naftiko_runtime.expose.rest.problems import problem_of

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer
    from starlette.types import Receive, Scope, Send


class Endpoint:
    """An MCP server on one URL, all protocol revisions, without sessions.

    Args:
        name: What clients see as the server's name.
        version: The runtime's version.
        offer: What is offered.
        caller: Calls tools.
        limits: What callers may ask.
        guard: Checks requests that arrive over loopback.
        tracer: Makes spans; None where nothing is traced.
    """

    def __init__(
        self,
        name: str,
        version: str,
        offer: Offer,
        caller: ToolCaller,
        limits: Limits,
        guard: Guard,
        tracer: Tracer | None = None,
    ) -> None:
        self._offer = offer
        self._guard = guard
        self._longest_seconds = limits.body_seconds + limits.call_seconds
        tracing = message_tracing(tracer, lambda: self._offer)
        reader = tracing.reader() if tracing is not None else None
        self._server = EndpointServer(name, version, offer, caller, tracing=tracing)
        self._transport = Transport(self._server, limits.body_bytes)
        replies = stateless_replies(name, version)
        self._lane = Lane(offer.tools, caller, replies, limits.body_bytes, reader)
        self._changes = ChangeStreams()
        self._running = 0
        self._retired = anyio.Event()
        self._idle = anyio.Event()

    @property
    def offer(self) -> Offer:
        """What is offered."""
        return self._offer

    @property
    def streams(self) -> ChangeStreams:
        """The GET streams of clients of the older revisions."""
        return self._changes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._running += 1
        try:
            refusal = self._guard.refusal(scope)
            if refusal is None and self._offer.admissions:
                refusal = await self._unadmitted(scope)
            await (refusal or self._answer)(scope, receive, send)
        finally:
            self._running -= 1
            if not self._running and self._retired.is_set():
                self._idle.set()

    async def serve(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Serve requests until the endpoint is retired and those that run have ended."""
        async with self._transport.run():
            task_status.started()
            await self._retired.wait()
            with anyio.move_on_after(self._longest_seconds):
                await self._idle.wait()

    def replace(self, offer: Offer) -> None:
        """Offer something else from the next request on."""
        self._offer = offer
        self._server.offer = offer
        self._lane.tools = offer.tools
        self._server.instructions = offer.instructions

    async def tell(self, changes: Changes) -> None:
        """Tell who listens what changed."""
        self._changes.publish(changes.lists)
        await self._server.publish(changes)

    def close_streams(self) -> None:
        """End the streams on which clients hear of changes, and open none any more."""
        self._changes.close()
        self._server.close_streams()

    def retire(self) -> None:
        """Let `serve` return as soon as nothing runs."""
        self.close_streams()
        self._retired.set()
        if not self._running:
            self._idle.set()

    async def _unadmitted(self, scope: Scope) -> Response | None:
        """Return the answer to a caller that may not pass; None if it may."""
        try:
            await admit_to_all(self._offer.admissions, scope)
        except CallerRefused as error:
            return _refusal(error)
        return None

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "POST":
            body = await self._lane(scope, receive, send)
            if body is not None:
                await self._transport(scope, body, send)
        elif scope["method"] == "GET" and revision_of(scope) in WITH_HANDSHAKE:
            await self._changes(scope, receive, send)
        else:
            await self._transport(scope, receive, send)


def _refusal(error: CallerRefused) -> Response:
    problem = problem_of(error, b"")
    response = PlainTextResponse(problem.detail, problem.status, {"cache-control": "no-store"})
    response.raw_headers.extend(problem.headers)
    return response
