"""A bucket of tokens: so many in a time, and a few more at once after a pause."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_NOW_SECONDS: Final = 1e-9
"""What sums of seconds may be wrong by."""


class TokenBucket:
    """Fills at a steady rate up to its size.

    Args:
        per_second: How many tokens drip in.
        burst: How many it holds.
        clock: Seconds that never run back.
    """

    __slots__ = ("_at", "_burst", "_clock", "_per_second", "_tokens")

    def __init__(self, per_second: float, burst: int, clock: Callable[[], float]) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._clock = clock
        self._tokens = float(burst)
        self._at = clock()

    def take(self) -> bool:
        """Take a token; return whether there was one."""
        if self.wait() > _NOW_SECONDS:
            return False
        self._tokens -= 1.0
        return True

    def give_back(self) -> None:
        """Put back a token that was taken and not used."""
        self._tokens = min(self._burst, self._tokens + 1.0)

    def wait(self, tokens: int = 1) -> float:
        """Return in how many seconds so many tokens have been there to take."""
        self._fill()
        return max(0.0, (tokens - self._tokens) / self._per_second)

    def _fill(self) -> None:
        now = self._clock()
        dripped = max(0.0, now - self._at) * self._per_second
        self._tokens = min(self._burst, self._tokens + dripped)
        self._at = now
