"""Which adapters share a listener: one listener per address and port. Section 8."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from naftiko_runtime.diagnostics import Diagnostics
from naftiko_runtime.expose.mcp.merging import clashing_resources
from naftiko_runtime.plan.adapters import Capability, ForwardRoute, McpPlan, RestPlan, Route
from naftiko_runtime.plan.routes import RouteTable

LOOPBACK: Final = "127.0.0.1"
REST_PORT: Final = 8080
MCP_PORT: Final = 9090


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the operator says about where adapters listen.

    Attributes:
        host: Goes before every address in the files.
        rest_port: Goes before every REST adapter's port; 0 picks a free one.
        mcp_port: Goes before every MCP adapter's port; 0 picks a free one.
    """

    host: str | None = None
    rest_port: int | None = None
    mcp_port: int | None = None


@dataclass(slots=True)
class ListenerPlan:
    """An address and port with everything that is served there.

    Attributes:
        host: The address.
        port: The port; 0 picks a free one.
        rest: REST adapters, in order.
        mcp: MCP adapters, in order.
        titles: The capabilities behind them.
    """

    host: str
    port: int
    rest: list[RestPlan] = field(default_factory=list)
    mcp: list[McpPlan] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, int, str]:
        """What tells a listener from others; free ports are told apart by what they serve."""
        kind = "rest" if self.rest else "mcp"
        return (self.host, self.port, kind if self.port == 0 else "")


def plan_listeners(
    capabilities: Iterable[Capability], overrides: Overrides, diagnostics: Diagnostics
) -> list[ListenerPlan]:
    """Group the adapters of all capabilities by address and port; report clashing routes."""
    listeners: dict[tuple[str, int, str], ListenerPlan] = {}
    for capability in capabilities:
        for host, port, kind, adapter in _placed(capability, overrides):
            key = (host, port, kind if port == 0 else "")
            listener = listeners.setdefault(key, ListenerPlan(host, port))
            if isinstance(adapter, RestPlan):
                listener.rest.append(adapter)
            else:
                listener.mcp.append(adapter)
            if capability.name not in listener.titles:
                listener.titles.append(capability.name)
    for listener in listeners.values():
        _report_clashes(listener, diagnostics)
    return list(listeners.values())


def _placed(
    capability: Capability, overrides: Overrides
) -> Iterator[tuple[str, int, str, RestPlan | McpPlan]]:
    for rest in capability.rest:
        yield *_place(rest, overrides.host, overrides.rest_port, REST_PORT), "rest", rest
    for mcp in capability.mcp:
        if mcp.transport != "stdio":
            yield *_place(mcp, overrides.host, overrides.mcp_port, MCP_PORT), "mcp", mcp


def _place(
    adapter: RestPlan | McpPlan, host: str | None, port: int | None, default: int
) -> tuple[str, int]:
    address = host or adapter.address or LOOPBACK
    chosen = next((one for one in (port, adapter.port) if one is not None), default)
    return (LOOPBACK if address == "localhost" else address), chosen


def _report_clashes(listener: ListenerPlan, diagnostics: Diagnostics) -> None:
    for uri, served, other in clashing_resources(listener.mcp):
        diagnostics.warning(
            "resource-clash",
            f"two MCP servers on port {listener.port} have a resource '{uri}'; at /mcp the first "
            "one is served",
            other.at,
            hint=f"the first one is at {served.at}",
        )
    table: RouteTable[Route | ForwardRoute] = RouteTable()
    for adapter in listener.rest:
        routes: list[Route | ForwardRoute] = [*adapter.routes, *adapter.forwards]
        for route in routes:
            first = table.add(route.method, route.path, route)
            if first is not None:
                diagnostics.warning(
                    "route-clash",
                    f"{route.method} {route.path} is exposed by two capabilities on port "
                    f"{listener.port}; the first one is served",
                    route.at,
                    hint=f"the first one is at {first.at}",
                )
