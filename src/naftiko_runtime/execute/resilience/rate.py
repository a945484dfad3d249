"""A bucket of tokens: so many in a time, and a few more at once after a pause."""

from __future__ import annotations

from collections.abc import Callable


class TokenBucket:
    """Fills at a steady rate up to its size. Who can wait may take what has yet to drip in.

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

    def take(self, longest: float = 0.0) -> float | None:
        """Take a token; return how many seconds to wait until it is there.

        Args:
            longest: How many seconds one may wait.

        Returns:
            None where the wait would be longer; then nothing is taken.
        """
        wait = self.wait()
        if wait > longest:
            return None
        self._tokens -= 1.0
        return wait

    def wait(self) -> float:
        """Return in how many seconds there is a token to take."""
        self._fill()
        return max(0.0, (1.0 - self._tokens) / self._per_second)

    def _fill(self) -> None:
        now = self._clock()
        dripped = max(0.0, now - self._at) * self._per_second
        self._tokens = min(self._burst, self._tokens + dripped)
        self._at = now
