"""How long upstream may be silent while bodies stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from naftiko_runtime.errors import UpstreamTimeout


class Patience:
    """A limit on one wait for upstream at a time, which stands still while others are waited for.

    Args:
        seconds: How long upstream may be silent.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._limit: asyncio.Timeout | None = None
        self._suspended = False

    @asynccontextmanager
    async def waiting(self) -> AsyncIterator[None]:
        """Wait for upstream.

        Raises:
            UpstreamTimeout: The patience is exhausted.
        """
        try:
            async with asyncio.timeout_at(self._due()) as self._limit:
                yield
        except TimeoutError as error:
            raise UpstreamTimeout("The upstream API did not go on in time.") from error
        finally:
            self._limit = None

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Wait for something else: upstream's time begins anew when that is over."""
        self._suspended = True
        self._reschedule()
        try:
            yield
        finally:
            self._suspended = False
            self._reschedule()

    def _due(self) -> float | None:
        return None if self._suspended else asyncio.get_running_loop().time() + self._seconds

    def _reschedule(self) -> None:
        if self._limit is not None and not self._limit.expired():
            self._limit.reschedule(self._due())
