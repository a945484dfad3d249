"""The inputs that an exposed unit must have (behaviour, section 4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from naftiko_runtime.values import ABSENT, Value
from tests.corpus.oracle.bodies import template_of, texts_of
from tests.corpus.oracle.consumed import Parameter
from tests.corpus.oracle.credentials import provided_names
from tests.corpus.oracle.documents import Block, UnknownConstruct
from tests.corpus.oracle.exposed import Unit
from tests.corpus.oracle.names import variables
from tests.corpus.oracle.references import InputReference
from tests.corpus.oracle.sources import exposed_name, given_source, source_of, template_source

WHOLE_BODY: Final = "body"
_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})


@dataclass(frozen=True, slots=True)
class ExpectedInput:
    """An input of a unit.

    Attributes:
        name: As callers write it.
        place: Where a REST caller puts it: `path`, `query`, `header`, `cookie`, `body` (the whole
            of it) or `field` (of a JSON body).
        type: The declared type; None takes any.
        required: Whether a call without it is refused.
        feeds: Where it goes upstream; empty where only a body template names it.
        description: What the document says of it, or of the parameter it feeds.
        default: Its value where the caller leaves it out.
        is_credential: Whether all that it feeds is provided by the authentication.
    """

    name: str
    place: str
    type: str | None
    required: bool
    feeds: frozenset[str]
    description: str | None = None
    default: Value = ABSENT
    is_credential: bool = False


def expected_inputs(unit: Unit) -> list[ExpectedInput]:
    """Return the inputs of a unit; those hidden from the unit's face are left out."""
    found: dict[str, ExpectedInput] = {}
    for one in _inferred(unit):
        found[one.name] = _merged(found[one.name], one) if one.name in found else one
    if unit.declared:
        found = dict(_declared(unit, found))
    shown = (_as_seen(unit, one) for one in found.values())
    return [one for one in shown if one is not None]


def _inferred(unit: Unit) -> Iterator[ExpectedInput]:
    operation = unit.upstream
    for parameter in operation.parameters:
        source = source_of(unit, parameter)
        if isinstance(source, InputReference):
            yield _feeding(unit, parameter, source.name)
    for text in texts_of(template_of(operation.body)):
        source = template_source(unit, text)
        if isinstance(source, InputReference):
            yield _loose(unit, source.name)
    for key in unit.given:
        source = given_source(unit, key)
        if isinstance(source, InputReference) and not _is_parameter(unit, key):
            yield _loose(unit, source.name)
    if operation.takes_any_json:
        yield ExpectedInput(WHOLE_BODY, "body", None, required=False, feeds=frozenset({"body"}))
    for name in variables(unit.path):
        yield ExpectedInput(name, "path", "string", required=True, feeds=frozenset())


def _declared(
    unit: Unit, inferred: Mapping[str, ExpectedInput]
) -> Iterator[tuple[str, ExpectedInput]]:
    """Yield what a unit declares: these are its inputs, then, and no others (section 4.1)."""
    for block in unit.declared:
        name = exposed_name(unit, block["name"])
        yield name, _declared_input(block, name, inferred.get(name))
    undeclared = set(inferred) - {exposed_name(unit, block["name"]) for block in unit.declared}
    if any(inferred[name].place == "path" for name in undeclared):
        raise UnknownConstruct(f"{unit} declares inputs, but not {sorted(undeclared)}")


def _declared_input(block: Block, name: str, fed: ExpectedInput | None) -> ExpectedInput:
    default: Value = block.get("value", ABSENT)
    as_required = fed.required if fed is not None else True
    place = block.get("in") or (fed.place if fed is not None else "query")
    return ExpectedInput(
        name=name,
        place="field" if place == "body" and name != WHOLE_BODY else place,
        type=block.get("type") or (fed.type if fed is not None else None),
        required=bool(block.get("required", as_required)) and default is ABSENT,
        feeds=fed.feeds if fed is not None else frozenset(),
        description=block.get("description") or (fed.description if fed is not None else None),
        default=default,
        is_credential=fed.is_credential if fed is not None else False,
    )


def _feeding(unit: Unit, parameter: Parameter, name: str) -> ExpectedInput:
    place = "path" if name in variables(unit.path) else _place(name, parameter)
    return ExpectedInput(
        name,
        place,
        parameter.type,
        required=parameter.required or place == "path",
        feeds=frozenset({f"{parameter.place} {parameter.name}"}),
        description=parameter.description,
        is_credential=_is_provided(unit, parameter),
    )


def _place(name: str, parameter: Parameter) -> str:
    if parameter.place == "path":
        return "query"
    if parameter.place == "body" and name != WHOLE_BODY:
        return "field"
    return parameter.place


def _is_provided(unit: Unit, parameter: Parameter) -> bool:
    provided = provided_names(unit.upstream.authentication)
    if parameter.place == "header":
        return parameter.name.lower() in provided
    return parameter.place == "query" and parameter.name in provided


def _loose(unit: Unit, name: str) -> ExpectedInput:
    """Return an input that feeds no parameter: one of a body template, or of nothing at all."""
    in_path = name in variables(unit.path)
    place = "path" if in_path else ("field" if unit.method in _WITH_BODY else "query")
    return ExpectedInput(name, place, None, required=in_path, feeds=frozenset())


def _merged(one: ExpectedInput, other: ExpectedInput) -> ExpectedInput:
    if other.place != one.place and other.feeds:
        raise UnknownConstruct(f"the input {one.name} in {one.place} and in {other.place}")
    return replace(
        one,
        required=one.required or other.required,
        feeds=one.feeds | other.feeds,
        is_credential=one.is_credential and other.is_credential,
    )


def _as_seen(unit: Unit, one: ExpectedInput) -> ExpectedInput | None:
    """Return an input as its face shows it: credentials optional on REST, hidden from MCP."""
    if not one.is_credential:
        return one
    return replace(one, required=False) if unit.face == "rest" else None


def _is_parameter(unit: Unit, key: str) -> bool:
    return any(parameter.name == key for parameter in unit.upstream.parameters)
