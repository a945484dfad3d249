"""Where the value of each consumed parameter comes from (behaviour, sections 4.3 and 5)."""

from __future__ import annotations

from naftiko_runtime.values import ABSENT
from tests.corpus.oracle.consumed import Parameter
from tests.corpus.oracle.documents import UnknownConstruct
from tests.corpus.oracle.exposed import Unit
from tests.corpus.oracle.names import same, variables
from tests.corpus.oracle.references import InputReference, Literal, Source, source


def source_of(unit: Unit, parameter: Parameter) -> Source:
    """Return what feeds a consumed parameter in a call of a unit."""
    if parameter.name in unit.given:
        return given_source(unit, parameter.name)
    if parameter.fixed is not ABSENT:
        return Literal(parameter.fixed)
    if parameter.place == "path":
        return InputReference(_variable_name(unit, parameter.name))
    return InputReference(exposed_name(unit, parameter.name))


def given_source(unit: Unit, key: str) -> Source:
    """Return what an entry of a unit's `with` stands for."""
    return _renamed(unit, source(unit.given[key], unit.adapter, unit.bound))


def template_source(unit: Unit, text: str) -> Source:
    """Return what a string of a body template stands for; outside braces it is literal."""
    if "{{" not in text:
        return Literal(text)
    return _renamed(unit, source(text, unit.adapter, unit.bound))


def exposed_name(unit: Unit, name: str) -> str:
    """Return the name of an input as callers write it: the exposed path's, then the declared."""
    declared = [block["name"] for block in unit.declared]
    return same(name, variables(unit.path)) or same(name, declared) or name


def _renamed(unit: Unit, found: Source) -> Source:
    if isinstance(found, InputReference):
        return InputReference(exposed_name(unit, found.name))
    return found


def _variable_name(unit: Unit, name: str) -> str:
    """Return the input that feeds a consumed path variable: by name, else by position."""
    exposed, consumed = variables(unit.path), variables(unit.upstream.path)
    by_name = same(name, exposed)
    if by_name is not None or len(exposed) != len(consumed):
        return by_name or exposed_name(unit, name)
    if any(same(one, exposed) for one in consumed):
        raise UnknownConstruct(f"{unit}: variables {exposed} over {consumed}")
    return exposed[consumed.index(name)]
