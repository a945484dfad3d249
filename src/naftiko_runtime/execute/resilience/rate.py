"""A bucket of tokens: so many in a time, and a few more at once after a pause."""

from __future__ import annotations

from collections.abc import Callable


class TokenBucket:
    """Fills at a steady rate up to its size.

    Args:
        per_second: How many tokens drip in.
        burst: How many it holds.
        clock: Seconds that never run back.
        late_seconds: For how long a token that finds the bucket full is not lost yet: so late may
            come who waits for it.
    """

    __slots__ = ("_at", "_clock", "_most", "_per_second", "_tokens")

    def __init__(
        self,
        per_second: float,
        burst: int,
        clock: Callable[[], float],
        late_seconds: float = 0.0,
    ) -> None:
        self._per_second = per_second
        self._most = burst + per_second * late_seconds
        self._clock = clock
        self._tokens = float(burst)
        self._at = clock()

    def take(self) -> bool:
        """Take a token; return whether there was one."""
        if self.wait():
            return False
        self._tokens -= 1.0
        return True

    def use(self) -> None:
        """Take a token that was waited for: it may be there in a moment only."""
        self._fill()
        self._tokens -= 1.0

    def give_back(self) -> None:
        """Put back a token that was taken and not used."""
        self._tokens = min(self._most, self._tokens + 1.0)

    def wait(self, tokens: int = 1) -> float:
        """Return in how many seconds so many tokens have been there to take."""
        self._fill()
        return max(0.0, (tokens - self._tokens) / self._per_second)

    def _fill(self) -> None:
        now = self._clock()
        dripped = max(0.0, now - self._at) * self._per_second
        self._tokens = min(self._most, self._tokens + dripped)
        self._at = now
