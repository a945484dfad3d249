"""What adapters that are served together have in common and can't both have. Section 8."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Final

from naftiko_runtime.diagnostics import Diagnostics, Position
from naftiko_runtime.expose.mcp.merging import clashing_resources, merge_tools
from naftiko_runtime.plan.adapters import ForwardRoute, McpPlan, RestPlan, Route, Tool
from naftiko_runtime.plan.routes import RouteTable

if TYPE_CHECKING:
    from naftiko_runtime.expose.listeners import ListenerPlan

_EVERY_ADDRESS: Final = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound


def report_ports(listeners: Sequence[ListenerPlan], diagnostics: Diagnostics) -> None:
    """Report listeners that want one port, one of them on every address: an error."""
    for one, other in combinations(listeners, 2):
        hosts = (one.host, other.host)
        if one.port and one.port == other.port and set(hosts) & set(_EVERY_ADDRESS):
            diagnostics.error(
                "port-clash",
                f"'{_namespace(one)}' and '{_namespace(other)}' can not share port {one.port}: "
                f"one listens on {one.host}, the other on {other.host}",
                other.at,
                hint=f"the other one is at {one.at}; give both the same address, or another port",
            )


def report_routes(plans: Sequence[RestPlan], diagnostics: Diagnostics) -> None:
    """Report routes that two adapters expose: a warning, for the first one is served."""
    if len(plans) < 2:
        return
    table: RouteTable[Route | ForwardRoute] = RouteTable()
    for plan in plans:
        routes: list[Route | ForwardRoute] = [*plan.routes, *plan.forwards]
        for route in routes:
            first = table.add(route.method, route.path, route)
            if first is not None:
                diagnostics.warning(
                    "route-clash",
                    f"{route.method} {route.path} is exposed twice on one port; "
                    "only the first is served",
                    route.at,
                    hint=f"the first one is at {first.at}",
                )


def report_tools(plans: Sequence[McpPlan], where: str, diagnostics: Diagnostics) -> None:
    """Report tools of one name: a warning, for both are served, under other names.

    Args:
        plans: The servers whose tools are offered together.
        where: Where that is, as a phrase: `at /mcp`.
        diagnostics: Takes what is found.
    """
    if len(plans) < 2:
        return
    first: dict[str, tuple[McpPlan, Position, str]] = {}
    for plan, tool, published in _published(plans):
        if tool.name not in first:
            first[tool.name] = (plan, tool.at, published)
            continue
        other, at, name = first[tool.name]
        diagnostics.warning(
            "tool-clash",
            f"'{tool.name}' is a tool of '{other.namespace}' too; {where} they are '{name}' and "
            f"'{published}'",
            tool.at,
            hint=f"the other one is at {at}",
        )


def report_resources(plans: Sequence[McpPlan], where: str, diagnostics: Diagnostics) -> None:
    """Report resources of one URI: a warning, for where they are together the first is served.

    Args:
        plans: The servers whose resources are offered together.
        where: Where that is, as a phrase: `at /mcp`.
        diagnostics: Takes what is found.
    """
    for uri, served, other in clashing_resources(plans):
        diagnostics.warning(
            "resource-clash",
            f"two MCP servers on one port have a resource '{uri}'; {where} the first one is served",
            other.at,
            hint=f"the first one is at {served.at}",
        )


def _published(plans: Sequence[McpPlan]) -> Iterator[tuple[McpPlan, Tool, str]]:
    own = [(plan, tool) for plan in plans for tool in plan.tools]
    for (plan, tool), merged in zip(own, merge_tools(plans), strict=True):
        yield plan, tool, merged.name


def _namespace(listener: ListenerPlan) -> str:
    return listener.rest[0].namespace if listener.rest else listener.mcp[0].namespace
