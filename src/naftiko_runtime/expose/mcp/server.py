"""The SDK's server, with the handlers that serve one endpoint's tools."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, TypeAlias

import mcp_types as types
from mcp.server import Server, ServerRequestContext
from mcp.server.lowlevel import NotificationOptions
from mcp.server.models import InitializationOptions
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, ToolsListChanged
from mcp.shared.exceptions import MCPError
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from naftiko_runtime.expose.mcp.calls import ToolCaller
from naftiko_runtime.expose.mcp.tools import ToolSet
from naftiko_runtime.values import Json

Context: TypeAlias = ServerRequestContext[None]

_MOST_STREAMS: Final = 1024


class ToolServer(Server[None]):
    """An MCP server whose tools can be replaced while it serves.

    Args:
        name: What clients see as the server's name.
        version: The runtime's version.
        instructions: For models.
        tools: What is offered.
        caller: Calls tools.
    """

    def __init__(
        self,
        name: str,
        version: str,
        instructions: str | None,
        tools: ToolSet,
        caller: ToolCaller,
    ) -> None:
        self.tools = tools
        self._caller = caller
        self._bus = InMemorySubscriptionBus()
        self._listen = ListenHandler(self._bus, max_subscriptions=_MOST_STREAMS)
        self._is_closing = False
        super().__init__(
            name,
            version=version,
            instructions=instructions,
            lifespan=_no_lifespan,
            get_tool_input_schema=self._input_schema,
            on_subscriptions_listen=self._serve_listen,
        )
        self.add_request_handler("tools/list", types.PaginatedRequestParams, self._list_tools)
        self.add_request_handler("tools/call", types.CallToolRequestParams, self._call_tool)
        self.middleware.clear()  # the SDK's tracing, which costs every call and is not used here

    def create_initialization_options(
        self,
        notification_options: NotificationOptions | None = None,
        experimental_capabilities: dict[str, dict[str, Any]] | None = None,
        extensions: dict[str, dict[str, Any]] | None = None,
    ) -> InitializationOptions:
        """Return what `initialize` answers: here, tool lists can change."""
        options = notification_options or NotificationOptions(tools_changed=True)
        return super().create_initialization_options(options, experimental_capabilities, extensions)

    async def publish_change(self) -> None:
        """Tell those who listen, by the revision of 2026-07-28, that the tools changed."""
        await self._bus.publish(ToolsListChanged())

    def close_streams(self) -> None:
        """End what listens, and let nobody listen any more."""
        self._is_closing = True
        self._listen.close()

    def _input_schema(self, name: str) -> Mapping[str, Json] | None:
        return self.tools.input_schema(name)

    async def _list_tools(
        self, context: Context, params: types.PaginatedRequestParams
    ) -> dict[str, Any]:
        page = self.tools.pages.get(params.cursor)
        if page is None:
            raise MCPError(types.INVALID_PARAMS, "Invalid cursor")
        is_stateless = context.protocol_version in MODERN_PROTOCOL_VERSIONS
        return page.stateless if is_stateless else page.handshake

    async def _call_tool(
        self, context: Context, params: types.CallToolRequestParams
    ) -> dict[str, Any]:
        tool = self.tools.tools.get(params.name)
        if tool is None:
            raise MCPError(types.INVALID_PARAMS, f"Unknown tool: {params.name}")
        headers = context.request.scope["headers"] if context.request is not None else ()
        result = await self._caller.call(tool, params.arguments or {}, headers)
        return result.wire()

    async def _serve_listen(
        self, context: Context, params: types.SubscriptionsListenRequestParams
    ) -> types.SubscriptionsListenResult:
        if self._is_closing:
            raise MCPError(types.INTERNAL_ERROR, "The server is shutting down")
        return await self._listen(context, params)


@asynccontextmanager
async def _no_lifespan(_: Server[None]) -> AsyncIterator[None]:
    yield None
