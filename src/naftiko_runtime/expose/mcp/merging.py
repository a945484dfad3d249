"""Several MCP servers as one: what they offer together, and the names apart. Section 8."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, count
from typing import TypeVar

from naftiko_runtime.plan.adapters import McpPlan, Tool
from naftiko_runtime.plan.mcp import safe_name
from naftiko_runtime.plan.mcp_parts import Prompt, Resource, uri_of

T = TypeVar("T", Tool, Prompt)


def merge_tools(plans: Sequence[McpPlan]) -> tuple[Tool, ...]:
    """Return the tools of all plans, in order.

    Tools that share a name get their adapters' namespaces as prefix, all of them, so that no name
    depends on which adapter comes first.
    """
    return _merged([(plan.namespace, plan.tools) for plan in plans])


def merge_prompts(plans: Sequence[McpPlan]) -> tuple[Prompt, ...]:
    """Return the prompts of all plans, in order, their names kept apart as those of tools are."""
    return _merged([(plan.namespace, plan.prompts) for plan in plans])


def merge_resources(plans: Sequence[McpPlan]) -> tuple[Resource, ...]:
    """Return the resources of all plans, in order; of those with one URI the first."""
    merged: dict[str, Resource] = {}
    for plan in plans:
        for resource in plan.resources:
            merged.setdefault(uri_of(resource), resource)
    return tuple(merged.values())


def clashing_resources(plans: Sequence[McpPlan]) -> Iterator[tuple[str, Resource, Resource]]:
    """Yield each URI that several plans have, with the resource that has it and one without."""
    first = {uri_of(resource): resource for resource in merge_resources(plans)}
    for plan in plans:
        for resource in plan.resources:
            served = first[uri_of(resource)]
            if served is not resource:
                yield uri_of(resource), served, resource


def merge_instructions(plans: Sequence[McpPlan]) -> str | None:
    """Return what all plans tell models."""
    texts = [plan.description for plan in plans if plan.description]
    return "\n\n".join(texts) or None


def endpoint_names(plans: Sequence[McpPlan]) -> list[str]:
    """Return the names under which plans have endpoints of their own: `/{name}/mcp`.

    They are the namespaces; a later plan of the same namespace gets a number. A plan without a
    namespace has no endpoint of its own, and no name: an empty string.
    """
    names: list[str] = []
    for plan in plans:
        namespace = plan.namespace
        numbered = chain([namespace], (f"{namespace}-{n}" for n in count(2)))
        names.append(next(one for one in numbered if one not in names) if namespace else "")
    return names


def _merged(groups: Sequence[tuple[str, Sequence[T]]]) -> tuple[T, ...]:
    shared = Counter(one.name for _, group in groups for one in group)
    taken = {name for name, times in shared.items() if times == 1}
    merged: list[T] = []
    for namespace, group in groups:
        for one in group:
            name = one.name
            if shared[name] > 1:
                name = _free(_prefixed(namespace, name), taken)
                taken.add(name)
            merged.append(one if name == one.name else replace(one, name=name))
    return tuple(merged)


def _prefixed(namespace: str, name: str) -> Iterator[str]:
    prefixed = f"{namespace}_{name}"
    return chain([safe_name(prefixed)], (safe_name(f"{prefixed}-{n}") for n in count(2)))


def _free(names: Iterator[str], taken: set[str]) -> str:
    return next(name for name in names if name not in taken)
