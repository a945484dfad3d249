"""Reads answers off one connection: framing by httptools, bounds and completeness by us."""

from __future__ import annotations

from typing import Final, NamedTuple

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from naftiko_runtime.errors import UpstreamError, UpstreamProtocolError, UpstreamTooLarge
from naftiko_runtime.execute.upstream.message import UpstreamLimits

_FRAMING: Final = frozenset({b"content-length", b"transfer-encoding"})
_LINE_OVERHEAD: Final = len(b": \r\n")
_MOST_PIECES: Final = 1024
"""How many pieces of a body are kept apart: each takes more memory than a few bytes in it."""


class ReceivedResponse(NamedTuple):
    """One final answer as it came.

    Attributes:
        status: 200 to 599.
        headers: Names in lower case, values stripped.
        body: Free of transfer codings, not of content codings.
    """

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class _UnaskedMessage(Exception):
    """More than the one answer that was asked for."""


class ResponseReader:
    """Reads one answer after the other; `expect` comes before each.

    Attributes:
        started: Whether any byte of the answer has come.
        complete: Whether the answer is complete.
        reusable: Once complete: whether the connection may carry another exchange.
        crumbles: Whether what came last was in very many pieces.
    """

    __slots__ = (
        "_body_size",
        "_chunks",
        "_fields",
        "_framing_bytes",
        "_head_only",
        "_headers",
        "_limits",
        "_packed",
        "_parser",
        "_problem",
        "_status",
        "complete",
        "crumbles",
        "reusable",
        "started",
    )

    def __init__(self, limits: UpstreamLimits) -> None:
        self._limits = limits
        self._parser = HttpResponseParser(self)
        self.expect(head_only=False)

    def expect(self, *, head_only: bool) -> None:
        """Get ready for the next answer.

        Args:
            head_only: The request is a HEAD: its answer has no body, whatever its headers say.
        """
        self._head_only = head_only
        self._status = self._body_size = self._framing_bytes = self._packed = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._fields: list[tuple[bytes, bytes]] = []
        self._chunks: list[bytes] = []
        self._problem: UpstreamError | None = None
        self.started = self.complete = self.reusable = self.crumbles = False

    def feed(self, data: bytes) -> bool:
        """Take what arrived; tell whether the answer is complete.

        Raises:
            UpstreamProtocolError: It is not HTTP.
            UpstreamTooLarge: Head or body are over their limit.
        """
        self.started = True
        self._framing_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self._stop(error)
        if self._problem is not None:
            raise self._problem
        self.crumbles = len(self._chunks) - self._packed > _MOST_PIECES
        if self.crumbles:
            self._pack()
        if not self.complete:
            self._check_bounds()
        elif self._head_only:
            self._end_head_only(data)
        return self.complete

    def end(self) -> bool:
        """Take the end of the stream; tell whether it completes the answer (RFC 9112 6.3)."""
        framed = any(name in _FRAMING for name, _ in self._headers)
        self.complete = self._status != 0 and not framed
        return self.complete

    def take(self) -> ReceivedResponse:
        """Return the complete answer."""
        chunks = self._chunks
        body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        return ReceivedResponse(self._status, self._headers, b"" if self._head_only else body)

    @property
    def status(self) -> int:
        """The status of the final answer; 0 before its head is complete."""
        return self._status

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The headers of the final answer, once its head is complete."""
        return self._headers

    @property
    def waiting(self) -> int:
        """How many bytes of the body wait to be taken."""
        return sum(map(len, self._chunks))

    def take_pieces(self) -> bytes:
        """Return what has come of the body since the last time; the limit is on the whole."""
        chunks, self._chunks, self._packed = self._chunks, [], 0
        return b"" if self._head_only else b"".join(chunks)

    # What follows is called by httptools while it is fed.

    def on_message_begin(self) -> None:
        """Refuse what comes after the answer: it belongs to no request."""
        if self.complete:
            raise _UnaskedMessage

    def on_header(self, name: bytes, value: bytes) -> None:
        """Note a header, or a trailer, which is dropped."""
        self._fields.append((name.lower(), value.rstrip()))

    def on_headers_complete(self) -> None:
        """Close the head, unless it is an interim one (RFC 9110 15.2)."""
        status = self._parser.get_status_code()
        if not 100 <= status <= 599 or status == 101:
            self._problem = UpstreamProtocolError(
                f"The upstream API answered with status {status}."
            )
        if status < 200:
            return
        if self._framing_bytes > self._limits.head_bytes:
            self._check_head_size()
        self._status, self._headers, self._fields = status, self._fields, []
        self._framing_bytes = 0
        if self._head_only:
            self.complete, self.reusable = True, self._parser.should_keep_alive()

    def on_body(self, chunk: bytes) -> None:
        """Keep a piece of the body, up to the limit."""
        self._framing_bytes = 0
        self._body_size += len(chunk)
        if self._body_size <= self._limits.response_bytes:
            self._chunks.append(chunk)
        else:
            self._problem = self._body_too_large()

    def on_message_complete(self) -> None:
        """Note the end of the answer, or of an interim one."""
        if self._status:
            self.complete, self.reusable = True, self._parser.should_keep_alive()
        else:
            self._fields = []

    def _pack(self) -> None:
        """Join what has come since the last time."""
        self._chunks[self._packed :] = [b"".join(self._chunks[self._packed :])]
        self._packed += 1

    def _stop(self, error: Exception) -> None:
        """Give up the connection; what is complete stays an answer, whatever follows it."""
        self.reusable = False
        if not self.complete and self._problem is None:
            self._problem = UpstreamProtocolError("The upstream API's answer is not valid HTTP.")
            self._problem.__cause__ = error

    def _check_bounds(self) -> None:
        """Bound what grows without a body growing: heads, trailers, declared sizes."""
        if self._framing_bytes > self._limits.head_bytes:
            raise self._head_too_large()
        for name, value in self._headers:
            if name == b"content-length" and int(value) > self._limits.response_bytes:
                raise self._body_too_large()

    def _check_head_size(self) -> None:
        """Count exactly, where the head came along with other bytes."""
        size = sum(len(name) + len(value) + _LINE_OVERHEAD for name, value in self._fields)
        if size > self._limits.head_bytes:
            self._problem = self._head_too_large()

    def _end_head_only(self, data: bytes) -> None:
        """Start the parser anew, which waits for a body; be sure that none came."""
        self.reusable = self.reusable and data.find(b"\r\n\r\n") == len(data) - 4
        self._parser = HttpResponseParser(self)

    def _head_too_large(self) -> UpstreamTooLarge:
        limit = self._limits.head_bytes
        return UpstreamTooLarge(f"The head of the upstream API's answer is over {limit} bytes.")

    def _body_too_large(self) -> UpstreamTooLarge:
        limit = self._limits.response_bytes
        return UpstreamTooLarge(f"The upstream API's answer is over {limit} bytes.")
