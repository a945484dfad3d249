"""`naftiko call`."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from time import monotonic
from typing import Final

import click

from naftiko_runtime.cli.arguments import Arguments, arguments, checked
from naftiko_runtime.cli.exposed import FACE, FaceName, find_unit
from naftiko_runtime.cli.failures import exit_on_call_error
from naftiko_runtime.cli.loading import load_or_exit, tell_unused_options
from naftiko_runtime.cli.options import FILE, TIMEOUT, UNIT, loading
from naftiko_runtime.diagnostics.characters import shown
from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.execute.outcome import Outcome
from naftiko_runtime.execute.upstream.httpx_client import HttpxClient
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.operations import Operation
from naftiko_runtime.secrecy import Secrecy
from naftiko_runtime.values import Json

_EPILOG: Final = """\b
Examples:
  naftiko call capability.yaml list-orders --arg limit=5
  naftiko call capability.yaml shop.get-order --arg id=42 | jq .total
  echo '{"id": 42}' | naftiko call capability.yaml get-order --json -

UNIT is a REST operation or a tool, as namespace.name, as its name alone where that is clear, or
as METHOD /path. The answer is laid out on a terminal, and untouched in a pipe. The exit status
is 1 if the call fails or upstream answers with an error.
"""


@click.command("call", epilog=_EPILOG)
@FILE
@UNIT
@arguments
@FACE
@loading
@TIMEOUT
def command(
    *,
    path: Path,
    unit: str,
    given: Arguments,
    face: FaceName | None,
    load: LoadOptions,
    timeout_seconds: float,
) -> None:
    """Call one operation or tool and show the answer."""
    loaded = load_or_exit(path, load)
    tell_unused_options(loaded)
    found = find_unit(loaded, unit, face)
    with exit_on_call_error(Secrecy(loaded.secrets)):
        values = checked(found, given)
        started = monotonic()
        outcome = asyncio.run(_execute(found.operation, values, timeout_seconds))
    _print(outcome, monotonic() - started)
    raise SystemExit(1 if outcome.is_error else 0)


async def _execute(
    operation: Operation, values: dict[str, Json], timeout_seconds: float
) -> Outcome:
    engine = Engine(HttpxClient(), timeout_seconds)
    try:
        return await engine.execute(operation, values)
    finally:
        await engine.aclose()


def _print(outcome: Outcome, seconds: float) -> None:
    on_terminal = sys.stdout.isatty()
    if on_terminal or outcome.is_error:
        click.echo(_status_line(outcome, seconds), err=True)
    if on_terminal:
        click.echo(_laid_out(outcome))
    else:
        sys.stdout.buffer.write(outcome.body)


def _status_line(outcome: Outcome, seconds: float) -> str:
    content_type = (outcome.header(b"content-type") or b"").decode("latin-1")
    size = f"{len(outcome.body)} bytes"
    facts = [_status(outcome.status), content_type, size, f"{seconds * 1000:.0f} ms"]
    line = "  ".join(filter(None, facts))
    return click.style(line, fg="red" if outcome.is_error else "green")


def _status(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _laid_out(outcome: Outcome) -> str:
    """Return an answer's body for a terminal: JSON indented, and nothing in it that acts."""
    try:
        text = outcome.body.decode()
    except UnicodeDecodeError:
        return f"<{len(outcome.body)} bytes that are no text; write them to a file with '> FILE'>"
    with suppress(ValueError):
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return "\n".join("".join(map(shown, line)) for line in text.split("\n"))
