"""What a value in a document says, before it is known how its inputs are called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from naftiko_runtime.load.variables import Variable
from naftiko_runtime.plan.inputs import Place
from naftiko_runtime.plan.jsonpath import Path
from naftiko_runtime.values import Json, record


@record
class Literal:
    """A value that stands for itself."""

    value: Json


@record
class InputReference:
    """The caller's input of this name, from this place where the author says so."""

    name: str
    place: Place | None = None


@record
class StepReference:
    """A part of an earlier step's output."""

    step: str
    path: Path


@record
class VariableReference:
    """A bound variable, or one from the environment."""

    variable: Variable


@record
class Text:
    """Parts written one behind the other as text.

    Attributes:
        parts: Literals are written as they stand, all else as text.
        optional: Whether the whole is absent when its only reference is.
    """

    parts: tuple[Term, ...]
    optional: bool = False


@record
class ListOf:
    """A list; absent items are left out."""

    items: tuple[Term, ...]


@record
class MapOf:
    """An object; members with absent names or values are left out."""

    members: tuple[tuple[str | Term, Term], ...]


@record
class FirstOf:
    """The first of several terms that is not absent."""

    choices: tuple[Term, ...]


Term: TypeAlias = (
    Literal | InputReference | StepReference | VariableReference | Text | ListOf | MapOf | FirstOf
)


def subterms(term: Term) -> Iterator[Term]:
    """Yield a term and all terms inside it, in order."""
    yield term
    for part in _parts(term):
        yield from subterms(part)


def leaves(term: Term) -> Iterator[Term]:
    """Yield the references and literals inside a term, in order."""
    composed = (Text, ListOf, MapOf, FirstOf)
    return (part for part in subterms(term) if not isinstance(part, composed))


def _parts(term: Term) -> tuple[Term, ...]:
    match term:
        case Text(parts):
            return parts
        case ListOf(items):
            return items
        case FirstOf(choices):
            return choices
        case MapOf(members):
            return tuple(part for member in members for part in member if not isinstance(part, str))
    return ()


def input_references(term: Term) -> Iterator[InputReference]:
    """Yield the inputs that a term refers to."""
    if isinstance(term, InputReference):  # as most terms with inputs are
        return iter((term,))
    return (leaf for leaf in leaves(term) if isinstance(leaf, InputReference))
