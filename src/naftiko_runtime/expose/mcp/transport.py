"""The SDK's HTTP transport: all revisions, without sessions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp_types import INVALID_REQUEST
from mcp_types.version import LATEST_MODERN_VERSION
from starlette.responses import JSONResponse

from naftiko_runtime.expose.mcp.accepting import accepts
from naftiko_runtime.expose.mcp.server import EndpointServer

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

_VERSION: Final = b"mcp-protocol-version"
_STATELESS: Final = LATEST_MODERN_VERSION.encode()
_NOT_ONE: Final = "Body must be a single JSON-RPC request or notification object"
"""What the SDK says of a batch in the newest revision."""


class Transport:
    """Two of the SDK's managers in front of one server.

    Clients of the newest revision get an event stream where an answer takes long, and a call ends
    when they leave. To the others that way would answer nothing but streams, so they get JSON.

    Args:
        server: What is served.
        longest: How long a body may be.
    """

    def __init__(self, server: EndpointServer, longest: int) -> None:
        self._json, self._streaming = (
            StreamableHTTPSessionManager(
                server, json_response=json, stateless=True, max_request_body_size=longest
            )
            for json in (True, False)
        )

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Serve while the context is entered, once."""
        async with self._json.run(), self._streaming.run():
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        No revision that is served has batches, and what the SDK says of one to clients with a
        handshake takes it as long as a hundred calls: they hear what the others do.
        """
        if scope["method"] == "POST":
            first = await receive()
            if first.get("body", b"").lstrip().startswith(b"["):
                await _refusal()(scope, receive, send)
                return
            receive = _replaying(first, receive)
        version = next((value for name, value in scope["headers"] if name == _VERSION), None)
        may_stream = version == _STATELESS and accepts(scope, b"text/event-stream")
        manager = self._streaming if may_stream else self._json
        await manager.handle_request(scope, receive, send)


def _refusal() -> JSONResponse:
    error = {"code": INVALID_REQUEST, "message": _NOT_ONE}
    return JSONResponse({"jsonrpc": "2.0", "error": error, "id": None}, 400)


def _replaying(first: Message, receive: Receive) -> Receive:
    is_read = False

    async def replay() -> Message:
        nonlocal is_read
        if is_read:
            return await receive()
        is_read = True
        return first

    return replay
