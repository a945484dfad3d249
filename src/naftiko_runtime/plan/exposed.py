"""The units of a capability, and a capability without some of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Literal, TypeAlias

from naftiko_runtime.plan.adapters import Capability, McpPlan, RestPlan, Skill, SkillPlan
from naftiko_runtime.plan.mcp_parts import DynamicResource, Prompt, Resource
from naftiko_runtime.plan.operations import Operation
from naftiko_runtime.plan.scripts import ScriptPlan
from naftiko_runtime.plan.steps import ScriptStep, StepsPlan

Kind: TypeAlias = Literal["operation", "tool", "resource", "prompt"]
"""What callers call a unit; only units of one kind have names of their own in an adapter."""


def units_of(capability: Capability) -> Iterator[tuple[Kind, Operation]]:
    """Yield the kind of every exposed unit and what it executes, in the order of the document."""
    for rest in capability.rest:
        yield from (("operation", route.operation) for route in rest.routes)
    for mcp in capability.mcp:
        yield from (("tool", tool.operation) for tool in mcp.tools)
        read = chain.from_iterable(_read(one) for one in mcp.resources)
        yield from (("resource", operation) for operation in read)
        asked = chain.from_iterable(_asked(one) for one in mcp.prompts)
        yield from (("prompt", operation) for operation in asked)


def operations_of(capability: Capability) -> Iterator[Operation]:
    """Yield what every exposed unit executes, in the order of the document."""
    return (operation for _, operation in units_of(capability))


def scripts_of(operation: Operation) -> Iterator[ScriptPlan]:
    """Yield the scripts that a unit runs, in the order of its steps."""
    if isinstance(operation.action, StepsPlan):
        steps = operation.action.steps
        yield from (step.script for step in steps if isinstance(step, ScriptStep))


def without(capability: Capability, units: Collection[Operation]) -> Capability:
    """Return a capability without the units that execute these."""
    return replace(
        capability,
        rest=tuple(_rest(plan, units) for plan in capability.rest),
        mcp=tuple(_mcp(plan, units) for plan in capability.mcp),
        skills=tuple(_skills(plan, units) for plan in capability.skills),
    )


def _rest(plan: RestPlan, units: Collection[Operation]) -> RestPlan:
    kept = (route for route in plan.routes if route.operation not in units)
    return replace(plan, routes=tuple(kept))


def _mcp(plan: McpPlan, units: Collection[Operation]) -> McpPlan:
    tools = (one for one in plan.tools if one.operation not in units)
    resources = (one for one in plan.resources if _runs_without(_read(one), units))
    prompts = (one for one in plan.prompts if _runs_without(_asked(one), units))
    return replace(plan, tools=tuple(tools), resources=tuple(resources), prompts=tuple(prompts))


def _read(resource: Resource) -> Iterator[Operation]:
    """Yield what gives a resource's content; files give their own."""
    if isinstance(resource, DynamicResource):
        yield resource.operation


def _asked(prompt: Prompt) -> Iterator[Operation]:
    """Yield what answers in a prompt's messages."""
    yield from (one.operation for one in prompt.messages if one.operation is not None)


def _runs_without(operations: Iterable[Operation], units: Collection[Operation]) -> bool:
    return not any(one in units for one in operations)


def _skills(plan: SkillPlan, units: Collection[Operation]) -> SkillPlan:
    """Return a skill server without the tools that stand for one of the units."""
    return replace(plan, skills=tuple(_skill(one, units) for one in plan.skills))


def _skill(skill: Skill, units: Collection[Operation]) -> Skill:
    kept = (one for one in skill.tools if one.source is None or one.source.operation not in units)
    return replace(skill, tools=tuple(kept))
