"""`naftiko inspect`."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from naftiko_runtime.cli.loading import load_or_exit
from naftiko_runtime.cli.options import FILE, loading
from naftiko_runtime.cli.overview import (
    FindingView,
    InputView,
    Overview,
    ServerView,
    UnitView,
    overview,
)
from naftiko_runtime.cli.terminal import bold
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.secrecy import Secrecy

_EPILOG: Final = """\b
Examples:
  naftiko inspect capability.yaml
  naftiko inspect capability.yaml --json | jq '.servers[].units[].name'

Required inputs are marked with *. An input in brackets is a credential that the runtime adds by
itself where the caller brings none; tools never show it.
"""
_WORD_INDENT: Final = "    "


@click.command("inspect", epilog=_EPILOG)
@FILE
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
@loading
def command(*, path: Path, as_json: bool, load: LoadOptions) -> None:
    """Show what a capability exposes, calls and still needs.

    For each route and tool: what it calls, and the inputs it takes. Then what the file needs before
    it can be used, with the options and environment variables to set.
    """
    loaded = load_or_exit(path, load)
    view = overview(loaded, Secrecy(loaded.secrets).mask)
    if as_json:
        click.echo(json.dumps(asdict(view), indent=2, ensure_ascii=False))
    else:
        for line in _text(view):
            click.echo(line)


def _text(view: Overview) -> Iterator[str]:
    yield bold(view.name)
    yield view.file
    for server in view.servers:
        yield from ("", *_server(server))
    yield from _findings("Left out", view.left_out)
    yield from _findings("Still needed", view.needs)


def _server(server: ServerView) -> Iterator[str]:
    noun = "route" if server.face == "rest" else "tool"
    counts = [_count(len(server.units), noun)]
    others = ((server.resources, "resource"), (server.prompts, "prompt"))
    counts += [_count(len(names), noun) for names, noun in others if names]
    port = [f"port {server.port}"] if server.port is not None else []
    yield bold(f"{server.face.upper()}  {server.namespace}  ({', '.join([*counts, *port])})")
    for unit in server.units:
        yield from ("", *_unit(unit))
    for names, noun in others:
        yield from ("", *(f"  {noun} {bold(name)}" for name in names)) if names else ()


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _unit(unit: UnitView) -> Iterator[str]:
    yield f"  {bold(unit.shown)}"
    word = "calls"
    for call in unit.calls:
        yield f"{_WORD_INDENT}{word:<8}{call.method} {call.url}"
        word = "then"
    for script in unit.scripts:
        yield f"{_WORD_INDENT}{'runs':<8}{script}"
    if not unit.calls and not unit.scripts:
        yield f"{_WORD_INDENT}answers fixed values"
    if unit.inputs:
        yield _wrapped("takes", ", ".join(map(_input, unit.inputs)))


def _input(one: InputView) -> str:
    text = f"{one.name}{'*' if one.required else ''} {one.type or 'any'}"
    if one.place is not None:
        text += f" in {one.place}"
    return f"[{text}]" if one.credential else text


def _wrapped(word: str, text: str) -> str:
    head = f"{_WORD_INDENT}{word:<8}"
    width = max(60, min(shutil.get_terminal_size((100, 24)).columns, 120))
    return textwrap.fill(
        text,
        width,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_on_hyphens=False,
        break_long_words=False,
    )


def _findings(heading: str, findings: Sequence[FindingView]) -> Iterator[str]:
    if not findings:
        return
    yield from ("", bold(heading))
    for one in findings:
        yield f"  {one.message}"
        yield from (f"{_WORD_INDENT}{more}" for more in (one.hint, one.at) if more)
