"""The MCP endpoints of one listener. Section 8."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from operator import is_
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import unquote

import anyio
from anyio import to_thread

from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.expose.callers import Callers
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.mcp.calls import OnCall, ToolCaller
from naftiko_runtime.expose.mcp.endpoint import Endpoint
from naftiko_runtime.expose.mcp.guard import Guard
from naftiko_runtime.expose.mcp.merging import endpoint_names
from naftiko_runtime.expose.mcp.offer import Changes, Offer, changes_between, prepare_offer
from naftiko_runtime.plan.adapters import McpPlan

if TYPE_CHECKING:
    from anyio.abc import TaskGroup
    from opentelemetry.trace import Tracer

ALL_TOGETHER: Final = "/mcp"
"""Where a listener's only MCP server is, or all of them together; `/` is the same."""

_NAME: Final = "naftiko"


_Placed: TypeAlias = Mapping[str, Sequence[McpPlan]]
"""The servers of each path."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """What is to be served instead, ready to be.

    Attributes:
        placed: The servers of each path.
        kept: The endpoints that stay.
        new: Those that come; they serve already, and get no requests.
        offers: What is offered on paths where that is not as it was.
        changes: What is different there, on endpoints that stay.
    """

    placed: _Placed
    kept: Mapping[str, Endpoint]
    new: Mapping[str, Endpoint]
    offers: Mapping[str, Offer]
    changes: Mapping[str, Changes]

    def drop(self) -> None:
        """Let nothing be left of it: it is not to be served."""
        for endpoint in self.new.values():
            endpoint.retire()


class McpService:
    """The MCP servers of one listener: each at `/{namespace}/mcp`, all of them at `/mcp` and `/`.

    Args:
        plans: The servers, in order.
        engine: What executes calls.
        limits: What callers may ask.
        version: The runtime's version, which clients see.
        callers: Lets them pass.
        guard: Checks requests that arrive over loopback.
        on_call: Learns of each call that ended.
        page_size: How many things a page of a list has; one page holds all by default.
        tracer: Makes spans; None where nothing is traced.
    """

    def __init__(
        self,
        plans: Sequence[McpPlan],
        engine: Engine,
        limits: Limits,
        *,
        version: str,
        callers: Callers,
        guard: Guard | None = None,
        on_call: OnCall | None = None,
        page_size: int | None = None,
        tracer: Tracer | None = None,
    ) -> None:
        self._caller = ToolCaller(engine, limits.call_seconds, on_call)
        self._limits = limits
        self._version = version
        self._callers = callers
        self._guard = guard or Guard()
        self._page_size = page_size
        self._tracer = tracer
        self._group: TaskGroup | None = None
        self._placed = _placed(plans)
        self._endpoints = self._new(self._placed, self._offers(self._placed))
        self._paths = _paths(self._endpoints)

    def endpoint(self, path: str) -> Endpoint | None:
        """Return what serves a path, as requests have it; None where no MCP server is."""
        return self._paths.get(path) or self._paths.get(_plain(path))

    def place(self, path: str) -> str | None:
        """Return where the MCP server of a path is, however that is written; None without one."""
        return next((one for one in (path, _plain(path)) if one in self._paths), None)

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Serve while the context is entered. To be entered once, before the first request."""
        async with anyio.create_task_group() as group:
            for endpoint in self._endpoints.values():
                await group.start(endpoint.serve)
            self._group = group
            try:
                yield
            finally:
                self._group = None
                for endpoint in self._endpoints.values():
                    endpoint.retire()

    async def prepare(self, plans: Sequence[McpPlan]) -> Replacement:
        """Prepare all that it takes to serve other plans; nothing of it is served yet.

        Raises:
            Exception: It can't be had; nothing is left of it.
        """
        placed = _placed(plans)
        offers = await to_thread.run_sync(self._offers, self._changed(placed))
        kept = {path: self._endpoints[path] for path in placed if path in self._endpoints}
        new = self._new(placed, {path: one for path, one in offers.items() if path not in kept})
        changes = {
            path: changes_between(one.offer, offers[path])
            for path, one in kept.items()
            if path in offers
        }
        replacement = Replacement(placed, kept, new, offers, changes)
        await self._start(replacement)
        return replacement

    def replace(self, replacement: Replacement) -> None:
        """Serve what was prepared from the next request on. Nothing can fail here.

        Endpoints that stay keep their streams, on which clients hear what changed. An
        endpoint that goes finishes what runs on it.
        """
        before, self._endpoints = self._endpoints, {**replacement.kept, **replacement.new}
        self._paths = _paths(self._endpoints)
        self._placed = replacement.placed
        for path in replacement.changes:
            self._endpoints[path].replace(replacement.offers[path])
        for path in before.keys() - self._endpoints.keys():
            before[path].retire()

    async def tell(self, replacement: Replacement) -> None:
        """Tell who listens what is different since a replacement."""
        for path, changes in replacement.changes.items():
            await replacement.kept[path].tell(changes)

    def observe(self, on_call: OnCall | None) -> None:
        """Tell something else of each call that ends from now on."""
        self._caller.on_call = on_call

    def close_streams(self) -> None:
        """End the streams that clients listen on; a listener that stops would wait for them."""
        for endpoint in self._endpoints.values():
            endpoint.close_streams()

    async def _start(self, replacement: Replacement) -> None:
        """Have endpoints serve that are new, before they get requests."""
        if self._group is None:
            return
        try:
            for endpoint in replacement.new.values():
                await self._group.start(endpoint.serve)
        except BaseException:
            replacement.drop()
            raise

    def _changed(self, placed: _Placed) -> _Placed:
        """Return what is not served like this already."""
        before = self._placed
        return {
            path: plans
            for path, plans in placed.items()
            if path not in before or not _same(before[path], plans)
        }

    def _new(self, placed: _Placed, offers: Mapping[str, Offer]) -> dict[str, Endpoint]:
        """Return an endpoint for each path that something is offered on."""
        return {
            path: Endpoint(
                _name(placed[path]),
                self._version,
                offer,
                self._caller,
                self._limits,
                self._guard,
                self._tracer,
            )
            for path, offer in offers.items()
        }

    def _offers(self, placed: _Placed) -> dict[str, Offer]:
        """Return what each path offers: where a server is the only one, two offer the same."""
        offers: dict[str, Offer] = {}
        for path, plans in placed.items():
            twin = next((other for other in offers if _same(placed[other], plans)), None)
            offers[path] = self._offer(plans) if twin is None else offers[twin]
        return offers

    def _offer(self, plans: Sequence[McpPlan]) -> Offer:
        admissions = self._callers.admissions(plan.callers for plan in plans)
        return prepare_offer(plans, admissions, self._page_size)


def _placed(plans: Sequence[McpPlan]) -> _Placed:
    """Return which plans are served where."""
    if not plans:
        return {}
    own = zip(endpoint_names(plans), plans, strict=True)
    return {ALL_TOGETHER: plans, **{f"/{name}/mcp": [plan] for name, plan in own if name}}


def _name(plans: Sequence[McpPlan]) -> str:
    """Return what clients see as the server's name."""
    return (plans[0].namespace if len(plans) == 1 else None) or _NAME


def _same(plans: Sequence[McpPlan], others: Sequence[McpPlan]) -> bool:
    """Return whether plans were loaded once: files that did not change keep theirs."""
    return len(plans) == len(others) and all(map(is_, plans, others))


def _paths(endpoints: dict[str, Endpoint]) -> dict[str, Endpoint]:
    everything = endpoints.get(ALL_TOGETHER)
    return endpoints if everything is None else {**endpoints, "/": everything}


def _plain(path: str) -> str:
    """Return a path as namespaces are written, and without a slash at its end."""
    return unquote(path).rstrip("/")
