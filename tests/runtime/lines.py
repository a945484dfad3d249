"""A line between two processes, and the connections that are handed over on it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 60


@dataclass(slots=True)
class Line:
    """Both ends of a line."""

    here: socket.socket
    there: socket.socket

    def fill(self) -> None:
        """Put so much on the line that there is no more room."""
        with suppress(BlockingIOError):
            while True:
                self.here.send(b"." * 1000)

    def drain(self) -> None:
        """Make room."""
        with suppress(BlockingIOError):
            while True:
                self.there.recv(100_000)


@contextmanager
def socketpair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Have both ends of a line on which there is hardly any room."""
    here, there = socket.socketpair()
    here.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)  # the least that there is
    with here, there:
        here.setblocking(False)
        there.setblocking(False)
        yield here, there


@dataclass(slots=True)
class Connected:
    """Both ends of a connection."""

    caller: socket.socket
    transport: asyncio.Transport

    async def hears(self) -> bytes:
        """Return all that the caller hears."""
        heard = b""
        async with asyncio.timeout(PATIENCE):
            with suppress(ConnectionResetError):  # what it has sent more was not read
                while piece := await asyncio.get_running_loop().sock_recv(self.caller, 10_000):
                    heard += piece
        return heard


@asynccontextmanager
async def connection() -> AsyncIterator[Connected]:
    """Have a connection while the block lasts."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        caller = socket.create_connection(listening.getsockname())
        accepted, _ = listening.accept()
    with caller:
        caller.setblocking(False)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_accepted_socket(asyncio.Protocol, accepted)
        yield Connected(caller, transport)
        transport.abort()
        await turns(2)


@contextmanager
def no_descriptor_left() -> Iterator[None]:
    """See that all that is opened in the block is closed in it, too."""
    before = _open()
    yield
    assert _open() == before


def _open() -> set[str]:
    return {one.name for one in Path("/proc/self/fd").iterdir()}


async def turns(number: int = 20) -> None:
    """Let all that can go on do so."""
    for _ in range(number):
        await asyncio.sleep(0)
