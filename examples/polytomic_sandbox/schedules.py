"""When syncs run by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final

from polytomic_sandbox.documents import Document, Schedule
from polytomic_sandbox.errors import Unprocessable

PERIODS: Final[Mapping[str, timedelta]] = MappingProxyType(
    {
        "continuous": timedelta(minutes=5),
        "hourly": timedelta(hours=1),
        "daily": timedelta(days=1),
        "weekly": timedelta(weeks=1),
    }
)
"""The frequencies whose next run can be told from the time alone."""

SUNDAY: Final = datetime(2023, 1, 1, tzinfo=UTC)
"""Periods are counted from here: it begins an hour, a day and a week."""

MINUTE: Final = {"name": "minute", "type": "integer", "minimum": 0, "maximum": 59}
HOUR: Final = {"name": "hour", "type": "integer", "minimum": 0, "maximum": 23}
DAY_OF_WEEK: Final = {"name": "day_of_week", "type": "integer", "minimum": 0, "maximum": 6}


def schedule_options() -> list[Document]:
    """Return the frequencies that a schedule may have, and the members that go with each."""
    return [
        _option("manual", "Manual", "Runs when it is started"),
        _option("continuous", "Continuous", "Runs every five minutes"),
        _option("hourly", "Hourly", "Runs once an hour", MINUTE),
        _option("daily", "Daily", "Runs once a day", HOUR, MINUTE),
        _option("weekly", "Weekly", "Runs once a week", DAY_OF_WEEK, HOUR, MINUTE),
        _option("custom", "Custom", "Runs as a cron expression says"),
        _option("runafter", "Run after", "Runs when other syncs have completed"),
    ]


def next_run(schedule: Schedule, now: datetime) -> datetime | None:
    """Return when the schedule is due for the first time after `now`.

    Returns:
        None where the time alone does not tell: `manual`, `custom`, `runafter` and the like.

    Raises:
        Unprocessable: `minute`, `hour` or `day_of_week` is out of range.
    """
    offset = timedelta(
        days=_number(schedule.get("day_of_week"), "day_of_week", 6),
        hours=_number(schedule.get("hour"), "hour", 23),
        minutes=_number(schedule.get("minute"), "minute", 59),
    )
    period = PERIODS.get(schedule["frequency"])
    if period is None:
        return None
    first = SUNDAY + offset % period
    return first + ((now - first) // period + 1) * period


def _option(frequency: str, label: str, description: str, *members: Document) -> Document:
    return {
        "frequency": frequency,
        "label": label,
        "description": description,
        "configuration": {"fields": list(members)},
    }


def _number(value: object, name: str, maximum: int) -> int:
    """Read a number that may stand there as text; where there is none, it is zero."""
    digits = "0" if value is None else str(value)
    if not (digits.isdecimal() and len(digits) <= len("59") and int(digits) <= maximum):
        raise Unprocessable(f"schedule.{name} must be 0 to {maximum}")
    return int(digits)
