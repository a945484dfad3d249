"""What adapters that are served together have in common and can't both have. Section 8."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final, Literal

from naftiko_runtime.diagnostics import Diagnostics, Position
from naftiko_runtime.expose.control.endpoints import endpoints_of
from naftiko_runtime.expose.listener_plan import ListenerPlan
from naftiko_runtime.expose.mcp.merging import clashing_resources, merge_tools
from naftiko_runtime.expose.skill.paths import LIST, skill_path
from naftiko_runtime.plan.adapters import (
    ControlPlan,
    ForwardRoute,
    McpPlan,
    RestPlan,
    Route,
    Skill,
    SkillPlan,
    Tool,
)
from naftiko_runtime.plan.routes import RouteTable

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
    for route in _routes(plans):
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


def report_skills(plans: Sequence[SkillPlan], diagnostics: Diagnostics) -> None:
    """Report skills of one name: a warning, for the first one is served."""
    first: dict[str, Skill] = {}
    for skill in (skill for plan in plans for skill in plan.skills):
        if first.setdefault(skill.name, skill) is not skill:
            diagnostics.warning(
                "skill-clash",
                f"two skill adapters on one port have a skill '{skill.name}'; the first one is "
                "served",
                skill.at,
                hint=f"the first one is at {first[skill.name].at}",
            )


def report_hidden_skills(
    plans: Sequence[SkillPlan], rest: Sequence[RestPlan], diagnostics: Diagnostics
) -> None:
    """Report skills that nobody can have, for a route has their path: a warning.

    Args:
        plans: The skill adapters.
        rest: The REST servers on the same port.
        diagnostics: Takes what is found.
    """
    places = [("GET", path, at) for path, at in _skill_paths(plans)]
    _report_hidden("skill-hidden", places, rest, diagnostics)


def report_hidden_endpoints(
    plans: Sequence[ControlPlan], rest: Sequence[RestPlan], diagnostics: Diagnostics
) -> None:
    """Report endpoints of control adapters that nobody can have, for a route has their path.

    Args:
        plans: The control adapters.
        rest: The REST servers on the same port.
        diagnostics: Takes what is found: warnings.
    """
    places = [(*endpoint, plan.at) for plan in plans for endpoint in endpoints_of(plan)]
    _report_hidden("control-hidden", places, rest, diagnostics)


def _report_hidden(
    code: Literal["skill-hidden", "control-hidden"],
    places: Sequence[tuple[str, str, Position]],
    rest: Sequence[RestPlan],
    diagnostics: Diagnostics,
) -> None:
    """Report where an adapter would answer that a route does: method, path and whose it is."""
    adapter = f"{code.removesuffix('-hidden')} adapter"
    table = _table(rest if places else ())
    for method, path, at in places:
        if table.match(method, path) is not None:
            message = f"a REST route on the same port has the path {path}; the {adapter} does not "
            hint = f"give the {adapter} another port"
            diagnostics.warning(code, f"{message}answer there", at, hint=hint)


def _table(plans: Sequence[RestPlan]) -> RouteTable[Route | ForwardRoute]:
    table: RouteTable[Route | ForwardRoute] = RouteTable()
    for route in _routes(plans):
        table.add(route.method, route.path, route)
    return table


def _routes(plans: Sequence[RestPlan]) -> Iterator[Route | ForwardRoute]:
    for plan in plans:
        yield from plan.routes
        yield from plan.forwards


def _skill_paths(plans: Sequence[SkillPlan]) -> Iterator[tuple[str, Position]]:
    yield from ((LIST, plan.at) for plan in plans[:1])
    yield from ((skill_path(skill), skill.at) for plan in plans for skill in plan.skills)


def _published(plans: Sequence[McpPlan]) -> Iterator[tuple[McpPlan, Tool, str]]:
    own = [(plan, tool) for plan in plans for tool in plan.tools]
    for (plan, tool), merged in zip(own, merge_tools(plans), strict=True):
        yield plan, tool, merged.name


def _namespace(listener: ListenerPlan) -> str:
    return listener.first.namespace
