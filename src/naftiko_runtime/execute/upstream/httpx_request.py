"""A request in httpx's form, to which httpx adds nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx

from naftiko_runtime.execute.upstream.message import Headers, StreamedBody, UpstreamRequest
from naftiko_runtime.execute.upstream.patience import Patience
from naftiko_runtime.execute.upstream.pieces import OutgoingPieces
from naftiko_runtime.execute.upstream.wire import (
    content_length,
    framing,
    header_lines,
    host_header,
    request_start,
)
from naftiko_runtime.plan.origins import Origin


class _ExactUrl(httpx.URL):
    """A URL whose path and query go out as they are; httpx would encode and normalise them."""

    def __init__(self, origin: Origin, target: bytes) -> None:
        super().__init__(scheme=origin.scheme, host=origin.host, port=origin.port, raw_path=target)
        self._target = target

    @property
    def raw_path(self) -> bytes:
        return self._target


def httpx_request(request: UpstreamRequest) -> httpx.Request:
    """Return httpx's form of a request, to which it adds nothing.

    Raises:
        ValueError: Something in the request is not fit to be sent.
    """
    length = content_length(request)
    last = () if length is None else ((b"content-length", length),)
    return _outgoing(request, last, httpx.ByteStream(request.body or b""))


def streamed_request(
    request: UpstreamRequest, body: StreamedBody | None, patience: Patience
) -> httpx.Request:
    """Return httpx's form of a request whose body comes in pieces.

    Args:
        request: The request.
        body: Its body, if there is one.
        patience: Suspended while a piece is waited for.

    Raises:
        ValueError: Something in the request is not fit to be sent.
    """
    stream = _Pieces(body, patience) if body is not None else httpx.ByteStream(b"")
    return _outgoing(request, framing(request, body), stream)


class _Pieces(httpx.AsyncByteStream):
    """A body in pieces as httpx reads it."""

    def __init__(self, body: StreamedBody, patience: Patience) -> None:
        self._pieces = OutgoingPieces(body, patience)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._pieces


def _outgoing(
    request: UpstreamRequest, framed: Headers, stream: httpx.AsyncByteStream
) -> httpx.Request:
    request_start(request)
    header_lines(request.headers)
    try:
        url = _ExactUrl(request.origin, request.target)
    except httpx.InvalidURL as error:
        raise ValueError("the target is not fit to be sent") from error
    headers = ((b"host", host_header(request.origin)), *request.headers, *framed)
    outgoing = httpx.Request(request.method, url, headers=headers, stream=stream)
    outgoing.url = url
    return outgoing
