"""Several MCP servers as one: their tools together, and their names apart. Section 8."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, count

from naftiko_runtime.plan.adapters import McpPlan, Tool
from naftiko_runtime.plan.mcp import safe_name


def merge_tools(plans: Sequence[McpPlan]) -> tuple[Tool, ...]:
    """Return the tools of all plans, in order.

    Tools that share a name get their adapters' namespaces as prefix, all of them, so that no name
    depends on which adapter comes first.
    """
    shared = Counter(tool.name for plan in plans for tool in plan.tools)
    taken = {name for name, times in shared.items() if times == 1}
    merged: list[Tool] = []
    for plan in plans:
        for tool in plan.tools:
            name = tool.name
            if shared[name] > 1:
                name = _free(_prefixed(plan.namespace, name), taken)
                taken.add(name)
            merged.append(tool if name == tool.name else replace(tool, name=name))
    return tuple(merged)


def merge_instructions(plans: Sequence[McpPlan]) -> str | None:
    """Return what all plans tell models."""
    texts = [plan.instructions for plan in plans if plan.instructions]
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


def _prefixed(namespace: str, name: str) -> Iterator[str]:
    prefixed = f"{namespace}_{name}"
    return chain([safe_name(prefixed)], (safe_name(f"{prefixed}-{n}") for n in count(2)))


def _free(names: Iterator[str], taken: set[str]) -> str:
    return next(name for name in names if name not in taken)
