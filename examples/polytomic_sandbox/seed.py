"""The data that the sandbox starts with: the same every time, ids and timestamps included."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, get_args
from uuid import UUID, uuid5

from polytomic_sandbox.clock import moment
from polytomic_sandbox.connections import CRM_ID, SUPPORT_ID
from polytomic_sandbox.documents import Mode, Schedule, Sync, SyncBody, Target, Uuid
from polytomic_sandbox.executions import Execution, start_execution
from polytomic_sandbox.store import Store, SyncFilter
from polytomic_sandbox.syncs import create_sync

SYNC_COUNT: Final = 60
SEEDED_AT: Final = datetime(2025, 1, 1, tzinfo=UTC)
NAMESPACE: Final = UUID("7c0a5b7e-16c9-4c9b-b5b0-3a4a2f9f8d11")


def seeded_id(name: str) -> Uuid:
    """Return the id of what is called so in the seed, such as `sync 1`."""
    return Uuid(str(uuid5(NAMESPACE, name)))


FIRST_SYNC_ID: Final = seeded_id("sync 1")
USERS_MODEL_ID: Final = seeded_id("users model")

TARGETS: Final[tuple[Target, ...]] = (
    {"connection_id": CRM_ID, "object": "Contact", "configuration": {}},
    {"connection_id": SUPPORT_ID, "object": "Users", "configuration": {}},
)
SCHEDULES: Final[tuple[Schedule, ...]] = (
    {"frequency": "manual"},
    {"frequency": "hourly", "minute": 15},
    {"frequency": "daily", "hour": 6, "minute": 30},
    {"frequency": "weekly", "day_of_week": 1, "hour": 7, "minute": 0},
)
MODES: Final[tuple[Mode, ...]] = get_args(Mode)


def seed(store: Store) -> None:
    """Fill an empty store; one that holds a sync already stays as it is."""
    if store.syncs(SyncFilter(), after=None, limit=1):
        return
    syncs = [_sync(number) for number in range(1, SYNC_COUNT + 1)]
    store.save_syncs(*syncs)
    store.save_executions(*(_execution(sync) for sync in syncs if sync["active"]))


def _sync(number: int) -> Sync:
    # Two at a time have the same timestamp, so that the order by id shows.
    created_at = SEEDED_AT + timedelta(hours=number // 2)
    return create_sync(_body(number), created_at, seeded_id(f"sync {number}"))


def _body(number: int) -> SyncBody:
    target = TARGETS[number % len(TARGETS)]
    return {
        "name": f"Users to {target['object']} {number:02}",
        "mode": MODES[number % len(MODES)],
        "target": target,
        "fields": [
            {"source": {"model_id": USERS_MODEL_ID, "field": "email"}, "target": "email"},
            {"source": {"model_id": USERS_MODEL_ID, "field": "full_name"}, "target": "name"},
        ],
        "identity": {
            "source": {"model_id": USERS_MODEL_ID, "field": "email"},
            "target": "email",
            "function": "Equality",
        },
        "active": number % 3 != 0,
        "schedule": SCHEDULES[number % len(SCHEDULES)],
    }


def _execution(sync: Sync) -> Execution:
    """Return an execution that was over long ago."""
    execution = start_execution(sync, {}, moment(sync["created_at"]))
    return replace(execution, id=seeded_id(f"execution of {sync['id']}"))
