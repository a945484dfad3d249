"""An upstream that records the bytes it gets, and misbehaves when it is asked to."""

from __future__ import annotations

import socket
import socketserver
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedIOBase
from threading import Event
from typing import Final, TypeAlias

from tests.threads import serving_in_thread

Script: TypeAlias = Callable[[socket.socket], None]
"""Answers one request over its connection, which is closed afterwards."""

_SUCCESS: Final = (
    b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{"data":{}}'
)


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came.

    Attributes:
        head: Request line and headers.
        body: The body.
    """

    head: bytes
    body: bytes

    @property
    def target(self) -> bytes:
        """The request target."""
        return self.head.split(b" ", 2)[1]


class ScriptedUpstream(socketserver.ThreadingTCPServer):
    """Answers `{"data":{}}`, or as the last segment of a request's path says.

    Attributes:
        received: All requests in order.
        stalled: Set when a request waits for its answer.
        released: Set to let such requests go on.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.received: list[Received] = []
        self.stalled = Event()
        self.released = Event()
        self.scripts: dict[bytes, Script] = {
            b"stalls": self._stall,
            b"no-http": _sends(b"this is no HTTP at all\r\n\r\n"),
            b"breaks-off": _sends(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"),
            b"too-large": _sends(b"HTTP/1.1 200 OK\r\ncontent-length: 67108865\r\n\r\n"),
            b"hangs-up": _sends(b""),
            b"resets": _reset,
        }

    @property
    def url(self) -> str:
        """Its base URI."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Let clients go that do not wait for their answer."""

    def _stall(self, connection: socket.socket) -> None:
        self.stalled.set()
        self.released.wait()
        connection.sendall(_SUCCESS)


class _Connection(socketserver.StreamRequestHandler):
    server: ScriptedUpstream

    def handle(self) -> None:
        while received := _read(self.rfile):
            self.server.received.append(received)
            script = self.server.scripts.get(received.target.rpartition(b"/")[2])
            if script:
                return script(self.connection)
            self.connection.sendall(_SUCCESS)
        return None


def _read(stream: BufferedIOBase) -> Received | None:
    """Return the next request; None where the client has closed the connection."""
    lines = [stream.readline()]
    while lines[-1] and lines[-1] != b"\r\n":
        lines.append(stream.readline())
    if not lines[-1]:
        return None
    fields = dict(line.lower().split(b":", 1) for line in lines[1:-1])
    body = stream.read(int(fields.get(b"content-length", b"0")))
    return Received(b"".join(lines), body)


def _sends(raw: bytes) -> Script:
    return lambda connection: connection.sendall(raw)


def _reset(connection: socket.socket) -> None:
    """Have the connection closed with RST: no time to linger."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@contextmanager
def scripted_upstream() -> Iterator[ScriptedUpstream]:
    """Run an upstream for as long as the block lasts."""
    with serving_in_thread(ScriptedUpstream()) as upstream:
        try:
            yield upstream
        finally:
            upstream.released.set()


@contextmanager
def refusing_upstream() -> Iterator[str]:
    """Hold a port on which every connection is refused; yield its URL."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
