"""Writes the heads of requests (RFC 9112 section 3)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from naftiko_runtime.execute.upstream.message import StreamedBody, UpstreamRequest
from naftiko_runtime.execute.upstream.wire import (
    content_length,
    framing,
    header_lines,
    host_header,
    request_start,
)
from naftiko_runtime.plan.origins import Origin

_KEPT_HEADERS: Final = 64
"""How many different sets of headers are kept encoded for an origin."""


class RequestHeads:
    """Writes the heads of requests to one origin; headers that recur are encoded once."""

    __slots__ = ("_header_lines", "_line_end")

    def __init__(self, origin: Origin) -> None:
        self._line_end = b" HTTP/1.1\r\nhost: %b\r\n" % host_header(origin)
        self._header_lines = lru_cache(_KEPT_HEADERS)(header_lines)

    def head(self, request: UpstreamRequest) -> bytes:
        """Return request line and headers, up to and with the empty line.

        Raises:
            ValueError: Something in the request is not fit to be sent.
        """
        length = content_length(request)
        end = b"\r\n" if length is None else b"content-length: %b\r\n\r\n" % length
        lines = self._header_lines(request.headers)
        return b"".join((request_start(request), self._line_end, lines, end))

    def streamed(self, request: UpstreamRequest, body: StreamedBody | None) -> bytes:
        """Return request line and headers of a request whose body comes in pieces.

        Raises:
            ValueError: Something in the request is not fit to be sent.
        """
        lines = header_lines((*request.headers, *framing(request, body)))
        return b"".join((request_start(request), self._line_end, lines, b"\r\n"))
