"""The SDK's HTTP transport: all revisions, without sessions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp_types import INVALID_REQUEST, jsonrpc_message_adapter
from pydantic import ValidationError
from pydantic_core import from_json
from starlette.responses import JSONResponse

from naftiko_runtime.expose.mcp.accepting import accepts
from naftiko_runtime.expose.mcp.bodies import pieces_of, read_messages, replaying
from naftiko_runtime.expose.mcp.revisions import NEWEST, revision_of
from naftiko_runtime.expose.mcp.server import EndpointServer
from naftiko_runtime.expose.sending import LARGE_BODY, is_handed_over, is_large

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

_NOT_ONE: Final = "Body must be a single JSON-RPC request or notification object"
"""What the SDK says in the newest revision."""


class Transport:
    """Two of the SDK's managers in front of one server.

    Clients of the newest revision get an event stream where an answer takes long, and a call ends
    when they leave. To the others that way would answer nothing but streams, so they get JSON.

    Args:
        server: What is served.
        longest: How long a body may be.
    """

    def __init__(self, server: EndpointServer, longest: int) -> None:
        self._longest = longest
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
        """Answer one request."""
        is_stateless = revision_of(scope) == NEWEST
        if scope["method"] == "POST":
            messages, is_whole = await read_messages(receive, self._longest)
            pieces = pieces_of(messages)
            if is_whole and is_large(pieces) and await is_handed_over(pieces, send):
                return
            if _is_refused(b"".join(pieces), has_handshake=not is_stateless):
                await _refusal()(scope, receive, send)
                return
            receive = replaying(messages, receive)
        may_stream = is_stateless and accepts(scope, b"text/event-stream")
        manager = self._streaming if may_stream else self._json
        await manager.handle_request(scope, receive, send)


def _is_refused(body: bytes, *, has_handshake: bool) -> bool:
    """Return whether a body is no message, and it would take the SDK very long to say so.

    No revision that is served has batches. Clients with a handshake the SDK tells why something is
    no message after it has written out all of it: a second for five megabytes.
    """
    if body.lstrip().startswith(b"["):
        return True
    return has_handshake and len(body) > LARGE_BODY and not _is_message(body)


def _is_message(body: bytes) -> bool:
    try:
        jsonrpc_message_adapter.validate_python(from_json(body), by_name=False)
    except ValidationError:
        return False
    except ValueError:
        return True  # no JSON: that is said quickly
    return True


def _refusal() -> JSONResponse:
    error = {"code": INVALID_REQUEST, "message": _NOT_ONE}
    return JSONResponse({"jsonrpc": "2.0", "error": error, "id": None}, 400)
