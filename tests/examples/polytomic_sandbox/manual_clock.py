"""A clock that tests move by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

BEGINNING = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
"""A Wednesday, long after everything in the seed."""


class ManualClock:
    """Tells the same time until it is told to go on."""

    def __init__(self) -> None:
        self._now = BEGINNING

    def __call__(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
