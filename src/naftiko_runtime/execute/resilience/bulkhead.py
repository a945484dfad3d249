"""How many requests of one consumed API run at once, and how many wait for their turn."""

from __future__ import annotations

import asyncio
from typing import Final

from naftiko_runtime.errors import UpstreamBusy
from naftiko_runtime.execute.resilience.line import CALLER, Line, Waiter

_SOON_SECONDS: Final = 1.0


class Bulkhead:
    """Places for requests; who finds none waits in line, where callers take turns.

    A place that becomes free goes straight to the next in line, so that as long as someone waits
    all places are taken. Where the line is full, who has most of it gives way to others.

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
        self._line = Line()
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
        caller = CALLER.get()
        if len(self._line) >= self._queue:
            self._make_room(caller)
        await self._wait(caller, seconds)

    def leave(self) -> None:
        """Give a place back: to the next who still waits, if anyone does."""
        while self.taken >= self.limit and (waiter := self._line.next()):
            if not waiter.done():
                waiter.set_result(None)
                return
        self.taken -= 1

    def _make_room(self, caller: str) -> None:
        """Have another give way in line.

        Raises:
            UpstreamBusy: No other has more of it.
        """
        busy = UpstreamBusy(
            f"{self.taken} requests run at the upstream API and {len(self._line)} wait; there "
            "may not be more.",
            unsent=True,
            retry_after_seconds=_SOON_SECONDS,
        )
        waiter = self._line.give_way(caller)
        if waiter is None:
            raise busy
        if not waiter.done():
            waiter.set_exception(busy)

    async def _wait(self, caller: str, seconds: float) -> None:
        waiter = self._line.join(caller)
        try:
            async with asyncio.timeout(seconds):
                await waiter
        except TimeoutError as error:
            self._give_up(caller, waiter)
            raise UpstreamBusy(
                f"{self.taken} requests run at the upstream API, and none ended in time.",
                unsent=True,
                retry_after_seconds=_SOON_SECONDS,
            ) from error
        except asyncio.CancelledError:
            self._give_up(caller, waiter)
            raise

    def _give_up(self, caller: str, waiter: Waiter) -> None:
        """Hand on a place that came too late; otherwise make room in line."""
        if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
            self.leave()
        else:
            self._line.leave(caller, waiter)
