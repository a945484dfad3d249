"""Handing a connection over to another process, with the request that was read from it.

The request is written into a file in memory, in pieces, so that nobody waits for megabytes to be
copied. It is the request that was read, with its body as a whole; the answer to it is the last on
its connection.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from naftiko_runtime.runtime.accepting import connect
from naftiko_runtime.runtime.owned import OwnedTasks

if TYPE_CHECKING:
    from starlette.types import Scope

    from naftiko_runtime.runtime.connection import BoundedConnection

_MARK: Final = b"."
_PORTION: Final = 256 * 1024
_REPLACED: Final = frozenset(
    {b"connection", b"content-length", b"expect", b"keep-alive", b"transfer-encoding"}
)


@contextmanager
def request_file() -> Iterator[int]:
    """Have a file in memory while the block lasts; who has it by then keeps it."""
    file = os.memfd_create("naftiko-request")
    try:
        yield file
    finally:
        os.close(file)


async def write_request(file: int, scope: Scope, pieces: Sequence[bytes]) -> None:
    """Write a request, and let others have their turn in between.

    Args:
        file: Where to.
        scope: Its head.
        pieces: Its body.
    """
    os.write(file, _head(scope, sum(map(len, pieces))))
    for portion in _portions(pieces):
        view = memoryview(portion)
        while view:
            view = view[os.write(file, view[:_PORTION]) :]
            await asyncio.sleep(0)


def _portions(pieces: Sequence[bytes]) -> Iterator[bytes]:
    """Yield a body in portions that are worth a turn each, however small its pieces are."""
    gathered: list[bytes] = []
    length = 0
    for piece in pieces:
        gathered.append(piece)
        length += len(piece)
        if length >= _PORTION:
            yield b"".join(gathered)
            gathered, length = [], 0
    yield b"".join(gathered)


async def hand_over(end: socket.socket, transport: asyncio.Transport, file: int) -> None:
    """Hand a connection over as soon as there is room, if it is still there by then.

    Args:
        end: The line to the other process; it does not block.
        transport: The connection.
        file: The request that was read from it.

    Raises:
        OSError: The other process is gone.
    """
    while not transport.is_closing():
        try:
            connection: int = transport.get_extra_info("socket").fileno()
            socket.send_fds(end, [_MARK], [connection, file])
        except BlockingIOError:
            await _room(end)
        else:
            return


class Taker:
    """Takes the connections that another process hands over, until it is closed.

    Args:
        end: The line from the other process; it does not block, and is closed with the taker.
        connection: Makes what serves one.
    """

    def __init__(self, end: socket.socket, connection: Callable[[], BoundedConnection]) -> None:
        self._end = end
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._connecting = OwnedTasks()
        self._loop.add_reader(end, self._take)

    def close(self) -> None:
        """Take what was handed over so far, and no more."""
        if self._end.fileno() >= 0:
            self._end.shutdown(socket.SHUT_RD)  # from here on the other process is told
            while self._take():
                pass
            self._loop.remove_reader(self._end)
            self._end.close()

    async def wait_closed(self) -> None:
        """Wait until what was taken is being served."""
        await self._connecting.wait()

    def _take(self) -> bool:
        """Take one connection: what it brings is to be counted before there is another.

        Returns:
            Whether there was one.
        """
        try:
            handed = _received(self._end)
        except BlockingIOError:
            return False
        if handed is None:
            self._loop.remove_reader(self._end)  # the other process is gone
            return False
        self._connecting.begin(self._connect(*handed))
        return True

    async def _connect(self, connection: int, file: int) -> None:
        served = self._connection()
        served.begin_with(_read(file))
        await connect(socket.socket(fileno=connection), lambda: served)


def _read(file: int) -> bytes:
    """Return what a file in memory holds, and close it."""
    try:
        return os.pread(file, os.fstat(file).st_size, 0)
    finally:
        os.close(file)


def _received(end: socket.socket) -> tuple[int, int] | None:
    """Return a connection and the request that was read from it; None at the end.

    Raises:
        BlockingIOError: Nothing is there now.
    """
    while True:
        try:
            mark, handed, _, _ = socket.recv_fds(end, len(_MARK), 2)
        except ConnectionError:
            return None
        if len(handed) == 2:
            return handed[0], handed[1]
        for one in handed:  # there was no descriptor for the other
            os.close(one)
        if not mark:
            return None


def _head(scope: Scope, length: int) -> bytes:
    """Return the head of a request whose body comes as a whole.

    It has no more fields and is no longer than it was, so that it is within the same limits.
    """
    query: bytes = scope["query_string"]
    target = scope["raw_path"] + (b"?" + query if query else b"")
    method, version = scope["method"].encode(), scope["http_version"].encode()
    kept = [field for field in scope["headers"] if field[0] not in _REPLACED]
    fields = [*kept, (b"content-length", b"%d" % length)]
    lines = b"".join([b"%b: %b\r\n" % field for field in fields])
    return b"%b %b HTTP/%b\r\n%b\r\n" % (method, target, version, lines)


async def _room(end: socket.socket) -> None:
    """Return when something can be sent."""
    loop = asyncio.get_running_loop()
    is_there = loop.create_future()
    loop.add_writer(end, _tell, is_there)
    try:
        await is_there
    finally:
        loop.remove_writer(end)


def _tell(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)
