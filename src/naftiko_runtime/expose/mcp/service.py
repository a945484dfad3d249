"""The MCP endpoints of one listener. Section 8."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from operator import is_
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

import anyio

from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.expose.callers import Callers
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.mcp.calls import OnCall, ToolCaller
from naftiko_runtime.expose.mcp.endpoint import Endpoint
from naftiko_runtime.expose.mcp.guard import Guard
from naftiko_runtime.expose.mcp.merging import endpoint_names
from naftiko_runtime.expose.mcp.offer import Offer, prepare_offer
from naftiko_runtime.plan.adapters import McpPlan

if TYPE_CHECKING:
    from anyio.abc import TaskGroup

ALL_TOGETHER: Final = "/mcp"
"""Where a listener's only MCP server is, or all of them together; `/` is the same."""

_NAME: Final = "naftiko"


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
    ) -> None:
        self._caller = ToolCaller(engine, limits.call_seconds, on_call)
        self._limits = limits
        self._version = version
        self._callers = callers
        self._guard = guard or Guard()
        self._page_size = page_size
        self._group: TaskGroup | None = None
        self._placed = _placed(plans)
        self._endpoints = self._new(self._placed)
        self._paths = _paths(self._endpoints)

    def endpoint(self, path: str) -> Endpoint | None:
        """Return what serves a path, as requests have it; None where no MCP server is."""
        return self._paths.get(path) or self._paths.get(_plain(path))

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

    async def replace(self, plans: Sequence[McpPlan]) -> None:
        """Serve other plans from the next request on.

        Endpoints that stay keep their streams, on which clients hear what changed. An
        endpoint that goes finishes what runs on it.
        """
        placed = _placed(plans)
        kept = {path: self._endpoints[path] for path in placed if path in self._endpoints}
        gone = [one for path, one in self._endpoints.items() if path not in placed]
        new = self._new({path: one for path, one in placed.items() if path not in kept})
        if self._group is not None:
            for endpoint in new.values():
                await self._group.start(endpoint.serve)
        self._endpoints = {**kept, **new}
        self._paths = _paths(self._endpoints)
        for endpoint in gone:
            endpoint.retire()
        before, self._placed = self._placed, placed
        changed = {path: placed[path] for path in kept if not _same(before[path], placed[path])}
        for path, offer in self._offers(changed).items():
            await kept[path].replace(offer)

    def close_streams(self) -> None:
        """End the streams that clients listen on; a listener that stops would wait for them."""
        for endpoint in self._endpoints.values():
            endpoint.close_streams()

    def _new(self, placed: Mapping[str, Sequence[McpPlan]]) -> dict[str, Endpoint]:
        """Return an endpoint for each path."""
        return {
            path: Endpoint(
                _name(placed[path]), self._version, offer, self._caller, self._limits, self._guard
            )
            for path, offer in self._offers(placed).items()
        }

    def _offers(self, placed: Mapping[str, Sequence[McpPlan]]) -> dict[str, Offer]:
        """Return what each path offers: where a server is the only one, two offer the same."""
        offers: dict[str, Offer] = {}
        for path, plans in placed.items():
            twin = next((other for other in offers if _same(placed[other], plans)), None)
            offers[path] = self._offer(plans) if twin is None else offers[twin]
        return offers

    def _offer(self, plans: Sequence[McpPlan]) -> Offer:
        checks = dict.fromkeys(plan.callers for plan in plans if plan.callers is not None)
        admissions = tuple(self._callers.admission(check) for check in checks)
        return prepare_offer(plans, admissions, self._page_size)


def _placed(plans: Sequence[McpPlan]) -> dict[str, Sequence[McpPlan]]:
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
