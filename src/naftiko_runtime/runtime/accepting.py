"""Accepting connections: all that wait, as soon as some do.

uvloop's own servers take one connection in each turn of the event loop, as libuv does since 1.45.
A turn with a hundred callers takes tens of milliseconds, so that of a hundred new ones the last
would wait for a second; that was the latency of the slowest hundredth of all calls.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import Final, Protocol, TypeAlias

from naftiko_runtime.runtime.connection import BoundedConnection
from naftiko_runtime.runtime.owned import OwnedTasks

AT_ONCE: Final = 64
"""How many connections are taken before those that are there have their turn."""

AT_ONCE_OF_MANY: Final = 4
"""How many are taken where other processes accept, too: what waits is for all of them."""

_REST_SECONDS: Final = 1.0
"""How long nothing is accepted after the system could not give a connection."""

_log: Final = logging.getLogger("naftiko.runtime")


class Accepting(Protocol):
    """What takes the connections of one socket."""

    def close(self) -> None:
        """Take no more, and close the socket."""

    async def wait_closed(self) -> None:
        """Wait until what was taken is being served."""


Accept: TypeAlias = Callable[[socket.socket, Callable[[], BoundedConnection]], Accepting]
"""Begins to take the connections of a socket; the second argument makes what serves one."""


class Acceptor:
    """Accepts the connections of one socket, until it is closed.

    Args:
        listening: The socket; it listens, does not block, and is closed with the acceptor.
        protocol: Makes what serves one connection.
        at_once: How many connections are taken in a turn of the event loop.
    """

    def __init__(
        self,
        listening: socket.socket,
        protocol: Callable[[], asyncio.Protocol],
        at_once: int = AT_ONCE,
    ) -> None:
        self._listening = listening
        self._protocol = protocol
        self._at_once = at_once
        self._loop = asyncio.get_running_loop()
        self._connecting = OwnedTasks()
        self._resting: asyncio.TimerHandle | None = None
        self._accept_from_now_on()

    def close(self) -> None:
        """Accept no more, and free the port."""
        if self._resting is not None:
            self._resting.cancel()
        if self._listening.fileno() >= 0:
            self._loop.remove_reader(self._listening)
            self._listening.close()

    async def wait_closed(self) -> None:
        """Wait until what was accepted is being served."""
        await self._connecting.wait()

    def _accept_from_now_on(self) -> None:
        self._loop.add_reader(self._listening, self._accept)

    def _accept(self) -> None:
        for _ in range(self._at_once):
            try:
                connection, _address = self._listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                self._rest(error)
                return
            self._connecting.begin(connect(connection, self._protocol))

    def _rest(self, error: OSError) -> None:
        """Accept nothing for a while: who waits would be there again at once."""
        _log.warning("no connection can be accepted: %s", error.strerror or error)
        self._loop.remove_reader(self._listening)
        self._resting = self._loop.call_later(_REST_SECONDS, self._accept_from_now_on)


async def connect(connection: socket.socket, protocol: Callable[[], asyncio.Protocol]) -> None:
    """Serve a connection that was accepted.

    Args:
        connection: It.
        protocol: Makes what serves it.
    """
    try:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().connect_accepted_socket(protocol, connection)
    except OSError:  # it is gone already
        connection.close()
