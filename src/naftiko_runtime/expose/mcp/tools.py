"""The tools of one endpoint, and what `tools/list` says of them, prepared at load. Section 9."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from naftiko_runtime.expose.mcp.pages import Entry, Listing, Pages, entry
from naftiko_runtime.expose.mcp.replies import Replies
from naftiko_runtime.plan.adapters import Tool
from naftiko_runtime.values import Json

_OBJECT: Final = "object"


@dataclass(frozen=True, slots=True)
class ToolSet:
    """The tools that an endpoint offers at one moment; a reload replaces it as a whole.

    Attributes:
        tools: By name, in order.
        pages: What `tools/list` answers.
    """

    tools: Mapping[str, Tool]
    pages: Pages
    _results: dict[Replies, dict[str | None, bytes]] = field(default_factory=dict, compare=False)

    def results(self, replies: Replies, *, is_stateless: bool) -> Mapping[str | None, bytes]:
        """Return the results of `tools/list` by cursor, made once for all endpoints of one name.

        Args:
            replies: How the responses of some revisions are written.
            is_stateless: Whether these have no handshake.
        """
        if replies not in self._results:
            self._results[replies] = {
                cursor: replies.page(page.stateless if is_stateless else page.handshake)
                for cursor, page in self.pages.items()
            }
        return self._results[replies]

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
    listing = Listing(ttl_ms, shared, page_size)
    handshake = [_entry(tool, _handshake_schema(tool)) for tool in tools]
    stateless = [_entry(tool, _output_schema(tool)) for tool in tools]
    return ToolSet(
        {tool.name: tool for tool in tools}, listing.pages("tools", handshake, stateless)
    )


def _entry(tool: Tool, output_schema: dict[str, Json] | None) -> Entry:
    return entry(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        inputSchema=tool.input_schema,
        outputSchema=output_schema,
        annotations=tool.annotations or None,
    )


def _output_schema(tool: Tool) -> dict[str, Json] | None:
    """Return the schema of what `OutputPlan.structure` makes of the tool's answers."""
    return tool.operation.outputs.structured_schema


def _handshake_schema(tool: Tool) -> dict[str, Json] | None:
    """Return the output schema if the older revisions can carry it: they know only objects."""
    schema = _output_schema(tool)
    return schema if schema is not None and schema.get("type") == _OBJECT else None
