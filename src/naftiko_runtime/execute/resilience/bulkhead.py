"""How many requests of one consumed API run at once, and how many wait for their turn."""

from __future__ import annotations

from typing import Final

from naftiko_runtime.errors import UpstreamBusy
from naftiko_runtime.execute.resilience.waiting import Waiting

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

    __slots__ = ("_queue", "_waiting", "limit", "taken")

    def __init__(self, limit: int, queue: int) -> None:
        self._queue = queue
        self._waiting = Waiting(self.leave)
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
        running = f"{self.taken} requests run at the upstream API"
        if len(self._waiting) >= self._queue:
            many = f"{running} and {len(self._waiting)} wait; there may not be more."
            self._waiting.make_room(_busy(many))
        try:
            await self._waiting.wait(seconds)
        except TimeoutError as error:
            raise _busy(f"{running}, and none ended in time.") from error

    def leave(self) -> None:
        """Give a place back: to the next who still waits, if anyone does."""
        if self.taken < self.limit or not self._waiting.let_in():
            self.taken -= 1


def _busy(detail: str) -> UpstreamBusy:
    return UpstreamBusy(detail, unsent=True, retry_after_seconds=_SOON_SECONDS)
