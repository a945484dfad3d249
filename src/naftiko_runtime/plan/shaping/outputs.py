"""All outputs of a unit to one plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from naftiko_runtime.diagnostics import Diagnostics
from naftiko_runtime.plan.expressions import Scope
from naftiko_runtime.plan.shaping.consumed import (
    consumed_shape,
    first_of,
    is_identity,
    lone_answer,
    named_outputs,
)
from naftiko_runtime.plan.shaping.fixed import Resolve
from naftiko_runtime.plan.shaping.output import Output
from naftiko_runtime.plan.shaping.plan import IDENTITY, OutputPlan, Shape, whole
from naftiko_runtime.plan.shaping.reading import OutputReader
from naftiko_runtime.plan.shaping.schemas import answer_schema, members_schema
from naftiko_runtime.plan.shaping.shapes import ShapeCompiler
from naftiko_runtime.spec.parameters import OutputParameter
from naftiko_runtime.values import Json


def compile_outputs(
    outputs: Sequence[OutputParameter],
    consumed: Sequence[OutputParameter],
    resolve: Resolve,
    diagnostics: Diagnostics,
    unit: str,
    *,
    mock: bool = False,
) -> OutputPlan:
    """Compile what a unit answers.

    Args:
        outputs: The unit's own outputs.
        consumed: The outputs of the operation that it calls; they shape the answer where the unit
            has none of its own, and stand in for members that the body lacks.
        resolve: Compiles templates in fixed values.
        diagnostics: Takes what can't be compiled.
        unit: The unit, `namespace.name`.
        mock: Whether the unit calls nothing, so that fixed values make up the whole answer.
    """
    reader = OutputReader(resolve, diagnostics, unit)
    declared, theirs = reader.read_all(outputs), reader.read_all(consumed)
    if not declared:
        return _EMPTY if mock else _of_consumed(theirs)
    if is_identity(declared) and not mock:
        return IDENTITY
    plan = _of_declared(declared, ShapeCompiler(named_outputs(theirs), mock))
    return _without_body(plan) if mock else plan


def compile_orchestrated(
    outputs: Sequence[OutputParameter], resolve: Resolve, diagnostics: Diagnostics, unit: str
) -> OutputPlan:
    """Compile what a unit with `mappings` answers.

    The mappings make an object; outputs give its members their types and their order. A member
    that no output declares stays as it is, at the end.

    Args:
        outputs: The unit's outputs.
        resolve: Compiles templates in fixed values.
        diagnostics: Takes what can't be compiled.
        unit: The unit, `namespace.name`.
    """
    declared = OutputReader(resolve, diagnostics, unit).read_all(outputs)
    lone = lone_answer(declared)
    members = tuple(one for one in declared if one.name is not None)
    if lone is not None:
        members = lone.properties if lone.source is None or lone.is_whole else ()
    if not members:
        return _of_declared(declared, ShapeCompiler()) if declared else _MAPPED
    shape = _keeping_others(ShapeCompiler().members(members), members)
    return OutputPlan(False, shape, members_schema(members), structured=True)


_EMPTY = OutputPlan(False, lambda _value, _scope: {}, None, structured=True, constant=True)
_MAPPED = OutputPlan(False, whole, None, structured=True)


def _of_consumed(outputs: Sequence[Output]) -> OutputPlan:
    shape = consumed_shape(outputs)
    return IDENTITY if shape is whole else OutputPlan(False, shape, None, structured=False)


def _of_declared(outputs: Sequence[Output], compiler: ShapeCompiler) -> OutputPlan:
    constant = all(one.is_constant for one in outputs)
    lone = lone_answer(outputs)
    if lone is not None:
        schema = answer_schema(lone) if lone.inside and lone.fixed is None else None
        return OutputPlan(False, compiler.answer(lone), schema, lone.is_object, constant)
    if outputs[0].name is not None:
        schema = members_schema(outputs)
        return OutputPlan(False, compiler.members(outputs), schema, True, constant)
    shape = first_of([compiler.compile(one) for one in outputs])
    return OutputPlan(False, shape, None, structured=False, constant=constant)


def _without_body(plan: OutputPlan) -> OutputPlan:
    """Return a plan that takes no notice of the body: there is no upstream to send one."""
    shape = plan.shape
    return replace(plan, shape=lambda _, scope: shape(None, scope), constant=True)


def _keeping_others(shape: Shape, members: Sequence[Output]) -> Shape:
    declared = frozenset(one.name for one in members)

    def keep(value: Json, scope: Scope) -> Json:
        shaped = shape(value, scope)
        if isinstance(shaped, dict) and isinstance(value, dict):
            shaped.update((name, one) for name, one in value.items() if name not in declared)
        return shaped

    return keep
