"""Heads of requests whose bodies may be plain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from naftiko_runtime.expose.mcp.accepting import media_ranges_match
from naftiko_runtime.expose.mcp.revisions import NEWEST, REVISION, WITH_HANDSHAKE
from naftiko_runtime.values import record

if TYPE_CHECKING:
    from starlette.types import Scope

_METHOD: Final = b"mcp-method"
_NAME: Final = b"mcp-name"
_TYPE: Final = b"content-type"
_LENGTH: Final = b"content-length"
_ACCEPT: Final = b"accept"
_ONCE: Final = frozenset({REVISION, _METHOD, _NAME, _TYPE, _LENGTH, _ACCEPT})
_JSON_TYPES: Final = frozenset({b"application/json", b"application/json; charset=utf-8"})


@record
class PlainHead:
    """The head of a request that may be plain.

    Attributes:
        is_stateless: Whether it is of the newest revision, which has no handshake.
        may_stream: Whether the client takes an event stream for an answer.
        method: What `Mcp-Method` says.
        name: What `Mcp-Name` says.
    """

    is_stateless: bool
    may_stream: bool
    method: bytes | None
    name: bytes | None


def read_head(scope: Scope, longest: int) -> PlainHead | None:
    """Return the head of a POST whose body may be plain.

    Args:
        scope: The request's.
        longest: How long a body may be.
    """
    headers: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in _ONCE:
            if name in headers:
                return None
            headers[name] = value
    revision = headers.get(REVISION)
    length = headers.get(_LENGTH, b"")
    accept = headers.get(_ACCEPT, b"")
    is_stateless = revision == NEWEST
    if (
        headers.get(_TYPE) not in _JSON_TYPES
        or not (is_stateless or revision in WITH_HANDSHAKE)
        or not (length.isdigit() and int(length) <= longest)
        or not media_ranges_match(accept, b"application/json")
    ):
        return None
    may_stream = media_ranges_match(accept, b"text/event-stream")
    return PlainHead(is_stateless, may_stream, headers.get(_METHOD), headers.get(_NAME))
