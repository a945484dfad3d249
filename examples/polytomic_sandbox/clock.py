"""Time, as something that can be handed in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]
"""Tells the time, with its zone. Tests hand in one that they move by hand."""


def utc_now() -> datetime:
    """Return the machine's time, in UTC."""
    return datetime.now(UTC)


def timestamp(moment: datetime) -> str:
    """Return the moment as RFC 3339 text of fixed width, so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def moment(timestamp: str) -> datetime:
    """Return the moment that `timestamp` wrote down."""
    return datetime.fromisoformat(timestamp)
