"""A request in httpx's form, to which httpx adds nothing."""

from __future__ import annotations

import httpx

from naftiko_runtime.execute.upstream.message import Headers, Origin, UpstreamRequest
from naftiko_runtime.execute.upstream.wire import (
    content_length,
    header_lines,
    host_header,
    request_start,
)


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
    request_start(request)
    header_lines(request.headers)
    try:
        url = _ExactUrl(request.origin, request.target)
    except httpx.InvalidURL as error:
        raise ValueError("the target is not fit to be sent") from error
    stream = httpx.ByteStream(request.body or b"")
    outgoing = httpx.Request(request.method, url, headers=_headers(request), stream=stream)
    outgoing.url = url
    return outgoing


def _headers(request: UpstreamRequest) -> Headers:
    length = content_length(request)
    last = () if length is None else ((b"content-length", length),)
    return ((b"host", host_header(request.origin)), *request.headers, *last)
