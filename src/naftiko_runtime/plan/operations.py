"""What both faces execute: an operation with checked inputs, an action and a shape."""

from __future__ import annotations

from dataclasses import dataclass

from naftiko_runtime.diagnostics import Position
from naftiko_runtime.plan.calls import CallPlan
from naftiko_runtime.plan.checking import Checker
from naftiko_runtime.plan.inputs import Input
from naftiko_runtime.plan.shaping import OutputPlan
from naftiko_runtime.plan.steps import StepsPlan


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One exposed unit, whatever face shows it; another unit is another one, also by the same name.

    Attributes:
        address: The unit, `namespace.name`, for logs and explanations.
        inputs: What callers may give.
        checker: Turns what they give into checked values.
        action: What is done: a call, or steps; None where the outputs are fixed values.
        outputs: What the answer looks like.
        at: Where the document declares it.
    """

    address: str
    inputs: tuple[Input, ...]
    checker: Checker
    action: CallPlan | StepsPlan | None
    outputs: OutputPlan
    at: Position
