"""JSON-RPC responses as bytes: those of the SDK, made without it.

They are its answers member for member, in its order. To clients of the newest revision the SDK
escapes every character beyond ASCII, by Python's own encoder; that took an eighth of a call's time,
so that here such characters are UTF-8, as in all other revisions (RFC 8259 section 8.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import orjson
from mcp_types import SERVER_INFO_META_KEY, Implementation, methods
from mcp_types.version import LATEST_HANDSHAKE_VERSION, LATEST_MODERN_VERSION
from pydantic_core import to_json

from naftiko_runtime.expose.mcp.results import ToolResult
from naftiko_runtime.values import Json

HeaderPairs: TypeAlias = list[tuple[bytes, bytes]]

_TYPE: Final = (b"content-type", b"application/json")


def _json(value: Json) -> bytes:
    """Return JSON; integers of any size."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return to_json(value)


@dataclass(frozen=True, slots=True)
class Replies:
    """The responses of some revisions.

    Attributes:
        revision: One that stands for all of them.
        complete: What says that a result is complete.
        end: What results end with.
        length_first: Whether the length goes before the type in the headers.
    """

    revision: str
    complete: bytes = b""
    end: bytes = b""
    length_first: bool = False

    def call(self, identity: str | int, result: ToolResult) -> bytes:
        """Return the response to `tools/call`."""
        parts = [
            b'{"content":',
            _json([*result.content]),
            b',"isError":true' if result.is_error else b',"isError":false',
            self.complete,
        ]
        if result.structured is not None:
            parts += [b',"structuredContent":', result.written or _json(result.structured)]
        return self.response(identity, b"".join([*parts, self.end, b"}"]))

    def page(self, page: dict[str, Json]) -> bytes:
        """Return the result of `tools/list` for a page."""
        wire = methods.serialize_server_result("tools/list", self.revision, page)
        return _json(wire)[:-1] + self.end + b"}"

    def response(self, identity: str | int, result: bytes) -> bytes:
        """Return the response with a result that is JSON already."""
        return b"".join([b'{"jsonrpc":"2.0","id":', _json(identity), b',"result":', result, b"}"])

    def headers(self, reply: bytes) -> HeaderPairs:
        """Return the headers of a response."""
        length = (b"content-length", b"%d" % len(reply))
        return [length, _TYPE] if self.length_first else [_TYPE, length]


HANDSHAKE: Final = Replies(LATEST_HANDSHAKE_VERSION)


def stateless_replies(name: str, version: str) -> Replies:
    """Return the responses of the newest revision, which tell who the server is each time."""
    info = Implementation(name=name, version=version)
    stamp = info.model_dump(by_alias=True, mode="json", exclude_none=True)
    end = b',"_meta":' + _json({SERVER_INFO_META_KEY: stamp})
    complete = b',"resultType":"complete"'
    return Replies(LATEST_MODERN_VERSION, complete, end, length_first=True)
