"""The tools of one endpoint, and what `tools/list` says of them, prepared at load. Section 9."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from naftiko_runtime.plan.adapters import Tool
from naftiko_runtime.values import Json

_OBJECT: Final = "object"


@dataclass(frozen=True, slots=True)
class ToolPage:
    """One page of `tools/list`.

    Attributes:
        handshake: The result for the revisions with a handshake, until 2025-11-25.
        stateless: The result for the revisions without, from 2026-07-28 on.
    """

    handshake: dict[str, Json]
    stateless: dict[str, Json]


@dataclass(frozen=True, slots=True)
class ToolSet:
    """The tools that an endpoint offers at one moment; a reload replaces it as a whole.

    Attributes:
        tools: By name, in order.
        pages: What `tools/list` answers, by cursor; the first page has none.
    """

    tools: Mapping[str, Tool]
    pages: Mapping[str | None, ToolPage]

    def input_schema(self, name: str) -> Mapping[str, Json] | None:
        """Return the schema of a tool's arguments; None if there is no such tool."""
        tool = self.tools.get(name)
        return tool.input_schema if tool is not None else None


def prepare_tools(
    tools: Sequence[Tool], ttl_ms: int = 0, *, shared: bool = True, page_size: int | None = None
) -> ToolSet:
    """Prepare the tools of an endpoint.

    Args:
        tools: In the order in which they are listed; no two of one name.
        ttl_ms: For how long clients may keep the list, in milliseconds.
        shared: Whether all callers see the same list without proving who they are.
        page_size: How many tools a page has; one page holds all by default.
    """
    size = page_size or max(1, len(tools))
    cacheable: dict[str, Json] = {
        "resultType": "complete",
        "ttlMs": ttl_ms,
        "cacheScope": "public" if shared else "private",
    }
    pages: dict[str | None, ToolPage] = {}
    for start in range(0, max(1, len(tools)), size):
        rows = tools[start : start + size]
        following = start + size if start + size < len(tools) else None
        pages[_cursor(start) if start else None] = _page(rows, following, cacheable)
    return ToolSet({tool.name: tool for tool in tools}, pages)


def _page(rows: Sequence[Tool], following: int | None, cacheable: dict[str, Json]) -> ToolPage:
    more: dict[str, Json] = {} if following is None else {"nextCursor": _cursor(following)}
    handshake: list[Json] = [_entry(tool, _handshake_schema(tool)) for tool in rows]
    stateless: list[Json] = [_entry(tool, _output_schema(tool)) for tool in rows]
    return ToolPage(
        {**cacheable, **more, "tools": handshake}, {**cacheable, **more, "tools": stateless}
    )


def _cursor(start: int) -> str:
    """Return an opaque cursor: where a page starts."""
    return base64.urlsafe_b64encode(f"tools:{start}".encode()).decode()


def _entry(tool: Tool, output_schema: dict[str, Json] | None) -> dict[str, Json]:
    entry: dict[str, Json | None] = {
        "name": tool.name,
        "title": tool.title,
        "description": tool.description,
        "inputSchema": tool.input_schema,
        "outputSchema": output_schema,
        "annotations": tool.annotations or None,
    }
    return {name: value for name, value in entry.items() if value is not None}


def _output_schema(tool: Tool) -> dict[str, Json] | None:
    """Return the schema of what `OutputPlan.structure` makes of the tool's answers."""
    return tool.operation.outputs.structured_schema


def _handshake_schema(tool: Tool) -> dict[str, Json] | None:
    """Return the output schema if the older revisions can carry it: they know only objects."""
    schema = _output_schema(tool)
    return schema if schema is not None and schema.get("type") == _OBJECT else None
