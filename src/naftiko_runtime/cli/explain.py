"""`naftiko explain`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from naftiko_runtime.cli.arguments import Arguments, arguments, checked
from naftiko_runtime.cli.exposed import FACE, ExposedUnit, FaceName, find_unit
from naftiko_runtime.cli.failures import exit_on_call_error
from naftiko_runtime.cli.loading import load_or_exit, tell_unused_options
from naftiko_runtime.cli.options import FILE, UNIT, loading
from naftiko_runtime.cli.provenance import provenance
from naftiko_runtime.cli.shown_request import shown_request
from naftiko_runtime.cli.stand_ins import stand_ins
from naftiko_runtime.cli.terminal import bold, columns
from naftiko_runtime.execute.requests import assemble
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.calls import CallPlan
from naftiko_runtime.plan.expressions import Scope, to_text
from naftiko_runtime.plan.steps import LookupStep, ScriptStep, Step
from naftiko_runtime.secrecy import Secrecy
from naftiko_runtime.values import Json

_EPILOG: Final = """\b
Examples:
  naftiko explain capability.yaml list-orders
  naftiko explain capability.yaml shop.get-order --arg id=42 --arg expand=lines
  naftiko explain capability.yaml create-order --json order.json --face mcp
  naftiko explain capability.yaml "GET /orders/{id}" --arg id=42

UNIT is a REST operation or a tool, as namespace.name, as its name alone where that is clear, or
as METHOD /path. Nothing is sent; secrets are shown as ***.
"""


@click.command("explain", epilog=_EPILOG)
@FILE
@UNIT
@arguments
@FACE
@loading
def command(
    *, path: Path, unit: str, given: Arguments, face: FaceName | None, load: LoadOptions
) -> None:
    """Show the request that a call would send upstream.

    It is shown as HTTP and as a curl command, followed by where each part of it comes from.
    """
    loaded = load_or_exit(path, load)
    tell_unused_options(loaded)
    found = find_unit(loaded, unit, face)
    lacking = stand_ins(found.operation)
    if lacking is not None:
        loaded = load_or_exit(path, lacking.supply(load))
        found = find_unit(loaded, unit, face)
    secrecy = Secrecy(loaded.secrets)
    with exit_on_call_error(secrecy):
        values = checked(found, given)
        secrecy = Secrecy(loaded.secrets | _callers_secrets(found, values))
        for line in _explain(found, values, secrecy):
            click.echo(line)
    for note in lacking.notes() if lacking is not None else ():
        click.echo(f"\nNote: {secrecy.mask(note)}")


def _callers_secrets(unit: ExposedUnit, values: dict[str, Json]) -> frozenset[str]:
    """Return the credentials that the user brings for this call."""
    hidden = (one.name for one in unit.operation.inputs if one.hidden)
    return frozenset(to_text(values[name]) for name in hidden if name in values)


def _explain(unit: ExposedUnit, values: dict[str, Json], secrecy: Secrecy) -> Iterator[str]:
    action = unit.operation.action
    yield bold(f"{unit.address}  ({unit.shown}, {unit.operation.at})")
    if action is None:
        yield "Nothing is sent: the answer is made of the fixed values in the file."
    elif isinstance(action, CallPlan):
        yield from ("", *_call(action, Scope(values), secrecy))
    else:
        for number, step in enumerate(action.steps, 1):
            yield from ("", *_step(number, step, Scope(values), secrecy))


def _step(number: int, step: Step, scope: Scope, secrecy: Secrecy) -> Iterator[str]:
    heading = bold(f"Step {number}, {step.name}")
    if isinstance(step, ScriptStep):
        file = step.script.sources[-1].file
        yield f"{heading}: runs {file} ({step.script.language})  ({step.at})"
    elif isinstance(step, LookupStep):
        yield f"{heading}: finds by '{step.match}' in the output of '{step.index}'  ({step.at})"
    elif step.needs:
        outputs = ", ".join(f"'{name}'" for name in sorted(step.needs))
        yield f"{heading}: calls {step.call.address} with the output of {outputs}  ({step.at})"
    else:
        yield from (f"{heading}: calls {step.call.address}  ({step.at})", "")
        yield from _call(step.call, scope, secrecy)


def _call(call: CallPlan, scope: Scope, secrecy: Secrecy) -> Iterator[str]:
    request = assemble(call, scope)
    shown = shown_request(request, call.credentials, secrecy.mask)
    yield from (shown.as_http(), "", bold("As a command"), shown.as_curl(), "")
    yield bold("Where it comes from")
    for line in columns(provenance(call, scope, request)):
        yield secrecy.mask(line)
