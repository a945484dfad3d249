"""A JSON Schema compiled into one function."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from naftiko_runtime.plan.checking.constraints import compile_constraints
from naftiko_runtime.plan.checking.containers import array, object_
from naftiko_runtime.plan.checking.mismatch import Misfit, Mismatch
from naftiko_runtime.plan.checking.types import SCALARS, Check, anything
from naftiko_runtime.values import Json

DEEPEST: Final = 32
"""Schemas nested deeper are not looked into."""


def compile_check(schema: Mapping[str, Json], *, as_text: bool = False, depth: int = 0) -> Check:
    """Compile the check of a schema.

    Known keywords are type, enum, items, properties, required, pattern, the bounds of numbers
    and the sizes of strings and arrays; what else a schema says is not checked.

    Args:
        schema: A JSON Schema, draft 2020-12.
        as_text: Whether values come from a query, where one text may stand for an array of one.
        depth: How many schemas this one is nested in.

    Returns:
        The check; `anything` itself where every value fits.
    """
    if depth > DEEPEST:
        return anything
    return _joined((_types(schema, as_text, depth), *compile_constraints(schema)))


def _joined(checks: Iterable[Check]) -> Check:
    steps = [check for check in checks if check is not anything]
    if len(steps) < 2:
        return steps[0] if steps else anything
    first, *others = steps

    def check(value: Json) -> Json:
        value = first(value)
        for step in others:
            value = step(value)
        return value

    return check


def _types(schema: Mapping[str, Json], as_text: bool, depth: int) -> Check:
    declared = schema.get("type")
    names = declared if isinstance(declared, list) and declared else [declared]
    checks = [_type(name, schema, as_text, depth) for name in names]
    return checks[0] if len(checks) == 1 else _one_of(checks, [str(name) for name in names])


def _type(name: Json, schema: Mapping[str, Json], as_text: bool, depth: int) -> Check:
    if name == "array":
        item = _inner(schema.get("items"), as_text, depth)
        return array(None if item is anything else item, wraps=as_text)
    if name == "object":
        return _object(schema, as_text, depth)
    return SCALARS.get(name, anything) if isinstance(name, str) else anything


def _object(schema: Mapping[str, Json], as_text: bool, depth: int) -> Check:
    properties, required = schema.get("properties"), schema.get("required")
    declared = properties if isinstance(properties, dict) else {}
    checks = {name: _inner(inner, as_text, depth) for name, inner in declared.items()}
    members = {name: check for name, check in checks.items() if check is not anything}
    names = required if isinstance(required, list) else []
    return object_(members, [name for name in names if isinstance(name, str)])


def _inner(schema: Json, as_text: bool, depth: int) -> Check:
    if not isinstance(schema, dict):
        return anything
    return compile_check(schema, as_text=as_text, depth=depth + 1)


def _one_of(checks: list[Check], names: list[str]) -> Check:
    """Join the checks of several types: a value that needs no conversion for one stays as it is."""
    expected = f"has to be one of these: {', '.join(names)}"

    def check(value: Json) -> Json:
        fits: list[Json] = []
        inside: list[Misfit] = []
        for one in checks:
            try:
                fits.append(one(value))
            except Mismatch as mismatch:
                inside += [misfit for misfit in mismatch.misfits if misfit.path]
        if not fits:
            raise Mismatch(inside) if inside else Mismatch.of(expected, value)
        return value if value in fits else fits[0]

    return check
