"""How many requests of one consumed API run at once, and how many wait for their turn."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from naftiko_runtime.errors import UpstreamBusy

_SOON_SECONDS: Final = 1.0


class Bulkhead:
    """Places for requests; who finds none waits in line, first come, first served.

    A place that becomes free goes straight to the first in line, so that as long as someone waits
    all places are taken.

    Attributes:
        limit: How many places there are.
        taken: How many of them are taken.

    Args:
        limit: How many requests may run at once.
        queue: How many may wait.
    """

    __slots__ = ("_line", "_queue", "limit", "taken")

    def __init__(self, limit: int, queue: int) -> None:
        self._queue = queue
        self._line: deque[asyncio.Future[None]] = deque()
        self.limit = limit
        self.taken = 0

    async def enter(self, seconds: float) -> None:
        """Take a place; `leave` has to be called afterwards.

        Args:
            seconds: How long to wait for one.

        Raises:
            UpstreamBusy: None is free, and as many wait as may, or none became free in time.
        """
        if self.taken < self.limit:
            self.taken += 1
            return
        if len(self._line) >= self._queue:
            raise UpstreamBusy(
                f"{self.taken} requests run at the upstream API and {len(self._line)} wait; there "
                "may not be more.",
                unsent=True,
                retry_after_seconds=_SOON_SECONDS,
            )
        await self._wait(seconds)

    def leave(self) -> None:
        """Give a place back: to the first who still waits, if anyone does."""
        while self._line:
            waiter = self._line.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self.taken -= 1

    async def _wait(self, seconds: float) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.append(waiter)
        try:
            async with asyncio.timeout(seconds):
                await waiter
        except TimeoutError as error:
            self._leave_line(waiter)
            raise UpstreamBusy(
                f"{self.taken} requests run at the upstream API, and none ended in time.",
                unsent=True,
                retry_after_seconds=_SOON_SECONDS,
            ) from error
        except asyncio.CancelledError:
            self._leave_line(waiter)
            raise

    def _leave_line(self, waiter: asyncio.Future[None]) -> None:
        """Hand on a place that came too late; otherwise make room in line."""
        if waiter.done() and not waiter.cancelled():
            self.leave()
        elif waiter in self._line:
            self._line.remove(waiter)
