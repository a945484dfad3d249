"""The connections to one origin: idle ones, waiting requests, and the limit on both."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque

from naftiko_runtime.errors import UpstreamTimeout, UpstreamUnreachable
from naftiko_runtime.execute.upstream.message import UpstreamLimits
from naftiko_runtime.execute.upstream.pooled.connect import connect
from naftiko_runtime.execute.upstream.pooled.connection import Connection
from naftiko_runtime.plan.origins import Origin
from naftiko_runtime.values import Deadline


class Pool:
    """Lends connections for one exchange each; the last that came back goes out first.

    Connections that stand and those that are being opened are together at most
    `limits.connections`. A request past that waits in line, for a connection that comes back or,
    where one is lost, for the right to open another, which is None and counts as one being opened.
    """

    def __init__(
        self, origin: Origin, limits: UpstreamLimits, trust: ssl.SSLContext | None
    ) -> None:
        self._origin = origin
        self._limits = limits
        self._trust = trust
        self._idle: list[Connection] = []
        self._standing: set[Connection] = set()
        self._opening = 0
        self._line: deque[asyncio.Future[Connection | None]] = deque()
        self._closed = False

    async def connection(self, deadline: Deadline, *, fresh: bool = False) -> Connection:
        """Return a connection: an idle one, a new one, or the first that becomes free.

        Args:
            deadline: When to give up.
            fresh: Whether idle ones will not do, because one has just been found dead.

        Raises:
            UpstreamTimeout: None became free, or stood, in time.
            UpstreamUnreachable: None can be opened.
        """
        if self._idle and not fresh:
            return self._idle.pop()
        if self._closed:
            raise _closed()
        if self._has_room():
            self._opening += 1
            return await self._open(deadline)
        if self._idle:
            self._idle[0].abort()
        while (lent := await self._wait_in_line(deadline)) is not None:
            if not lent.closed:
                return lent
        return await self._open(deadline)

    async def aclose(self) -> None:
        """Close every connection, end every wait."""
        self._closed = True
        for waiter in self._line:
            if not waiter.done():
                waiter.set_exception(_closed())
        standing = list(self._standing)
        for connection in standing:
            connection.abort()
        await asyncio.gather(*(connection.gone for connection in standing))

    def opened(self, connection: Connection) -> None:
        """Count a connection."""
        self._standing.add(connection)

    def free(self, connection: Connection) -> None:
        """Lend a connection to the first in line, or keep it."""
        while self._line:
            waiter = self._line.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        self._idle.append(connection)

    def closing(self, connection: Connection) -> None:
        """Lend this connection no more."""
        if connection in self._idle:
            self._idle.remove(connection)

    def lost(self, connection: Connection) -> None:
        """Make room."""
        self._standing.discard(connection)
        self._admit()

    def _has_room(self) -> bool:
        return len(self._standing) + self._opening < self._limits.connections

    def _admit(self) -> None:
        """Let those in line open connections while there is room."""
        while self._line and self._has_room():
            waiter = self._line.popleft()
            if not waiter.done():
                self._opening += 1
                waiter.set_result(None)

    async def _open(self, deadline: Deadline) -> Connection:
        """Open a connection; it is counted as being opened already."""
        allowed = deadline.connect_seconds or self._limits.connect_seconds
        seconds = min(allowed, deadline.remaining())
        connection = Connection(self, self._limits)
        try:
            await connect(self._origin, self._trust, connection, seconds)
        except BaseException:
            connection.forget()
            raise
        finally:
            self._opening -= 1
            self._admit()
        if self._closed:
            connection.abort()
        return connection

    async def _wait_in_line(self, deadline: Deadline) -> Connection | None:
        waiter: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        self._line.append(waiter)
        try:
            async with asyncio.timeout(deadline.remaining()):
                return await waiter
        except TimeoutError as error:
            self._leave_line(waiter)
            detail = "No connection to the upstream API became free in time."
            raise UpstreamTimeout(detail, unsent=True) from error
        except asyncio.CancelledError:
            self._leave_line(waiter)
            raise

    def _leave_line(self, waiter: asyncio.Future[Connection | None]) -> None:
        """Hand on what came too late."""
        if waiter.cancelled() or waiter.exception() is not None:
            return
        lent = waiter.result()
        if lent is None:
            self._opening -= 1
            self._admit()
        elif not lent.closed:
            self.free(lent)


def _closed() -> UpstreamUnreachable:
    detail = "The client of the upstream API is closed."
    return UpstreamUnreachable(detail, unsent=True, lasting=True)
