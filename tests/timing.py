"""Time that passes only when a test says so."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from naftiko_runtime.execute.resilience.timing import REAL_TIME, Timing
from naftiko_runtime.values import Deadline


@dataclass(slots=True)
class StoodStill:
    """A clock that is moved by hand, and by whoever sleeps.

    Attributes:
        now: What it shows.
        slept: How long was slept, each time.
        jitter: What chance draws.
    """

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)
    jitter: float = 1.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.slept.append(seconds)
        self.now += seconds

    def in_seconds(self, seconds: float) -> Deadline:
        """Return a deadline."""
        return Deadline(self.now + seconds)

    @property
    def timing(self) -> Timing:
        """This clock, for what takes the time from outside."""
        return Timing(self, self, self.sleep, lambda: self.jitter)


async def _at_once(_: float) -> None:
    """Wait for nothing."""


WITHOUT_PAUSES = replace(REAL_TIME, sleep=_at_once)
"""Real time, but for the pauses between attempts."""
