"""From what arrived to an `UpstreamResponse`: end-to-end headers, a body without codings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from naftiko_runtime.errors import UpstreamProtocolError
from naftiko_runtime.execute.upstream.decoding import DECODERS, decode
from naftiko_runtime.execute.upstream.message import Headers, UpstreamResponse

Fields: TypeAlias = Sequence[tuple[bytes, bytes]]
"""Header pairs as a client read them: names in lower case, values stripped."""

_HOP_BY_HOP: Final = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
_SPECIAL: Final = _HOP_BY_HOP | {b"content-encoding"}
_KEPT_OPEN: Final = [(b"connection", b"keep-alive")]
"""What many servers say with every answer, and nothing else of which this has to take care."""

_PLAIN_OPTIONS: Final = frozenset({b"close", b"keep-alive"})
_OF_CODED_BODY: Final = frozenset({b"content-encoding", b"content-length"})


def upstream_response(status: int, received: Fields, body: bytes, limit: int) -> UpstreamResponse:
    """Return the answer as it goes over the seam.

    A body in a coding that is unknown here, which nobody asked for, stays as it is, and its headers
    with it.

    Args:
        status: 200 to 599.
        received: The headers.
        body: The body, free of transfer codings.
        limit: How many bytes the body may have when decoded.

    Raises:
        UpstreamTooLarge: The body is larger when decoded.
        UpstreamProtocolError: The body is not what its coding promises, or came in a transfer
            coding that is not known here.
    """
    special = [field for field in received if field[0] in _SPECIAL]
    if not special:
        return UpstreamResponse(status, tuple(received), body)
    if special == _KEPT_OPEN:
        headers = tuple([field for field in received if field[0] != b"connection"])
        return UpstreamResponse(status, headers, body)
    dropped = _dropped(special)
    codings = _codings(special)
    if codings and body:
        body = decode(body, codings, limit)
        dropped |= _OF_CODED_BODY
    headers = tuple([field for field in received if field[0] not in dropped])
    return UpstreamResponse(status, headers, body)


def end_to_end(received: Fields) -> Headers:
    """Return the headers of an answer whose body goes on in its content encoding.

    Raises:
        UpstreamProtocolError: The body comes in a transfer coding that is not known here.
    """
    special = [field for field in received if field[0] in _HOP_BY_HOP]
    dropped = _dropped(special)
    return tuple([field for field in received if field[0] not in dropped])


def _dropped(special: Fields) -> frozenset[bytes]:
    """Return the names of the headers that end here, those that `connection` names among them.

    Raises:
        UpstreamProtocolError: A transfer coding is not known, so that it was never undone.
    """
    dropped = _HOP_BY_HOP
    for name, value in special:
        if name == b"connection" and value.lower() not in _PLAIN_OPTIONS:
            dropped = dropped.union(_members(value))
        elif name == b"transfer-encoding" and value.lower() != b"chunked":
            raise UpstreamProtocolError("The upstream API's answer has an unknown transfer coding.")
    return dropped


def _codings(special: Fields) -> list[bytes]:
    """Return the codings to undo, in the order in which they were applied (RFC 9110 8.4)."""
    lists = [_members(value) for name, value in special if name == b"content-encoding"]
    if not lists:
        return []
    codings = [coding for members in lists for coding in members if coding != b"identity"]
    return codings if all(coding in DECODERS for coding in codings) else []


def _members(value: bytes) -> list[bytes]:
    """Return the members of a list in lower case (RFC 9110 5.6.1)."""
    members = [member.strip() for member in value.lower().split(b",")]
    return [member for member in members if member]
