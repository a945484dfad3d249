"""Terms compiled to closures: what a call evaluates."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import orjson

from naftiko_runtime.errors import VariableMissing
from naftiko_runtime.load.variables import Variable
from naftiko_runtime.plan.folding import NameIndex
from naftiko_runtime.plan.jsonpath import Path
from naftiko_runtime.plan.terms import (
    FirstOf,
    InputReference,
    ListOf,
    Literal,
    StepReference,
    Term,
    Text,
    VariableReference,
)
from naftiko_runtime.values import ABSENT, Absent, Json, Value


@dataclass(slots=True)
class Scope:
    """What a call can refer to while it runs.

    Attributes:
        inputs: The caller's checked inputs by name; what was left out is not there.
        steps: The outputs of the steps that have run, by name.
    """

    inputs: dict[str, Json] = field(default_factory=dict)
    steps: dict[str, Json] = field(default_factory=dict)


Evaluate: TypeAlias = Callable[[Scope], Value]
"""A compiled term."""

Escape: TypeAlias = Callable[[str], str]
"""Makes text safe for the place that it is written into."""

Inputs: TypeAlias = NameIndex[str]
"""What inputs are really called, by the names that references use."""


def compile_term(term: Term, inputs: Inputs, escape: Escape | None = None) -> Evaluate:
    """Compile a term.

    Args:
        term: What to evaluate.
        inputs: The real names of inputs; a reference to any other input is absent.
        escape: Applied to what references bring into longer texts.

    Returns:
        A function that raises `VariableMissing` where a variable without a value is needed.
    """
    match term:
        case Literal(value):
            return lambda _: value
        case InputReference(name):
            return _input(inputs.find(name))
        case StepReference(step, path):
            return _step(step, path)
        case VariableReference(variable):
            return _variable(variable)
        case Text():
            return _text(term, inputs, escape)
        case FirstOf(choices):
            return _first([compile_term(choice, inputs, escape) for choice in choices])
        case ListOf(items):
            return _list([compile_term(item, inputs, escape) for item in items])
    return _map([(_key(k, inputs), compile_term(v, inputs, escape)) for k, v in term.members])


def to_text(value: Value) -> str:
    """Return a value as it is written inside a longer text.

    Nothing and null are empty, lists and objects compact JSON.
    """
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, Absent):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return to_json(value).decode()


def to_json(value: Json) -> bytes:
    """Return a value as compact JSON; integers of any size."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _input(name: str | None) -> Evaluate:
    if name is None:
        return lambda _: ABSENT
    return lambda scope: scope.inputs.get(name, ABSENT)


def _step(step: str, path: Path) -> Evaluate:
    find = path.find

    def evaluate(scope: Scope) -> Value:
        return find(scope.steps[step]) if step in scope.steps else ABSENT

    return evaluate


def _variable(variable: Variable) -> Evaluate:
    value = variable.value
    if value is not None:
        return lambda _: value

    def fail(_: Scope) -> Value:
        detail = f"the variable {variable.name} has no value: {variable.how_to_set}"
        raise VariableMissing(detail)

    return fail


def _text(term: Text, inputs: Inputs, escape: Escape | None) -> Evaluate:
    if term.optional:
        (only,) = (compile_term(part, inputs) for part in term.parts)
        return lambda scope: ABSENT if (value := only(scope)) is ABSENT else to_text(value)
    parts = [_part(part, inputs, escape) for part in term.parts]
    return lambda scope: "".join([part(scope) for part in parts])


def _part(term: Term, inputs: Inputs, escape: Escape | None) -> Callable[[Scope], str]:
    if isinstance(term, Literal):
        text = to_text(term.value)
        return lambda _: text
    evaluate = compile_term(term, inputs)
    if escape is None:
        return lambda scope: to_text(evaluate(scope))
    return lambda scope: escape(to_text(evaluate(scope)))


def _first(choices: list[Evaluate]) -> Evaluate:
    def evaluate(scope: Scope) -> Value:
        for choice in choices:
            value = choice(scope)
            if value is not ABSENT:
                return value
        return ABSENT

    return evaluate


def _list(items: list[Evaluate]) -> Evaluate:
    def evaluate(scope: Scope) -> Value:
        values = [item(scope) for item in items]
        return [value for value in values if not isinstance(value, Absent)]

    return evaluate


def _key(key: str | Term, inputs: Inputs) -> str | Evaluate:
    return key if isinstance(key, str) else compile_term(key, inputs)


def _map(members: list[tuple[str | Evaluate, Evaluate]]) -> Evaluate:
    def evaluate(scope: Scope) -> Value:
        values = [(k if isinstance(k, str) else k(scope), member(scope)) for k, member in members]
        return {
            key if isinstance(key, str) else to_text(key): value
            for key, value in values
            if not isinstance(value, Absent) and key is not ABSENT
        }

    return evaluate
