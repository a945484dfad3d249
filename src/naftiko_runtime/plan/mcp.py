"""MCP adapters: from the document to tools, resources and prompts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Final

from naftiko_runtime.diagnostics import Diagnostics
from naftiko_runtime.plan.adapters import McpPlan, Tool
from naftiko_runtime.plan.aggregates import Effective
from naftiko_runtime.plan.callers import read_caller_check
from naftiko_runtime.plan.checking import argument_names, input_schema
from naftiko_runtime.plan.collector import Face
from naftiko_runtime.plan.consumed import Consumed
from naftiko_runtime.plan.context import Context
from naftiko_runtime.plan.mcp_actions import Compiled, Declared, compile_actions
from naftiko_runtime.plan.mcp_prompts import plan_prompts
from naftiko_runtime.plan.mcp_resources import plan_resources
from naftiko_runtime.plan.units import has_action
from naftiko_runtime.spec.aggregates import Semantics
from naftiko_runtime.spec.mcp import McpAdapter, McpTool, ToolHints
from naftiko_runtime.values import Json

MAX_NAME: Final = 64
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_.-]")
_HASH_DIGITS: Final = 10


def plan_mcp(adapter: McpAdapter, context: Context) -> McpPlan:
    """Compile an MCP adapter; tools that can't be served are left out and reported."""
    namespace = adapter.namespace or ""
    context = context.inside(namespace).bounded(adapter)
    tools = [
        declared
        for published, tool in _named(adapter.tools, context.diagnostics)
        if (declared := _declared(published, tool, namespace, context)) is not None
    ]
    return McpPlan(
        namespace,
        adapter.address,
        adapter.port,
        adapter.description,
        read_caller_check(adapter.authentication, context.names, namespace),
        adapter.position,
        adapter.transport or "http",
        tuple(map(_tool, compile_actions(tools, context))),
        adapter.ttl_ms,
        plan_resources(adapter, context),
        plan_prompts(adapter, context),
    )


def _declared(
    published: str, tool: McpTool, namespace: str, context: Context
) -> Declared[McpTool] | None:
    unit = f"{namespace}.{tool.name}"
    effective = context.functions.effective(tool, unit, context.diagnostics)
    if effective is None:
        return None
    if not has_action(effective.spec):
        context.diagnostics.warning(
            "operation-without-action",
            f"the tool '{tool.name}' has nothing to do; it answers an empty object",
            tool.position,
            hint="give it a 'call', 'steps', a 'ref' or outputs with a 'value'",
        )
    inputs = effective.spec.input_parameters
    return Declared(published, unit, effective, Face(is_rest=False), inputs)


def _named(tools: tuple[McpTool, ...], diagnostics: Diagnostics) -> Iterator[tuple[str, McpTool]]:
    """Give each tool the name that clients call it by."""
    taken: set[str] = set()
    for tool in tools:
        given = tool.name or tool.label or "tool"
        name = safe_name(given)
        if name != given:
            message = f"clients take no tool name like '{given}'; it is published as '{name}'"
            diagnostics.info("tool-name-shortened", message, tool.at("name"))
        published = _free(name, taken)
        if published != name:
            message = f"there are two tools '{name}'; the later one is published as '{published}'"
            diagnostics.warning("tool-duplicate", message, tool.at("name"))
        taken.add(published)
        yield published, tool


def safe_name(name: str) -> str:
    """Return a name that MCP clients take: safe characters, and 64 of them at most.

    A longer name keeps its start and ends with a hash of the whole, so that it stays the same from
    one start to the next and differs from its neighbours.
    """
    safe = _UNSAFE.sub("_", name)
    if len(safe) <= MAX_NAME:
        return safe
    digest = hashlib.sha256(name.encode()).hexdigest()[:_HASH_DIGITS]
    return f"{safe[: MAX_NAME - _HASH_DIGITS - 1]}-{digest}"


def _free(name: str, taken: set[str]) -> str:
    number = 2
    free = name
    while free in taken:
        suffix = f"-{number}"
        free = name[: MAX_NAME - len(suffix)] + suffix
        number += 1
    return free


def _tool(tool: Compiled[McpTool]) -> Tool:
    effective, operation, consumed = tool.declared.effective, tool.operation, tool.consumed
    spec = effective.spec
    shown = [one for one in operation.inputs if not one.hidden]
    arguments = argument_names([one.name for one in shown])
    renamed = {public: real for public, real in arguments.items() if public != real}
    return Tool(
        tool.declared.published,
        operation,
        spec.label,
        spec.description or (consumed.spec.description if consumed else None),
        input_schema(operation.inputs),
        operation.outputs.schema,
        _annotations(effective, consumed),
        renamed,
        spec.position,
    )


def _annotations(effective: Effective[McpTool], consumed: Consumed | None) -> dict[str, Json]:
    """Return the hints as they are given, over what a function's semantics imply.

    Without either, what the consumed method implies.
    """
    hints = effective.spec.hints
    implied = _semantic_hints(effective.semantics)
    if hints is not None:
        return {**implied, **_given_hints(hints)}
    return implied or (_method_hints(consumed.method) if consumed is not None else {})


def _given_hints(hints: ToolHints) -> dict[str, Json]:
    given = {
        "readOnlyHint": hints.read_only,
        "destructiveHint": hints.destructive,
        "idempotentHint": hints.idempotent,
        "openWorldHint": hints.open_world,
    }
    return {name: value for name, value in given.items() if value is not None}


def _semantic_hints(semantics: Semantics | None) -> dict[str, Json]:
    if semantics is None:
        return {}
    hints: dict[str, Json] = {}
    if semantics.safe is not None:
        hints["readOnlyHint"] = semantics.safe
    if semantics.safe:
        hints["destructiveHint"] = False
    if semantics.idempotent is not None:
        hints["idempotentHint"] = semantics.idempotent
    return hints


def _method_hints(method: str) -> dict[str, Json]:
    if method in ("GET", "HEAD"):
        return {"readOnlyHint": True, "idempotentHint": True}
    if method == "DELETE":
        return {"readOnlyHint": False, "destructiveHint": True, "idempotentHint": True}
    if method == "PUT":
        return {"readOnlyHint": False, "idempotentHint": True}
    return {"readOnlyHint": False}
