from __future__ import annotations

from datetime import datetime

import pytest

from polytomic_sandbox.documents import Schedule
from polytomic_sandbox.schedules import next_run

WEDNESDAY_NOON = datetime.fromisoformat("2026-03-04T12:00:00Z")


@pytest.mark.parametrize(
    ("schedule", "due"),
    [
        ({"frequency": "continuous"}, "2026-03-04T12:05:00Z"),
        ({"frequency": "hourly"}, "2026-03-04T13:00:00Z"),
        ({"frequency": "hourly", "minute": 15}, "2026-03-04T12:15:00Z"),
        ({"frequency": "hourly", "minute": 15, "hour": 7}, "2026-03-04T12:15:00Z"),
        ({"frequency": "daily", "hour": 6, "minute": 30}, "2026-03-05T06:30:00Z"),
        ({"frequency": "daily", "hour": "18", "minute": "05"}, "2026-03-04T18:05:00Z"),
        ({"frequency": "daily", "hour": None}, "2026-03-05T00:00:00Z"),
        ({"frequency": "weekly", "day_of_week": 0}, "2026-03-08T00:00:00Z"),
        ({"frequency": "weekly", "day_of_week": 3, "hour": 12}, "2026-03-11T12:00:00Z"),
        ({"frequency": "weekly", "day_of_week": 3, "hour": 13}, "2026-03-04T13:00:00Z"),
    ],
)
def test_the_next_run_is_the_first_that_lies_ahead(schedule: Schedule, due: str) -> None:
    assert next_run(schedule, WEDNESDAY_NOON) == datetime.fromisoformat(due)


@pytest.mark.parametrize("frequency", ["manual", "custom", "runafter", "multi"])
def test_without_a_period_no_time_is_told(frequency: str) -> None:
    assert next_run({"frequency": frequency}, WEDNESDAY_NOON) is None
