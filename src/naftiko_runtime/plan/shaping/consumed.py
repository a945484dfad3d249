"""The outputs of consumed operations: what steps and mappings see of an answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from naftiko_runtime.diagnostics import Diagnostics, Position
from naftiko_runtime.plan.expressions import Evaluate, Scope
from naftiko_runtime.plan.shaping.output import Output
from naftiko_runtime.plan.shaping.plan import Shape, whole
from naftiko_runtime.plan.shaping.reading import OutputReader
from naftiko_runtime.plan.shaping.shapes import Named, ShapeCompiler
from naftiko_runtime.spec.parameters import OutputParameter
from naftiko_runtime.values import Json

RESULT: Final = "result"
"""The name of a lone output that is the value itself, and no member of it."""


def compile_consumed(
    outputs: Sequence[OutputParameter], diagnostics: Diagnostics, unit: str
) -> Callable[[Json], Json]:
    """Compile what a step's output looks like: its operation's own outputs.

    An object becomes an object of the declared names. Each object in a list keeps its members and
    gains the declared names, unless a path tells that it is meant for the list. The first unnamed
    output that is not null is the value itself.

    Args:
        outputs: The outputs of the consumed operation.
        diagnostics: Takes what can't be compiled.
        unit: What needs them, for diagnostics.
    """
    shape = consumed_shape(OutputReader(_literally, diagnostics, unit).read_all(outputs))
    nothing = Scope()
    return lambda value: shape(value, nothing)


def consumed_shape(outputs: Sequence[Output]) -> Shape:
    """Return what consumed outputs make of a decoded body."""
    if not outputs or is_identity(outputs):
        return whole
    compiler = ShapeCompiler()
    if lone_answer(outputs) or not outputs[0].name:
        return first_of([compiler.compile(one) for one in outputs])
    shape = compiler.members(outputs)
    return shape if _is_about_lists(outputs) else _each_gaining(shape)


def named_outputs(outputs: Sequence[Output]) -> Named:
    """Return what finds each named output that says where its value is in a body."""
    compiler, nothing = ShapeCompiler(), Scope()

    def finder(output: Output) -> Callable[[Json], Json]:
        shape = compiler.compile(output)
        return lambda value: shape(value, nothing)

    declared = [one for one in outputs if one.source is not None or one.fixed is not None]
    return {one.name: finder(one) for one in declared if one.name}


def is_identity(outputs: Sequence[Output]) -> bool:
    """Return whether outputs say no more than: the value as it came."""
    lone = lone_answer(outputs)
    return lone is not None and lone.is_identity


def lone_answer(outputs: Sequence[Output]) -> Output | None:
    """Return the output that is the answer itself: a lone unnamed one, or the whole `result`."""
    if len(outputs) != 1:
        return None
    (lone,) = outputs
    return lone if lone.name is None or (lone.name == RESULT and lone.is_whole) else None


def first_of(shapes: Sequence[Shape]) -> Shape:
    """Return the shape that answers what the first of several does not answer with null."""
    if len(shapes) == 1:
        return shapes[0]

    def first(value: Json, scope: Scope) -> Json:
        answers = (shape(value, scope) for shape in shapes)
        return next((answer for answer in answers if answer is not None), None)

    return first


def _literally(text: str, _: Position) -> Evaluate:
    return lambda _scope: text


def _is_about_lists(outputs: Sequence[Output]) -> bool:
    """Return whether no path starts with a name: then each is about the body, list or not."""
    paths = [one.source for one in outputs if one.source is not None]
    return bool(paths) and all(path.first_name is None for path in paths)


def _each_gaining(shape: Shape) -> Shape:
    def of_value(value: Json, scope: Scope) -> Json:
        if isinstance(value, list):
            return [_gaining(item, shape(item, scope)) for item in value]
        return shape(value, scope)

    return of_value


def _gaining(item: Json, named: Json) -> Json:
    """Return an object with what it gains; a value that was not found hides none that is there."""
    if not isinstance(item, dict) or not isinstance(named, dict):
        return item
    gained = {name: one for name, one in named.items() if one is not None or name not in item}
    return {**item, **gained}
