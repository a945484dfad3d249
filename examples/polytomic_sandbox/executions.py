"""Executions: the runs of a sync, which make progress as time passes.

Nothing runs in the background. An execution knows when it began; what has become of it since is
worked out when somebody asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from uuid import uuid4

from polytomic_sandbox.clock import timestamp
from polytomic_sandbox.documents import Document, ExecutionRequest, Mode, Sync

SCHEDULED_AFTER: Final = timedelta(seconds=1)
RUNNING_AFTER: Final = timedelta(seconds=2)
COMPLETED_AFTER: Final = timedelta(seconds=6)

RECORDS_PER_MODEL: Final = 500
RECORDS_IN_TEST: Final = 10

COUNTERS: Final = ("insert", "update", "delete", "upserts", "error", "warnings")
COUNTER_OF_MODE: Final[Mapping[Mode, str]] = MappingProxyType(
    {
        "create": "insert",
        "update": "update",
        "updateOrCreate": "upserts",
        "replace": "insert",
        "append": "insert",
        "remove": "delete",
        "snapshot": "insert",
    }
)


@dataclass(frozen=True, slots=True)
class Execution:
    """One run of a sync.

    Attributes:
        id: Its UUID.
        sync_id: The sync that runs.
        type: `sync`, `resync` or `test`.
        counter: Which of `COUNTERS` its records add to.
        records: How many records it moves until it is complete.
        created_at: When it was started.
        canceled_at: When it was canceled, if it was.
    """

    id: str
    sync_id: str
    type: str
    counter: str
    records: int
    created_at: datetime
    canceled_at: datetime | None = None

    @property
    def ends_at(self) -> datetime:
        """When it is over, by itself or because it was canceled."""
        return self.canceled_at or self.created_at + COMPLETED_AFTER

    def is_over(self, now: datetime) -> bool:
        """Tell whether it makes no more progress."""
        return now >= self.ends_at

    def status(self, now: datetime) -> str:
        """Return its status at that moment."""
        if self.is_over(now):
            return "canceled" if self.canceled_at else "completed"
        age = now - self.created_at
        if age >= RUNNING_AFTER:
            return "running"
        return "scheduled" if age >= SCHEDULED_AFTER else "created"

    def report(self, now: datetime) -> Document:
        """Return everything about it at that moment, as the API shows it."""
        starts_at = self.created_at + RUNNING_AFTER
        has_started = min(now, self.ends_at) >= starts_at
        return {
            "id": self.id,
            "type": self.type,
            "status": self.status(now),
            "created_at": timestamp(self.created_at),
            "started_at": timestamp(starts_at) if has_started else None,
            "completed_at": timestamp(self.ends_at) if self.is_over(now) else None,
            "counts": self._counts(now),
            "errors": [],
        }

    def _counts(self, now: datetime) -> Document:
        run_time = min(now, self.ends_at) - self.created_at - RUNNING_AFTER
        progress = max(run_time, timedelta()) / (COMPLETED_AFTER - RUNNING_AFTER)
        moved = int(self.records * progress)
        return {
            "total": self.records,
            **{counter: moved if counter == self.counter else 0 for counter in COUNTERS},
        }


def start_execution(sync: Sync, request: ExecutionRequest, now: datetime) -> Execution:
    """Return a new execution of the sync, as the request asks for it."""
    return Execution(
        id=str(uuid4()),
        sync_id=sync["id"],
        type=_type(request),
        counter=COUNTER_OF_MODE[sync["mode"]],
        records=_records(sync, request),
        created_at=now,
    )


def _type(request: ExecutionRequest) -> str:
    if request.get("test"):
        return "test"
    return "resync" if request.get("resync") else "sync"


def _records(sync: Sync, request: ExecutionRequest) -> int:
    if identities := request.get("identities"):
        return len(identities)
    return RECORDS_IN_TEST if request.get("test") else RECORDS_PER_MODEL * len(sync["model_ids"])
