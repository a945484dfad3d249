"""The SDK's server, with the handlers that serve what one endpoint offers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import mcp_types as types
from mcp.server import Server, ServerRequestContext
from mcp.server.lowlevel import NotificationOptions
from mcp.server.lowlevel.server import HandlerEntry
from mcp.server.models import InitializationOptions
from mcp.server.subscriptions import (
    InMemorySubscriptionBus,
    ListenHandler,
    PromptsListChanged,
    ResourcesListChanged,
    ResourceUpdated,
    ServerEvent,
    ToolsListChanged,
)
from mcp.shared.exceptions import MCPError
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from naftiko_runtime.expose.callers import RawHeaders
from naftiko_runtime.expose.mcp.calls import ToolCaller
from naftiko_runtime.expose.mcp.completing import complete
from naftiko_runtime.expose.mcp.executing import Executor
from naftiko_runtime.expose.mcp.offer import Changes, Kind, Offer
from naftiko_runtime.expose.mcp.pages import Pages
from naftiko_runtime.expose.mcp.prompting import PromptWriter
from naftiko_runtime.expose.mcp.reading import ResourceReader
from naftiko_runtime.values import Json

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

    from naftiko_runtime.expose.mcp.traced_messages import MessageTracing

Context: TypeAlias = ServerRequestContext[None]

_MOST_STREAMS: Final = 1024
_KINDS: Final = {
    "resources/list": Kind.RESOURCES,
    "resources/templates/list": Kind.RESOURCES,
    "resources/read": Kind.RESOURCES,
    "prompts/list": Kind.PROMPTS,
    "prompts/get": Kind.PROMPTS,
}
_EVENTS: Final[Mapping[Kind, ServerEvent]] = {
    Kind.TOOLS: ToolsListChanged(),
    Kind.RESOURCES: ResourcesListChanged(),
    Kind.PROMPTS: PromptsListChanged(),
}


class EndpointServer(Server[None]):
    """An MCP server that can be given something else to offer while it serves.

    Args:
        name: What clients see as the server's name.
        version: The runtime's version.
        offer: What is offered.
        caller: Calls tools.
        is_fixed: Whether the offer stays as it is, so that there is nothing to listen for.
        tracing: Tells spans of messages; None where nothing is traced.

    Attributes:
        offer: What is offered.
    """

    def __init__(
        self,
        name: str,
        version: str,
        offer: Offer,
        caller: ToolCaller,
        *,
        is_fixed: bool = False,
        tracing: MessageTracing | None = None,
    ) -> None:
        self.offer = offer
        self._caller = caller
        executor = Executor(caller)
        self._reader = ResourceReader(executor)
        self._writer = PromptWriter(executor)
        self._bus = InMemorySubscriptionBus()
        self._listen = ListenHandler(self._bus, max_subscriptions=_MOST_STREAMS)
        self._is_closing = False
        super().__init__(
            name,
            version=version,
            instructions=offer.instructions,
            lifespan=_no_lifespan,
            get_tool_input_schema=self._input_schema,
            on_subscriptions_listen=None if is_fixed else self._serve_listen,
        )
        self._add_handlers()
        # The SDK's tracing, which costs every call, is not used here.
        self.middleware[:] = [tracing] if tracing is not None else []

    def get_request_handler(self, method: str) -> HandlerEntry[None] | None:
        """Return what serves a method; nothing serves those of what is not offered."""
        kind = _KINDS.get(method)
        if kind is not None and kind not in self.offer.kinds:
            return None
        if method == "completion/complete" and not self.offer.completes:
            return None
        return super().get_request_handler(method)

    def get_capabilities(
        self,
        notification_options: NotificationOptions | None = None,
        experimental_capabilities: dict[str, dict[str, Any]] | None = None,
        extensions: dict[str, dict[str, Any]] | None = None,
        *,
        protocol_version: str | None = None,
    ) -> types.ServerCapabilities:
        """Return what clients are told that they can use: what is offered, and no more.

        Subscriptions to single resources are for files, whose changes a reload shows.
        """
        found = super().get_capabilities(
            notification_options,
            experimental_capabilities,
            extensions,
            protocol_version=protocol_version,
        )
        kinds = self.offer.kinds
        if found.resources is not None and not self.offer.resources.files:
            found.resources.subscribe = False
        return found.model_copy(
            update={
                **{kind.value: None for kind in Kind if kind not in kinds},
                **({} if self.offer.completes else {"completions": None}),
            }
        )

    def create_initialization_options(
        self,
        notification_options: NotificationOptions | None = None,
        experimental_capabilities: dict[str, dict[str, Any]] | None = None,
        extensions: dict[str, dict[str, Any]] | None = None,
    ) -> InitializationOptions:
        """Return what `initialize` answers: here, lists can change."""
        options = notification_options or NotificationOptions(
            prompts_changed=True, resources_changed=True, tools_changed=True
        )
        return super().create_initialization_options(options, experimental_capabilities, extensions)

    async def publish(self, changes: Changes) -> None:
        """Tell those who listen, by the revision of 2026-07-28, what changed."""
        for kind in changes.lists:
            await self._bus.publish(_EVENTS[kind])
        for uri in changes.files:
            await self._bus.publish(ResourceUpdated(uri))

    def close_streams(self) -> None:
        """End what listens, and let nobody listen any more."""
        self._is_closing = True
        self._listen.close()

    def _add_handlers(self) -> None:
        paginated, add = types.PaginatedRequestParams, self.add_request_handler
        add("tools/list", paginated, self._list(lambda offer: offer.tools.pages))
        add("tools/call", types.CallToolRequestParams, self._call_tool)
        add("resources/list", paginated, self._list(lambda offer: offer.resources.pages))
        templates = self._list(lambda offer: offer.resources.template_pages)
        add("resources/templates/list", paginated, templates)
        add("resources/read", types.ReadResourceRequestParams, self._read_resource)
        add("prompts/list", paginated, self._list(lambda offer: offer.prompts.pages))
        add("prompts/get", types.GetPromptRequestParams, self._get_prompt)
        add("completion/complete", types.CompleteRequestParams, self._complete)

    def _input_schema(self, name: str) -> Mapping[str, Json] | None:
        return self.offer.tools.input_schema(name)

    def _list(
        self, pages: Callable[[Offer], Pages]
    ) -> Callable[[Context, types.PaginatedRequestParams], Awaitable[dict[str, Any]]]:
        async def answer(context: Context, params: types.PaginatedRequestParams) -> dict[str, Any]:
            page = pages(self.offer).get(params.cursor)
            if page is None:
                raise MCPError(types.INVALID_PARAMS, "Invalid cursor")
            is_stateless = context.protocol_version in MODERN_PROTOCOL_VERSIONS
            return page.stateless if is_stateless else page.handshake

        return answer

    async def _call_tool(
        self, context: Context, params: types.CallToolRequestParams
    ) -> dict[str, Any]:
        tool = self.offer.tools.tools.get(params.name)
        if tool is None:
            raise MCPError(types.INVALID_PARAMS, f"Unknown tool: {params.name}")
        result = await self._caller.call(tool, params.arguments or {}, _headers(context))
        return result.wire()

    async def _read_resource(
        self, context: Context, params: types.ReadResourceRequestParams
    ) -> dict[str, Any]:
        offer, revision = self.offer, context.protocol_version
        contents = await self._reader.read(
            offer.resources, str(params.uri), revision, _headers(context)
        )
        return {**offer.cacheable, "contents": contents}

    async def _get_prompt(
        self, context: Context, params: types.GetPromptRequestParams
    ) -> dict[str, Any]:
        return await self._writer.get(
            self.offer.prompts, params.name, params.arguments or {}, _headers(context)
        )

    async def _complete(self, _: Context, params: types.CompleteRequestParams) -> dict[str, Any]:
        return complete(self.offer, params)

    async def _serve_listen(
        self, context: Context, params: types.SubscriptionsListenRequestParams
    ) -> types.SubscriptionsListenResult:
        if self._is_closing:
            raise MCPError(types.INTERNAL_ERROR, "The server is shutting down")
        return await self._listen(context, self._honoured(params))

    def _honoured(
        self, params: types.SubscriptionsListenRequestParams
    ) -> types.SubscriptionsListenRequestParams:
        """Return a request without the resources whose changes no one here would notice."""
        wanted = params.notifications
        files = self.offer.resources.files
        known = [uri for uri in wanted.resource_subscriptions or () if uri in files]
        kept = wanted.model_copy(update={"resource_subscriptions": known or None})
        return params.model_copy(update={"notifications": kept})


def message_tracing(tracer: Tracer | None, offer: Callable[[], Offer]) -> MessageTracing | None:
    """Return what tells spans of messages; it is imported where something is traced."""
    if tracer is None:
        return None
    from naftiko_runtime.expose.mcp.traced_messages import MessageTracing

    return MessageTracing(tracer, offer)


def _headers(context: Context) -> RawHeaders:
    return context.request.scope["headers"] if context.request is not None else ()


@asynccontextmanager
async def _no_lifespan(_: Server[None]) -> AsyncIterator[None]:
    yield None
