"""A server that says, byte for byte, what a test has it say."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeAlias

from naftiko_runtime.plan.origins import Origin

Script: TypeAlias = Callable[["Peer"], Awaitable[None]]
"""What the server does on one connection; at its end the connection is closed."""

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n")


class Peer:
    """The server's end of one connection."""

    def __init__(
        self, server: ScriptedServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.server = server
        self.reader = reader
        self._writer = writer
        self.number = len(server.peers)
        self._gone = asyncio.Event()

    @property
    def shown_name(self) -> str:
        """The name in the certificate that the client shows."""
        subject = self._writer.get_extra_info("peercert")["subject"]
        return str(dict(pair for part in subject for pair in part)["commonName"])

    async def head(self) -> bytes:
        """Read the head of a request; it counts from here on."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        self.server.requests.append(head)
        self.server.requested.release()
        return head

    async def request(self) -> bytes:
        """Read a whole request; return it as it came."""
        head = await self.head()
        length = _CONTENT_LENGTH.search(head)
        body = await self.reader.readexactly(int(length[1]) if length else 0)
        self.server.requests[-1] += body
        return head + body

    async def send(self, *pieces: bytes) -> None:
        """Send each piece so that it is likely to arrive by itself."""
        for piece in pieces:
            self._writer.write(piece)
            await self._writer.drain()
            await asyncio.sleep(0)

    async def reset(self) -> None:
        """Break the connection off with a TCP reset."""
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._writer.transport.abort()

    async def client_gone(self) -> None:
        """Wait until the client has closed the connection."""
        with contextlib.suppress(ConnectionError):
            while await self.reader.read(65536):
                pass
        self._gone.set()

    async def play(self, script: Script) -> None:
        """Do as the script says, then close and see the client go."""
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await script(self)
            self._writer.close()
            await self.client_gone()
        finally:
            self._gone.set()
            self._writer.transport.abort()

    async def gone(self) -> None:
        """Wait until the script is over and the client is gone."""
        await self._gone.wait()


class ScriptedServer:
    """Plays a script on every connection.

    Attributes:
        peers: The connections, in the order in which they were accepted.
        requests: The requests, in the order in which they arrived, as bytes.
        requested: Can be acquired once for every request that has arrived.
    """

    def __init__(self, script: Script) -> None:
        self._script = script
        self._tasks: list[asyncio.Task[None]] = []
        self._server: asyncio.Server
        self._scheme = "http"
        self._host = "127.0.0.1"
        self.peers: list[Peer] = []
        self.requests: list[bytes] = []
        self.requested = asyncio.Semaphore(0)

    async def start(self, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        """Listen on a free port."""
        self._scheme, self._host = "https" if tls else "http", host
        self._server = await asyncio.start_server(self._accept, host, 0, ssl=tls)

    @property
    def origin(self) -> Origin:
        """Where the server is."""
        return Origin(self._scheme, self._host, self._server.sockets[0].getsockname()[1])

    async def all_gone(self) -> None:
        """Wait until every connection is closed from the client's end."""
        for peer in self.peers:
            await peer.gone()

    async def stop(self) -> None:
        """Stop listening and end what still plays."""
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Peer(self, reader, writer)
        self.peers.append(peer)
        task = asyncio.create_task(peer.play(self._script))
        self._tasks.append(task)


class Serve(Protocol):
    """Starts servers that end with the test."""

    async def __call__(
        self, script: Script, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
    ) -> ScriptedServer:
        """Start a server that plays a script on every connection."""


def answering(*answers: bytes) -> Script:
    """Answer the requests of all connections in turn, the last answer again and again."""
    left = list(answers)

    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(left.pop(0) if len(left) > 1 else left[0])

    return script


def closing_after(*pieces: bytes) -> Script:
    """Answer one request with these pieces, then close the connection."""

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(*pieces)

    return script


def resetting_after(*pieces: bytes) -> Script:
    """Answer one request with these pieces, then reset the connection."""

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(*pieces)
        await peer.reset()

    return script


def stalling_after(*pieces: bytes) -> Script:
    """Answer one request with these pieces, then say nothing until the client goes."""

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(*pieces)
        await peer.client_gone()

    return script
