"""An upstream that takes and sends bodies of any size, and breaks off when it is asked to."""

from __future__ import annotations

import socketserver
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import Final

from tests.threads import serving_in_thread

BLOCK: Final = bytes(range(256)) * 4096
"""What large answers are made of: one MiB."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of one request.

    Attributes:
        method: As it came.
        target: Path and query.
        headers: By names in lower case.
    """

    method: str
    target: str
    headers: Mapping[str, str]


@dataclass(slots=True)
class Seen:
    """What an upstream has seen.

    Attributes:
        heads: The heads of all requests, in order.
        connections: How many connections were made.
        halted: Set when an answer has halted half-way.
        left: Set when the client has closed a connection on which an answer had halted.
    """

    heads: list[Head] = field(default_factory=list)
    connections: int = 0
    halted: Event = field(default_factory=Event)
    left: Event = field(default_factory=Event)


class StreamingUpstream(socketserver.ThreadingTCPServer):
    """Does what the first segment of a path behind `/v1` says.

    `/size` answers with the size of the body, `/blocks/N` with N MiB, `/chunks/N` with the same in
    chunks; `/half` and `/half-chunked` break off, `/halt` waits half-way, `/refuse` answers before
    it has the body; all else is answered with an empty object.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.seen = Seen()

    @property
    def url(self) -> str:
        """Its base URI."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, request: object, client_address: object) -> None:
        """Let clients go that do not wait for their answer."""


class _Connection(socketserver.StreamRequestHandler):
    server: StreamingUpstream

    def handle(self) -> None:
        self.server.seen.connections += 1
        while (head := self._head()) is not None:
            self.server.seen.heads.append(head)
            word, _, number = head.target.removeprefix("/v1/").partition("/")
            if not self._answer(word, number, head):
                return

    def _answer(self, word: str, number: str, head: Head) -> bool:
        """Answer a request; tell whether the connection goes on."""
        if word == "refuse":
            self._send("413 Too Large", b"no")
            self.rfile.read()
            return False
        size = sum(self._body(head))
        if word == "size":
            self._send("200 OK", str(size).encode())
        elif word in ("blocks", "chunks"):
            self._send_blocks(int(number), chunked=word == "chunks")
        elif word in ("half", "half-chunked", "halt"):
            self._break_off(word)
            return False
        else:
            self._send("200 OK", b'{"name":"Fram"}', "content-type: application/json\r\n")
        return True

    def _break_off(self, word: str) -> None:
        if word == "half-chunked":
            self._write("200 OK", "transfer-encoding: chunked\r\n", b"4\r\nhalf\r\n")
            return
        self._write("200 OK", "content-length: 100\r\n", b"half")
        if word == "halt":
            self.server.seen.halted.set()
            self.rfile.read(1)
            self.server.seen.left.set()

    def _send_blocks(self, number: int, *, chunked: bool) -> None:
        length = f"content-length: {number * len(BLOCK)}\r\n"
        self._write("200 OK", "transfer-encoding: chunked\r\n" if chunked else length, b"")
        block = b"%x\r\n%b\r\n" % (len(BLOCK), BLOCK) if chunked else BLOCK
        for _ in range(number):
            self.connection.sendall(block)
        if chunked:
            self.connection.sendall(b"0\r\n\r\n")

    def _send(self, status: str, body: bytes, fields: str = "") -> None:
        self._write(status, f"{fields}content-length: {len(body)}\r\n", body)

    def _write(self, status: str, fields: str, body: bytes) -> None:
        self.connection.sendall(f"HTTP/1.1 {status}\r\n{fields}\r\n".encode() + body)

    def _head(self) -> Head | None:
        lines = []
        while (line := self.rfile.readline()) not in (b"", b"\r\n"):
            lines.append(line.decode("latin-1").rstrip("\r\n"))
        if not lines:
            return None
        method, target, _ = lines[0].split(" ")
        pairs = (one.split(":", 1) for one in lines[1:])
        return Head(method, target, {name.lower(): value.strip() for name, value in pairs})

    def _body(self, head: Head) -> Iterator[int]:
        """Read the body; yield the sizes of its pieces."""
        if head.headers.get("transfer-encoding") != "chunked":
            yield from self._read(int(head.headers.get("content-length", "0")))
            return
        while size := int(self.rfile.readline(), 16):
            yield from self._read(size)
            self.rfile.readline()
        self.rfile.readline()

    def _read(self, size: int) -> Iterator[int]:
        while size > 0 and (piece := self.rfile.read1(min(size, len(BLOCK)))):
            size -= len(piece)
            yield len(piece)


@contextmanager
def streaming_upstream() -> Iterator[StreamingUpstream]:
    """Run an upstream for as long as the block lasts."""
    with serving_in_thread(StreamingUpstream()) as upstream:
        yield upstream
