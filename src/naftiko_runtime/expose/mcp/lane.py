"""The short way for plain calls: past the SDK, with the answers that it would give.

The SDK stays the authority. What is answered here is what is certain; all else goes to the SDK as
it came. `tests/expose/mcp/test_lane.py` holds both ways against each other in every revision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mcp.shared.inbound import X_MCP_HEADER_KEY, find_invalid_x_mcp_header, x_mcp_header_map

from naftiko_runtime.expose.mcp.bodies import pieces_of, read_messages, replaying
from naftiko_runtime.expose.mcp.calls import ToolCaller
from naftiko_runtime.expose.mcp.heads import PlainHead, read_head
from naftiko_runtime.expose.mcp.pinging import Pinger, event
from naftiko_runtime.expose.mcp.plain import PlainReader, PlainRequest
from naftiko_runtime.expose.mcp.replies import HANDSHAKE, Replies
from naftiko_runtime.expose.mcp.tools import ToolSet
from naftiko_runtime.expose.sending import is_handed_over, is_large, send_whole
from naftiko_runtime.plan.adapters import Tool

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

_MARK: Final = X_MCP_HEADER_KEY.encode()


class Lane:
    """Answers plain requests of one endpoint.

    Args:
        tools: What is offered.
        caller: Calls tools.
        stateless: The responses of the newest revision.
        longest: How long a body may be.
        reader: Reads plain requests.
    """

    def __init__(
        self,
        tools: ToolSet,
        caller: ToolCaller,
        stateless: Replies,
        longest: int,
        reader: PlainReader | None = None,
    ) -> None:
        self._caller = caller
        self._stateless = stateless
        self._longest = longest
        self._pinger = Pinger()
        self._reader = reader or PlainReader()
        self.tools = tools

    @property
    def tools(self) -> ToolSet:
        """What is offered."""
        return self._tools

    @tools.setter
    def tools(self, tools: ToolSet) -> None:
        self._tools = tools
        self._pages = {
            True: tools.results(self._stateless, is_stateless=True),
            False: tools.results(HANDSHAKE, is_stateless=False),
        }
        is_marked = any(_MARK in page for page in self._pages[True].values())
        self._mirrored = {one.name for one in tools.tools.values() if is_marked and _mirrors(one)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> Receive | None:
        """Answer a POST if it is plain.

        Returns:
            None if it is answered, else what gives the request's body once more.
        """
        head = read_head(scope, self._longest)
        if head is None:
            return receive
        messages, is_whole = await read_messages(receive, self._longest)
        pieces = pieces_of(messages)
        if is_whole and is_large(pieces) and await is_handed_over(pieces, send):
            return None
        request = self._reader.read(head, b"".join(pieces)) if is_whole else None
        if request is None or not await self._answer(head, request, scope, send):
            return replaying(messages, receive)
        return None

    async def _answer(
        self, head: PlainHead, request: PlainRequest, scope: Scope, send: Send
    ) -> bool:
        """Answer; return whether that was possible."""
        replies = self._stateless if head.is_stateless else HANDSHAKE
        if request.method == "tools/list":
            page = self._pages[head.is_stateless].get(request.params.get("cursor"))
            if page is not None:
                await _send(replies, replies.response(request.identity, page), send)
            return page is not None
        tool = self._tools.tools.get(request.params["name"])
        if tool is None or (head.is_stateless and tool.name in self._mirrored):
            return False
        if head.is_stateless and head.may_stream:
            await self._call_pinging(tool, request, scope, send)
        else:
            reply = await self._call(replies, tool, request, scope)
            await _send(replies, reply, send)
        return True

    async def _call(
        self, replies: Replies, tool: Tool, request: PlainRequest, scope: Scope
    ) -> bytes:
        arguments = request.params.get("arguments") or {}
        result = await self._caller.call(tool, arguments, scope["headers"])
        return replies.call(request.identity, result)

    async def _call_pinging(
        self, tool: Tool, request: PlainRequest, scope: Scope, send: Send
    ) -> None:
        """Call a tool; a client that waits long hears that it goes on.

        A client that leaves ends the call: the server cancels what answers a connection that is
        lost.
        """
        pings = self._pinger.pings(send)
        try:
            reply = await self._call(self._stateless, tool, request, scope)
        finally:
            pings.stop()
        if pings.have_begun:
            await send({"type": "http.response.body", "body": event(reply)})
        else:
            await _send(self._stateless, reply, send)


def _mirrors(tool: Tool) -> bool:
    """Return whether clients of the newest revision repeat arguments in headers."""
    schema = tool.input_schema
    return find_invalid_x_mcp_header(schema) is None and bool(x_mcp_header_map(schema))


async def _send(replies: Replies, reply: bytes, send: Send) -> None:
    await send_whole(200, replies.headers(reply), reply, send)
