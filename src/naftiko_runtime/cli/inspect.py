"""`naftiko inspect`."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from naftiko_runtime.cli.client_config import client_config
from naftiko_runtime.cli.loading import LoadedCapability, load_or_tell, tell_unused_options
from naftiko_runtime.cli.needs import Needs, needs_of
from naftiko_runtime.cli.options import FILES, loading, require_files
from naftiko_runtime.cli.overview import (
    FindingView,
    InputView,
    Overview,
    ServerView,
    SkillView,
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
  naftiko inspect capabilities/
  naftiko inspect capability.yaml --client-config

Required inputs are marked with *. An input in brackets is a credential that the runtime adds by
itself where the caller brings none; tools never show it.
"""
_WORD_INDENT: Final = "    "
_NOUNS: Final = {"rest": "route", "mcp": "tool", "skill": "skill", "control": "endpoint"}


@click.command("inspect", epilog=_EPILOG)
@FILES
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
@click.option(
    "--client-config",
    "for_clients",
    is_flag=True,
    help="Print what MCP clients are to be told, to be copied into their configuration.",
)
@loading
def command(
    *, paths: tuple[Path, ...], as_json: bool, for_clients: bool, load: LoadOptions
) -> None:
    """Show what a capability exposes, calls and still needs.

    For each route and tool: what it calls, and the inputs it takes. Then what the file needs before
    it can be used, with the options and environment variables to set. Of several files, only the
    number of routes and tools is shown, and what they need together.
    """
    files = require_files(paths)
    loaded = [one for one in (load_or_tell(file, load) for file in files) if one is not None]
    for one in loaded:
        tell_unused_options(one)
    if for_clients and loaded:
        config = client_config(paths, loaded)
        _print([_json(asdict(config))] if as_json else config.text(paths))
    elif loaded:
        _show(loaded, paths, as_json=as_json)
    raise SystemExit(0 if len(loaded) == len(files) else 1)


def _show(loaded: Sequence[LoadedCapability], paths: Sequence[Path], *, as_json: bool) -> None:
    views = [overview(one, Secrecy(one.secrets).mask) for one in loaded]
    if as_json:
        shown = [asdict(view) for view in views]
        _print([_json(shown[0] if len(shown) == 1 else shown)])
    else:
        _print(_text(views, needs_of(loaded), paths))


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _text(views: Sequence[Overview], needs: Needs, paths: Sequence[Path]) -> Iterator[str]:
    if len(views) == 1:
        yield bold(views[0].name)
        yield views[0].file
        for server in views[0].servers:
            yield from ("", *_server(server))
    else:
        yield from map(_summary, views)
    yield from _findings("Left out", [one for view in views for one in view.left_out])
    yield from _findings("Still needed", [one for view in views for one in view.needs])
    lines = list(needs.lines(paths))
    if lines:
        yield from ("", bold("To set"))
        yield from (f"  {line}" for line in lines)


def _summary(view: Overview) -> str:
    counts = ", ".join(map(_counts, view.servers))
    return f"{bold(view.name)}  ({view.file}: {counts or 'nothing'})"


def _counts(server: ServerView) -> str:
    units = _count(len((*server.units, *server.skills, *server.endpoints)), _NOUNS[server.face])
    others = (_count(len(names), noun) for names, noun in _others(server) if names)
    return ", ".join([units, *others])


def _others(server: ServerView) -> Sequence[tuple[Sequence[str], str]]:
    return ((server.resources, "resource"), (server.prompts, "prompt"))


def _server(server: ServerView) -> Iterator[str]:
    others = _others(server)
    port = [f"port {server.port}"] if server.port is not None else []
    counts = ", ".join([_counts(server), *port])
    yield bold(f"{server.face.upper()}  {server.namespace}  ({counts})")
    for unit in server.units:
        yield from ("", *_unit(unit))
    for names, noun in others:
        yield from ("", *(f"  {noun} {bold(name)}" for name in names)) if names else ()
    for skill in server.skills:
        yield from ("", *_skill(skill))
    if server.endpoints:
        yield from ("", *(f"  {one}" for one in server.endpoints))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _skill(skill: SkillView) -> Iterator[str]:
    yield f"  {bold(skill.name)}"
    if skill.folder is not None:
        yield f"{_WORD_INDENT}{'files':<8}{skill.folder}"
    for tool in skill.tools:
        yield f"{_WORD_INDENT}{'tool':<8}{tool.name} {tool.shown}"


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
    places: dict[tuple[str, str | None], list[str]] = {}
    for one in findings:
        places.setdefault((one.message, one.hint), []).append(one.at or "")
    for (message, hint), at in places.items():
        yield f"  {message}"
        more = f" and {len(at) - 1} more" if len(at) > 1 else ""
        yield from (f"{_WORD_INDENT}{said}" for said in (hint, at[0] + more) if said)
