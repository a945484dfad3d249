"""The arguments of a call, as a user writes them: `--arg name=value`, or JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import wraps
from typing import Final, TextIO
from urllib.parse import urlencode

import click

from naftiko_runtime.cli.exposed import ExposedUnit
from naftiko_runtime.cli.options import CommandFunction
from naftiko_runtime.cli.values import name_value
from naftiko_runtime.diagnostics import did_you_mean
from naftiko_runtime.plan.checking import QueryReader
from naftiko_runtime.plan.inputs import Input
from naftiko_runtime.values import Json

Arguments = tuple[tuple[tuple[str, str], ...], dict[str, Json] | None]
"""The pairs of `--arg`, and the object of `--json`."""

_ARG: Final = click.option(
    "--arg",
    "pairs",
    type=name_value,
    metavar="NAME=VALUE",
    multiple=True,
    help="Give an input a value. Repeatable: several values of one name are a list, and "
    "name[key]=value is a member of an object.",
)
_JSON: Final = click.option(
    "--json",
    "document",
    type=click.File(encoding="utf-8"),
    metavar="FILE|-",
    help="Take all inputs from a JSON object in a file, or from standard input.",
)


def arguments(command: CommandFunction) -> CommandFunction:
    """Give a command the options for arguments; it gets them as `given`."""

    @wraps(command)
    def with_arguments(
        *, pairs: tuple[tuple[str, str], ...], document: TextIO | None, **others: object
    ) -> None:
        if pairs and document is not None:
            raise click.UsageError("give inputs by --arg or by --json, not by both")
        given = (pairs, _object(document) if document is not None else None)
        command(given=given, **others)

    for option in (_JSON, _ARG):
        option(with_arguments)
    return with_arguments


def checked(unit: ExposedUnit, given: Arguments) -> dict[str, Json]:
    """Check the arguments of a call as the unit's face would.

    Raises:
        click.UsageError: An argument is none of the unit's inputs, or one is missing.
        InvalidInput: A value does not fit.
    """
    pairs, document = given
    inputs = [one for one in unit.operation.inputs if unit.face == "rest" or not one.hidden]
    checker = unit.operation.checker
    if document is not None:
        return _checked_document(unit, inputs, document)
    reader = QueryReader(inputs)
    for name, _ in pairs:
        if reader(urlencode([(name, "")]).encode()) == ({}, {}):
            raise click.UsageError(_unknown(name, unit, inputs))
    texts, values = reader(urlencode(pairs).encode())
    _require(unit, inputs, {*texts, *values})
    for one in inputs:
        if one.name in texts and _may_be_json(unit, one):
            values[one.name] = _json_or_text(texts.pop(one.name))
    return checker.check_request(texts, values)


def _checked_document(
    unit: ExposedUnit, inputs: Sequence[Input], document: Mapping[str, Json]
) -> dict[str, Json]:
    checker = unit.operation.checker
    if unit.face == "mcp":
        return checker.check_json(document)
    known = {one.name for one in inputs}
    for name in document:
        if name not in known:
            raise click.UsageError(_unknown(name, unit, inputs))
    _require(unit, inputs, set(document))
    return checker.check_request({}, document)


def _object(document: TextIO) -> dict[str, Json]:
    try:
        value = json.load(document)
    except ValueError as error:
        raise click.UsageError(f"--json takes JSON, which this is not: {error}") from error
    if not isinstance(value, dict):
        raise click.UsageError("--json takes a JSON object whose members are the inputs")
    return value


def _may_be_json(unit: ExposedUnit, one: Input) -> bool:
    """Return whether callers send the input as JSON of any type."""
    return one.type is None and (unit.face == "mcp" or one.place == "body")


def _json_or_text(texts: Sequence[str]) -> Json:
    values = [_one_json_or_text(text) for text in texts]
    return values[0] if len(values) == 1 else values


def _one_json_or_text(text: str) -> Json:
    try:
        value: Json = json.loads(text)
    except ValueError:
        return text
    return value


def _require(unit: ExposedUnit, inputs: Sequence[Input], given: set[str]) -> None:
    missing = [
        one.name for one in inputs if one.required and not one.has_default and one.name not in given
    ]
    if missing:
        how = " ".join(f"--arg {name}=VALUE" for name in missing)
        raise click.UsageError(f"'{unit.address}' also needs {how}")


def _unknown(name: str, unit: ExposedUnit, inputs: Sequence[Input]) -> str:
    known = [one.name for one in inputs]
    hint = did_you_mean(name, known) or f"it has {', '.join(known) or 'none'}"
    return f"'{unit.address}' has no input '{name}'; {hint}"
