"""Reading a connection in portions, so that nobody else waits long for what one caller has sent.

A read of 256 KB may hold forty thousand pieces of a body, and each takes as long as one of a
hundred kilobytes. What is left of such a read waits until all others have had their turn.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from typing import Final

from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT, FlowControl

from naftiko_runtime.runtime.http_only import HttpOnlyProtocol

PORTION: Final = 8 * 1024
"""How many bytes are read before it is seen what they were."""

MOST_PIECES: Final = 100
"""After how many pieces of a body all others have their turn."""


class Flow(FlowControl):
    """uvicorn's, which reads nothing while something that was read waits.

    Attributes:
        is_held: Whether something does.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__(transport)
        self.is_held = False

    def resume_reading(self) -> None:
        """Read on, unless something waits."""
        if self.read_paused and not self.is_held:
            super().resume_reading()


class PortionedProtocol(HttpOnlyProtocol):
    """uvicorn's connection, read in portions. What reads one is `read`."""

    flow: Flow
    _unread = b""
    _pieces = _pieces_of_turn = _body_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection."""
        super().connection_made(transport)
        self.flow = Flow(transport)

    def data_received(self, data: bytes) -> None:
        """Read what has arrived, but no more of it at once than nobody waits for."""
        if self._unread:
            self._unread += data
        elif len(data) > PORTION:
            self._unread = data
            self._read_portions()
        else:
            self.read(data)

    @abstractmethod
    def read(self, portion: bytes) -> None:
        """Read a portion: `take` it, and see what is still to come."""

    def take(self, portion: bytes) -> None:
        """Take what a portion has.

        Raises:
            httptools.HttpParserError: It can't be part of a request.
        """
        self.parse(portion)
        if self._pieces:
            self._tell_of_body()

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body; who reads it is told after the portion."""
        self._pieces += 1
        self._body_bytes += len(body)
        if not self.cycle.response_complete:
            self.cycle.body += body

    def _tell_of_body(self) -> None:
        """Tell who reads a body that more of it is there; let no more come than is read."""
        self._pieces_of_turn += self._pieces
        self._pieces = 0
        cycle = self.cycle
        if not cycle.response_complete:
            if len(cycle.body) > HIGH_WATER_LIMIT:
                self.flow.pause_reading()
            cycle.message_event.set()

    def _read_portions(self) -> None:
        """Read until there were many pieces; leave the rest for the next turn of the loop."""
        unread, at, self._pieces_of_turn = self._unread, 0, 0
        while at < len(unread) and not self.transport.is_closing():
            if self._pieces_of_turn > MOST_PIECES:
                self._hold(unread[at:])
                return
            self.read(unread[at : at + PORTION])
            at += PORTION
        self._release()

    def _hold(self, unread: bytes) -> None:
        self._unread = unread
        self.flow.pause_reading()
        self.flow.is_held = True
        self.loop.call_soon(self._read_portions)

    def _release(self) -> None:
        """Read on from the connection, unless what was read waits for something else."""
        self._unread = b""
        if self.flow.is_held:
            self.flow.is_held = False
            if not self.transport.is_closing() and self._is_ready_for_more:
                self.flow.resume_reading()

    @property
    def _is_ready_for_more(self) -> bool:
        """Whether no request waits for another, and what is there of a body was read."""
        cycle = self.cycle
        is_read = cycle.response_complete or len(cycle.body) <= HIGH_WATER_LIMIT
        return is_read and not self.pipeline
