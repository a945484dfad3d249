"""Lets so many requests through each minute."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Final

from starlette.requests import HTTPConnection

from polytomic_sandbox.clock import Clock
from polytomic_sandbox.errors import TooManyRequests

WINDOW: Final = timedelta(minutes=1)


class RateLimit:
    """An admission check that counts requests in windows of one minute.

    A window opens with the first request that finds none open.
    """

    def __init__(self, per_minute: int, clock: Clock) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._closes_at = datetime.min.replace(tzinfo=UTC)
        self._left = 0

    def __call__(self, _: HTTPConnection) -> None:
        """Count the request.

        Raises:
            TooManyRequests: The window's requests are used up; `Retry-After` tells the seconds
                until the next one opens.
        """
        now = self._clock()
        if now >= self._closes_at:
            self._closes_at = now + WINDOW
            self._left = self._per_minute
        if self._left == 0:
            seconds = math.ceil((self._closes_at - now).total_seconds())
            raise TooManyRequests("rate limit exceeded", retry_after=seconds)
        self._left -= 1
