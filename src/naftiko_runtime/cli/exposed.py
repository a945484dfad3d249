"""The units of a capability, as a user names them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import click

from naftiko_runtime.cli.loading import LoadedCapability
from naftiko_runtime.cli.terminal import print_findings
from naftiko_runtime.diagnostics import did_you_mean
from naftiko_runtime.plan.adapters import Capability, McpPlan, RestPlan, Route, Tool
from naftiko_runtime.plan.operations import Operation
from naftiko_runtime.secrecy import Secrecy

FaceName: TypeAlias = Literal["rest", "mcp"]

FACE: Final = click.option(
    "--face",
    type=click.Choice(["rest", "mcp"]),
    help="Which UNIT is meant where a REST operation and a tool have the same name; "
    "REST goes first.",
)


@dataclass(frozen=True, slots=True)
class ExposedUnit:
    """One REST operation or one tool.

    Attributes:
        face: How callers reach it.
        address: `namespace.name`, by which it is told apart.
        shown: How it reads in a list.
        names: What users may call it.
        operation: What it executes.
    """

    face: FaceName
    address: str
    shown: str
    names: frozenset[str]
    operation: Operation


def exposed_units(capability: Capability) -> list[ExposedUnit]:
    """Return the units of a capability: REST operations, then tools, in document order."""
    routes = [_route(plan, route) for plan in capability.rest for route in plan.routes]
    tools = [_tool(plan, tool) for plan in capability.mcp for tool in plan.tools]
    return routes + tools


def find_unit(loaded: LoadedCapability, wanted: str, face: FaceName | None) -> ExposedUnit:
    """Return the unit that a user means by `namespace.name`, a bare name or `METHOD /path`.

    Raises:
        click.UsageError: There is none, or more than one.
        SystemExit: It is in the file, and can't be served.
    """
    units = [one for one in exposed_units(loaded.capability) if face in (None, one.face)]
    named = [one for one in units if wanted in one.names]
    found = [one for one in named if one.face == "rest"] or named
    if len(found) == 1:
        return found[0]
    if found:
        listed = "\n".join(f"  {one.address}  ({one.shown})" for one in found)
        raise click.UsageError(f"'{wanted}' may be any of these:\n{listed}")
    _exit_if_left_out(loaded, wanted)
    raise click.UsageError(_unknown(wanted, units))


def _route(plan: RestPlan, route: Route) -> ExposedUnit:
    shown = f"{route.method} {route.path}"
    address = f"{plan.namespace}.{route.name}"
    return ExposedUnit(
        "rest", address, shown, frozenset({address, route.name, shown}), route.operation
    )


def _tool(plan: McpPlan, tool: Tool) -> ExposedUnit:
    address = f"{plan.namespace}.{tool.name}"
    names = frozenset({address, tool.name, tool.operation.address})
    return ExposedUnit("mcp", address, f"tool {tool.name}", names, tool.operation)


def _exit_if_left_out(loaded: LoadedCapability, wanted: str) -> None:
    """Say why a unit of the file is not there, and exit with status 1."""
    about = [
        one
        for one in loaded.diagnostics
        if one.unit is not None and wanted in (one.unit, one.unit.partition(".")[2])
    ]
    if about:
        print_findings(about, Secrecy(loaded.secrets))
        raise SystemExit(1)


def _unknown(wanted: str, units: Sequence[ExposedUnit]) -> str:
    names = [name for one in units for name in one.names]
    hint = did_you_mean(wanted, names)
    if hint is None and units:
        hint = f"there is '{units[0].address}', for one"
    if hint is None:
        hint = "the file exposes nothing"
    return f"there is no operation or tool '{wanted}'; {hint} ('naftiko inspect' lists them)"
