"""The units of an MCP adapter that do something: tools, resources, messages of prompts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Generic, TypeVar

from naftiko_runtime.plan.aggregates import Effective
from naftiko_runtime.plan.collector import Face
from naftiko_runtime.plan.consumed import Consumed
from naftiko_runtime.plan.context import Context
from naftiko_runtime.plan.operations import Operation
from naftiko_runtime.plan.resolution import Caller, resolve_calls
from naftiko_runtime.plan.units import Unit, UnitCompiler
from naftiko_runtime.spec.actions import Action
from naftiko_runtime.spec.parameters import InputParameter
from naftiko_runtime.values import record

A = TypeVar("A", bound=Action)


@record
class Declared(Generic[A]):
    """A unit, before it is compiled.

    Attributes:
        published: What clients call it.
        address: `namespace.name`.
        effective: What the document says, with what it inherits.
        face: The side that clients see.
        inputs: The inputs that the document declares.
    """

    published: str
    address: str
    effective: Effective[A]
    face: Face
    inputs: tuple[InputParameter, ...]

    @property
    def spec(self) -> A:
        """What the document says, with what the unit inherits."""
        return self.effective.spec


@record
class Compiled(Generic[A]):
    """A unit that can be served.

    Attributes:
        declared: What it was compiled from.
        operation: What it executes.
        consumed: What it calls; None where it has steps or answers fixed values.
    """

    declared: Declared[A]
    operation: Operation
    consumed: Consumed | None


def compile_actions(units: Sequence[Declared[A]], context: Context) -> Iterator[Compiled[A]]:
    """Compile the units of one kind in one adapter; those that can't be served are left out.

    Calls to names that several operations bear are settled among all of these units.
    """
    compiler = UnitCompiler(context)
    resolved = iter(resolve_calls([*_callers(units)], context.catalogue, context.diagnostics))
    for one in units:
        consumed = next(resolved) if _calls(one.spec) else None
        if _calls(one.spec) and consumed is None:
            continue
        unit = Unit(one.address, one.effective, one.face, one.inputs, consumed)
        operation = compiler.compile(unit)
        if operation is not None:
            yield Compiled(one, operation, consumed)


def _callers(units: Iterable[Declared[A]]) -> Iterator[Caller]:
    for one in units:
        if _calls(one.spec):
            yield Caller(one.address, one.spec.call or "", one.spec.at("call"))


def _calls(spec: Action) -> bool:
    return bool(spec.call) and not spec.steps
