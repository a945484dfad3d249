"""Which adapters share a listener: one listener per address and port. Section 8."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from naftiko_runtime.diagnostics import Diagnostics
from naftiko_runtime.expose.clashes import (
    report_hidden_endpoints,
    report_hidden_skills,
    report_ports,
    report_resources,
    report_routes,
    report_skills,
    report_tools,
)
from naftiko_runtime.expose.listener_plan import AdapterPlan, Key, ListenerPlan
from naftiko_runtime.plan.adapters import Capability, McpPlan

LOOPBACK: Final = "127.0.0.1"
REST_PORT: Final = 8080
MCP_PORT: Final = 9090
SKILL_PORT: Final = 7070
CONTROL_PORT: Final = 9100


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the operator says about where adapters listen.

    Attributes:
        host: Goes before every address in the files.
        rest_port: Goes before every REST adapter's port; 0 picks a free one.
        mcp_port: Goes before every MCP adapter's port; 0 picks a free one.
        skill_port: Goes before every skill adapter's port; 0 picks a free one.
        control_port: Goes before every control adapter's port; 0 picks a free one.
        stdio: MCP servers are on standard input and output, and nothing else is served.
    """

    host: str | None = None
    rest_port: int | None = None
    mcp_port: int | None = None
    skill_port: int | None = None
    control_port: int | None = None
    stdio: bool = False


def plan_listeners(
    capabilities: Iterable[Capability], overrides: Overrides, diagnostics: Diagnostics
) -> list[ListenerPlan]:
    """Group the adapters of all capabilities by address and port; report what clashes.

    Servers on standard input and output have no listener, but share those.
    """
    capabilities = list(capabilities)
    listeners: dict[Key, ListenerPlan] = {}
    for capability in () if overrides.stdio else capabilities:
        for key, _, adapter in places(capability, overrides):
            listener = listeners.setdefault(key, ListenerPlan(key[0], key[1]))
            listener.add(adapter)
            if capability.name not in listener.titles:
                listener.titles.append(capability.name)
            if capability.file not in listener.files:
                listener.files.append(capability.file)
    report_ports(list(listeners.values()), diagnostics)
    for listener in listeners.values():
        report_routes(listener.rest, diagnostics)
        report_tools(listener.mcp, "at /mcp", diagnostics)
        report_resources(listener.mcp, "at /mcp", diagnostics)
        report_skills(listener.skills, diagnostics)
        report_hidden_skills(listener.skills, listener.rest, diagnostics)
        report_hidden_endpoints(listener.control, listener.rest, diagnostics)
    report_tools(plans_on_stdio(capabilities, overrides), "on stdio", diagnostics)
    return list(listeners.values())


def plans_on_stdio(capabilities: Iterable[Capability], overrides: Overrides) -> list[McpPlan]:
    """Return the MCP servers that are on standard input and output: their tools are merged."""
    every = (plan for capability in capabilities for plan in capability.mcp)
    return [plan for plan in every if overrides.stdio or plan.transport == "stdio"]


def places(capability: Capability, overrides: Overrides) -> Iterator[tuple[Key, str, AdapterPlan]]:
    """Yield for each adapter that has a listener what tells that from others, and its type."""
    for host, port, kind, adapter in _placed(capability, overrides):
        yield (host, port, kind if port == 0 else ""), kind, adapter


def _placed(
    capability: Capability, overrides: Overrides
) -> Iterator[tuple[str, int, str, AdapterPlan]]:
    for rest in capability.rest:
        yield *_place(rest, overrides.host, overrides.rest_port, REST_PORT), "rest", rest
    for mcp in capability.mcp:
        if mcp.transport != "stdio":
            yield *_place(mcp, overrides.host, overrides.mcp_port, MCP_PORT), "mcp", mcp
    for skills in capability.skills:
        place = _place(skills, overrides.host, overrides.skill_port, SKILL_PORT)
        yield *place, "skill", skills
    for control in capability.control:
        place = _place(control, overrides.host, overrides.control_port, CONTROL_PORT)
        yield *place, "control", control


def _place(
    adapter: AdapterPlan, host: str | None, port: int | None, default: int
) -> tuple[str, int]:
    address = host or adapter.address or LOOPBACK
    chosen = next((one for one in (port, adapter.port) if one is not None), default)
    return (LOOPBACK if address == "localhost" else address), chosen
