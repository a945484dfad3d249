"""One request and its answer over one connection, both bodies in pieces."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from typing import Final

from naftiko_runtime.errors import UpstreamError, UpstreamProtocolError
from naftiko_runtime.execute.upstream.answer import end_to_end
from naftiko_runtime.execute.upstream.message import (
    StreamedBody,
    StreamedResponse,
    UpstreamLimits,
)
from naftiko_runtime.execute.upstream.patience import Patience
from naftiko_runtime.execute.upstream.pieces import OutgoingPieces
from naftiko_runtime.execute.upstream.pooled.connection import LOST, Connection, LostBeforeAnswer
from naftiko_runtime.execute.upstream.pooled.reader import ResponseReader

_READ_AHEAD: Final = 64 * 1024
"""How many bytes of an answer may wait to be read before the socket is read no more."""

_LAST_CHUNK: Final = b"0\r\n\r\n"


class StreamedExchange:
    """Sends a body while it reads the answer, which may come before all is sent.

    One task sends the body; it ends with the exchange at the latest. The answer's pieces are what
    iterating yields.

    Args:
        connection: Carries this exchange alone, until `aclose`.
        limits: What it may use; bodies are not limited.
        patience: How long upstream may be silent.
    """

    def __init__(self, connection: Connection, limits: UpstreamLimits, patience: Patience) -> None:
        self._connection = connection
        self._patience = patience
        self._reader = ResponseReader(replace(limits, response_bytes=sys.maxsize))
        self._error: Exception | None = None
        self._is_sent = False
        self._has_head = False
        self._progress: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None
        self._sending: asyncio.Task[None] | None = None

    async def begin(
        self, head: bytes, body: StreamedBody | None, *, head_only: bool
    ) -> StreamedResponse:
        """Send the request and wait for the head of its answer; if that fails, all ends.

        Args:
            head: Request line and headers, up to and with the empty line.
            body: The body, if there is one.
            head_only: Whether the answer has no body because the request is a HEAD.

        Raises:
            LostBeforeAnswer: The connection was lost before any byte of an answer.
            UpstreamError: As for `UpstreamClient.stream`.
        """
        try:
            if self._connection.closed:
                raise LostBeforeAnswer(LOST)
            self._reader.expect(head_only=head_only)
            self._connection.lend(self)
            self._connection.write(head)
            self._is_sent = body is None
            if body is not None:
                self._sending = asyncio.create_task(self._send(body))
            while not self._has_head:
                await self._wait()
            return StreamedResponse(self._reader.status, end_to_end(self._reader.headers), self)
        except BaseException:
            await self.aclose()
            raise

    async def aclose(self) -> None:
        """Give the connection back if both messages are through; close it otherwise."""
        if self._sending is not None and not self._sending.done():
            self._sending.cancel()
            await asyncio.wait([self._sending])
        is_through = self._is_sent and self._reader.complete and self._reader.reusable
        self._connection.release(self, reusable=is_through and self._error is None)

    def __aiter__(self) -> StreamedExchange:
        return self

    async def __anext__(self) -> bytes:
        while True:
            piece = self._reader.take_pieces()
            if piece:
                self._connection.resume_reading()
                return piece
            if self._reader.complete:
                raise StopAsyncIteration
            await self._wait()

    # What follows is called by the connection.

    def received(self, data: bytes) -> None:
        """Read on."""
        try:
            self._reader.feed(data)
        except UpstreamError as error:
            self.fail(error)
            return
        reader, had_head = self._reader, self._has_head
        self._has_head = reader.status != 0
        if reader.waiting >= _READ_AHEAD and not reader.complete:
            self._connection.pause_reading()
        if reader.waiting or reader.complete or self._has_head > had_head:
            _set(self._progress)

    def ended(self) -> None:
        """Take the orderly end: it completes an answer that has no other end."""
        self._reader.reusable = False
        if self._reader.complete or self._reader.end():
            _set(self._progress)
        else:
            self.lost(None)

    def lost(self, cause: Exception | None) -> None:
        """End: what is not complete has failed."""
        _set(self._room)
        if self._reader.complete:
            return
        started = self._reader.started
        error = UpstreamProtocolError("The upstream API's answer breaks off.")
        self.fail(error if started else LostBeforeAnswer(LOST), cause)

    def writable(self) -> None:
        """Go on with the body."""
        _set(self._room)

    def fail(self, error: Exception, cause: Exception | None = None) -> None:
        """End the exchange with an error, and the connection with it."""
        if self._error is None:
            error.__cause__ = error.__cause__ or cause
            self._error = error
        self._connection.abort()
        _set(self._progress)
        _set(self._room)

    async def _wait(self) -> None:
        """Wait until there is more of the answer, or none to come."""
        if self._error is None:
            self._progress = asyncio.get_running_loop().create_future()
            async with self._patience.waiting():
                await self._progress
        if self._error is not None:
            raise self._error

    async def _send(self, body: StreamedBody) -> None:
        try:
            await self._send_pieces(body)
        except Exception as error:  # noqa: BLE001 - it is raised again where the answer is read
            self.fail(error)

    async def _send_pieces(self, body: StreamedBody) -> None:
        """Send the body in its framing, RFC 9112 section 6."""
        is_chunked = body.length is None
        async for piece in OutgoingPieces(body, self._patience):
            if self._connection.closed:
                return
            if not is_chunked:
                await self._write(piece)
            elif piece:
                await self._write(b"%x\r\n%b\r\n" % (len(piece), piece))
        if is_chunked and not self._connection.closed:
            self._connection.write(_LAST_CHUNK)
        self._is_sent = True

    async def _write(self, data: bytes) -> None:
        """Hand over as much as the transport takes without storing it."""
        self._connection.write(data)
        if self._connection.is_paused:
            self._room = asyncio.get_running_loop().create_future()
            await self._room


def _set(future: asyncio.Future[None] | None) -> None:
    if future is not None and not future.done():
        future.set_result(None)
