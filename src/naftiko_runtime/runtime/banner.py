"""What a person reads when the runtime starts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from naftiko_runtime.expose.control.endpoints import endpoints_of
from naftiko_runtime.expose.mcp.merging import endpoint_names
from naftiko_runtime.plan.adapters import Capability, ControlPlan, McpPlan, RestPlan, SkillPlan
from naftiko_runtime.runtime.fleet import Fleet
from naftiko_runtime.runtime.sockets import Bound


def banner(fleet: Fleet, bound: Sequence[Bound], version: str, workers: int = 1) -> str:
    """Return the lines that name each capability, what it offers, and where."""
    several = f"  ({workers} workers)" if workers > 1 else ""
    lines = [f"naftiko-runtime {version}{several}", ""]
    lines += [f"  {_capability(one, fleet.left_out(one))}" for one in fleet.capabilities]
    lines += [f"  not served: {path} (see the errors above)" for path in sorted(fleet.broken)]
    lines.append("")
    for one in bound:
        lines += [f"  {line}" for line in _listener(one)]
    if on_stdio := fleet.on_stdio():
        lines.append(f"  MCP   on standard input and output  ({_offer(on_stdio)})")
    return "\n".join(lines)


def _capability(capability: Capability, left_out: int) -> str:
    offer = f"{_routes(capability.rest)}, {_offer(capability.mcp)}"
    if capability.skills:
        offer += f", {_skills(capability.skills)}"
    if left_out:
        offer += f"; {left_out} left out, see above"
    return f"{capability.name}  ({capability.file}: {offer})"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _listener(bound: Bound) -> Iterator[str]:
    if bound.plan.rest:
        yield f"REST  {bound.url}  ({_routes(bound.plan.rest)})"
        yield f"docs  {bound.url}/docs"
    if bound.plan.mcp:
        yield f"MCP   {bound.url}/mcp  ({_offer(bound.plan.mcp)})"
        if len(bound.plan.mcp) > 1:
            names = endpoint_names(bound.plan.mcp)
            yield from (f"MCP   {bound.url}/{name}/mcp" for name in names if name)
    if bound.plan.skills:
        yield f"skill {bound.url}/skills  ({_skills(bound.plan.skills)})"
    if bound.plan.control:
        yield f"control {bound.url}  ({_endpoints(bound.plan.control)})"


def _routes(plans: Sequence[RestPlan]) -> str:
    return _count(sum(len(plan.routes) + len(plan.forwards) for plan in plans), "route")


def _offer(plans: Sequence[McpPlan]) -> str:
    """Return what MCP servers offer; of resources and prompts only where there are any."""
    tools = _count(sum(len(plan.tools) for plan in plans), "tool")
    others = (
        (sum(len(plan.resources) for plan in plans), "resource"),
        (sum(len(plan.prompts) for plan in plans), "prompt"),
    )
    return ", ".join([tools, *(_count(number, noun) for number, noun in others if number)])


def _skills(plans: Sequence[SkillPlan]) -> str:
    return _count(sum(len(plan.skills) for plan in plans), "skill")


def _endpoints(plans: Sequence[ControlPlan]) -> str:
    return ", ".join(dict.fromkeys(path for plan in plans for _, path in endpoints_of(plan)))
