"""From loaded capabilities to listeners that are ready to serve."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from naftiko_runtime import observe
from naftiko_runtime._version import __version__
from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.expose.bodies import Bodies
from naftiko_runtime.expose.callers import Callers
from naftiko_runtime.expose.control.process import Process
from naftiko_runtime.expose.control.service import ControlService
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.listener import Listener, Services
from naftiko_runtime.expose.mcp.calls import OnCall
from naftiko_runtime.expose.mcp.service import McpService, Replacement
from naftiko_runtime.expose.protected_resources import ProtectedResources
from naftiko_runtime.expose.rest.openapi import openapi_document
from naftiko_runtime.expose.rest.service import OnAnswer, RestService
from naftiko_runtime.expose.rest.site import build_site
from naftiko_runtime.expose.skill.service import SkillService
from naftiko_runtime.expose.turnstile import Turnstile
from naftiko_runtime.runtime.sockets import Bound
from naftiko_runtime.runtime.tracing import new_listener, traced_call

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer
    from starlette.types import ASGIApp


@dataclass(frozen=True, slots=True)
class Swap:
    """What a running listener is to serve instead, ready to be.

    Attributes:
        listener: It.
        services: What it is to serve.
        mcp: What its MCP endpoints are to serve.
    """

    listener: Listener
    services: Services
    mcp: Replacement

    def make(self) -> None:
        """Serve it from the next request on. Nothing can fail here."""
        self.listener.services = self.services
        self.services.mcp.replace(self.mcp)

    async def tell(self) -> None:
        """Tell MCP clients what is different since it was made."""
        await self.services.mcp.tell(self.mcp)


@dataclass(frozen=True, slots=True)
class Hooks:
    """What learns of everything that is answered.

    Attributes:
        rest: Learns of answered requests for routes and pages.
        skill: Learns of answered requests for skills.
        mcp: Learns of MCP calls that ended.
    """

    rest: OnAnswer = observe.log_rest_answer
    skill: OnAnswer = observe.log_rest_answer
    mcp: OnCall = observe.log_mcp_call


@dataclass(slots=True)
class Assembler:
    """Puts services together.

    Attributes:
        engine: What executes calls.
        callers: Lets callers pass.
        limits: What callers may ask.
        bodies: Counts what is held of the bodies of requests.
        docs: Whether listeners show `/docs`, `/openapi.json` and `/healthz`.
        turnstile: Bounds how often one caller may call; None for any number of times.
        page_size: How many tools a page of a list has; None puts all of them on one.
        tracer: Makes spans; None where nothing is traced.
        hooks: What learns of everything that is answered.
        process: What control adapters tell of; None where there are to be none.
    """

    engine: Engine
    callers: Callers
    limits: Limits
    bodies: Bodies = field(default_factory=Bodies)
    docs: bool = True
    turnstile: Turnstile | None = None
    page_size: int | None = None
    tracer: Tracer | None = None
    hooks: Hooks = field(default_factory=Hooks)
    process: Process | None = None

    @property
    def on_call(self) -> OnCall:
        """What learns of MCP calls, and has their spans tell of them where there are any."""
        return traced_call(self.hooks.mcp, self.tracer)

    def listeners(self, bound: Sequence[Bound]) -> list[tuple[Bound, Listener]]:
        """Return a listener for each socket."""
        new = new_listener(self.tracer)
        return [(one, new(self.services(one), self.bodies, self.turnstile)) for one in bound]

    def services(self, bound: Bound) -> Services:
        """Return what a listener serves."""
        mcp = McpService(
            bound.plan.mcp,
            self.engine,
            self.limits,
            version=__version__,
            callers=self.callers,
            on_call=self.on_call,
            page_size=self.page_size,
            tracer=self.tracer,
        )
        return self._around(mcp, bound)

    async def prepare(self, listener: Listener, bound: Bound) -> Swap:
        """Prepare what a listener is to serve by its new plan; nothing of it is served yet."""
        mcp = listener.services.mcp
        mcp.observe(self.on_call)
        services = await asyncio.to_thread(self._around, mcp, bound)
        return Swap(listener, services, await mcp.prepare(bound.plan.mcp))

    def _around(self, mcp: McpService, bound: Bound) -> Services:
        plan, hooks = bound.plan, self.hooks
        rest = RestService(plan.rest, self.engine, self.limits, self.callers, on_answer=hooks.rest)
        document = openapi_document(plan.rest, ", ".join(plan.titles), __version__, [bound.url])
        docs = self.docs and plan.kind != "control"
        site = build_site(document, docs=docs, on_answer=hooks.rest)
        skills = SkillService(plan.skills, self.limits, self.callers, on_answer=hooks.skill)
        others = (*plan.rest, *plan.skills, *plan.control)
        pages: ASGIApp = ProtectedResources(others, plan.mcp, site)
        if plan.control and self.process is not None:
            pages = ControlService(plan.control, self.process, self.callers, pages)
        return Services(rest, pages, skills, mcp)
