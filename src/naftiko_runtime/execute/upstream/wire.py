"""What both clients put on the wire: the host, the body's length, and nothing unsafe (RFC 9112)."""

from __future__ import annotations

import re
from typing import Final

from naftiko_runtime.execute.upstream.message import Headers, StreamedBody, UpstreamRequest
from naftiko_runtime.plan.origins import Origin

IDEMPOTENT_METHODS: Final = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"})
"""What may be sent once more when nobody knows whether it arrived (RFC 9110 9.2.2)."""

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_METHODS_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})
_HOST: Final = re.compile(r"[A-Za-z0-9._:-]+")
_START: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+ [!-~]+")
_HEADER_LINES: Final = re.compile(rb"(?:[!#$%&'*+.^_`|~0-9a-z-]+: [\t -~\x80-\xff]*\r\n)*")


def host_header(origin: Origin) -> bytes:
    """Return the value of `host`: the authority, without the scheme's default port (RFC 9110 7.2).

    Raises:
        ValueError: The host is neither an ASCII name nor an address.
    """
    if not _HOST.fullmatch(origin.host):
        raise ValueError("the host is neither a name nor an address")
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    if _DEFAULT_PORTS.get(origin.scheme) != origin.port:
        host = f"{host}:{origin.port}"
    return host.encode("ascii")


def content_length(request: UpstreamRequest) -> bytes | None:
    """Return the value of `content-length`, or None where none belongs (RFC 9110 8.6)."""
    if request.body is not None:
        return b"%d" % len(request.body)
    return b"0" if request.method in _METHODS_WITH_BODY else None


def framing(request: UpstreamRequest, body: StreamedBody | None) -> Headers:
    """Return the header that tells where a streamed body ends (RFC 9112 6.3)."""
    if body is not None and body.length is None:
        return ((b"transfer-encoding", b"chunked"),)
    length = content_length(request) if body is None else b"%d" % (body.length or 0)
    return () if length is None else ((b"content-length", length),)


def request_start(request: UpstreamRequest) -> bytes:
    """Return method and target, ready for the request line.

    Raises:
        ValueError: One of them holds a character that would end or split the line.
    """
    start = b"%b %b" % (request.method.encode("ascii"), request.target)
    if not _START.fullmatch(start):
        raise ValueError("method or target is not fit for a request line")
    return start


def header_lines(headers: Headers) -> bytes:
    """Return the headers as lines, each with its line end.

    Raises:
        ValueError: A name is not a token in lower case, or a value holds a control character.
    """
    lines = b"".join([b"%b: %b\r\n" % header for header in headers])
    if not _HEADER_LINES.fullmatch(lines) or lines.count(b"\n") != len(headers):
        raise ValueError("a header is not fit to be sent")
    return lines
