"""Keeps syncs and executions in SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from polytomic_sandbox.clock import moment, timestamp
from polytomic_sandbox.documents import Sync
from polytomic_sandbox.errors import NotFound
from polytomic_sandbox.executions import Execution
from polytomic_sandbox.pagination import Cursor

SCHEMA: Final = """
PRAGMA foreign_keys = ON;

-- The document is the sync; the columns beside it are what lists filter and order by.
CREATE TABLE IF NOT EXISTS syncs (
    id TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    active INTEGER AS (json_extract(document, '$.active')),
    mode TEXT AS (json_extract(document, '$.mode')),
    target_connection_id TEXT AS (lower(json_extract(document, '$.target.connection_id'))),
    updated_at TEXT AS (json_extract(document, '$.updated_at'))
);
CREATE INDEX IF NOT EXISTS syncs_in_list_order ON syncs (updated_at DESC, id);

CREATE TABLE IF NOT EXISTS executions (
    id TEXT PRIMARY KEY,
    sync_id TEXT NOT NULL REFERENCES syncs ON DELETE CASCADE,
    type TEXT NOT NULL,
    counter TEXT NOT NULL,
    records INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    canceled_at TEXT
);
CREATE INDEX IF NOT EXISTS executions_of_sync ON executions (sync_id, created_at DESC);
"""

SAVE_SYNC: Final = """
INSERT INTO syncs (id, document) VALUES (:id, :document)
ON CONFLICT (id) DO UPDATE SET document = excluded.document
"""

SAVE_EXECUTION: Final = """
INSERT INTO executions (id, sync_id, type, counter, records, created_at, canceled_at)
VALUES (:id, :sync_id, :type, :counter, :records, :created_at, :canceled_at)
ON CONFLICT (id) DO UPDATE SET canceled_at = excluded.canceled_at
"""

SELECT_SYNCS: Final = """
SELECT document FROM syncs
WHERE (:active IS NULL OR active = :active)
  AND (:mode IS NULL OR mode = :mode)
  AND (:target_connection_id IS NULL OR target_connection_id = :target_connection_id)
  AND (:after IS NULL OR updated_at < :after OR (updated_at = :after AND id > :after_id))
ORDER BY updated_at DESC, id
LIMIT :limit
"""

SELECT_EXECUTIONS: Final = """
SELECT id, sync_id, type, counter, records, created_at, canceled_at FROM executions
WHERE sync_id = :sync_id
ORDER BY created_at DESC, rowid DESC
"""


@dataclass(frozen=True, slots=True)
class SyncFilter:
    """Which syncs a list holds; None does not narrow it."""

    active: bool | None = None
    mode: str | None = None
    target_connection_id: str | None = None


class Store:
    """One SQLite database; every method is one transaction, and threads take turns."""

    def __init__(self, path: Path | None = None) -> None:
        """Open the database, and make it where there is none.

        Args:
            path: The file to keep it in; None keeps it in memory.

        Raises:
            sqlite3.Error: The file cannot be opened, or is no such database.
        """
        self._lock = Lock()
        self._connection = sqlite3.connect(path or ":memory:", check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        try:
            self._connection.executescript(SCHEMA)
        except sqlite3.Error:
            self.close()
            raise

    def close(self) -> None:
        """Close the database; what was in memory is gone."""
        self._connection.close()

    def save_syncs(self, *syncs: Sync) -> None:
        """Add syncs, or put them in the place of those with the same id."""
        self._write(SAVE_SYNC, ({"id": sync["id"], "document": json.dumps(sync)} for sync in syncs))

    def sync(self, sync_id: str) -> Sync:
        """Return the sync with this id.

        Raises:
            NotFound: There is none.
        """
        rows = self._read("SELECT document FROM syncs WHERE id = lower(:id)", {"id": sync_id})
        if not rows:
            raise NotFound("sync not found")
        return _sync(rows[0])

    def syncs(self, where: SyncFilter, after: Cursor | None, limit: int) -> list[Sync]:
        """Return syncs by `updated_at`, the latest first, then by `id`.

        Args:
            where: Which ones.
            after: Where to begin; None begins at the top.
            limit: How many at most.
        """
        place = {
            "after": after and after.updated_at,
            "after_id": after and after.id,
            "limit": limit,
        }
        return [_sync(row) for row in self._read(SELECT_SYNCS, {**asdict(where), **place})]

    def delete_sync(self, sync_id: str) -> None:
        """Remove the sync and all its executions."""
        self._write("DELETE FROM syncs WHERE id = :id", [{"id": sync_id}])

    def save_executions(self, *executions: Execution) -> None:
        """Add executions; of those that are there already, only the cancellation changes."""
        self._write(SAVE_EXECUTION, map(_execution_row, executions))

    def executions(self, sync_id: str) -> list[Execution]:
        """Return the executions of a sync, the latest first."""
        return [_execution(row) for row in self._read(SELECT_EXECUTIONS, {"sync_id": sync_id})]

    def _write(self, statement: str, rows: Iterable[Mapping[str, object]]) -> None:
        with self._lock, self._connection:
            self._connection.executemany(statement, rows)

    def _read(self, statement: str, values: Mapping[str, object]) -> list[sqlite3.Row]:
        with self._lock, closing(self._connection.execute(statement, values)) as cursor:
            return cursor.fetchall()


def _sync(row: sqlite3.Row) -> Sync:
    sync: Sync = json.loads(row["document"])
    return sync


def _execution(row: sqlite3.Row) -> Execution:
    canceled_at = row["canceled_at"]
    return Execution(
        **{
            **dict(row),
            "created_at": moment(row["created_at"]),
            "canceled_at": canceled_at and moment(canceled_at),
        }
    )


def _execution_row(execution: Execution) -> dict[str, object]:
    canceled_at = execution.canceled_at
    return {
        **asdict(execution),
        "created_at": timestamp(execution.created_at),
        "canceled_at": canceled_at and timestamp(canceled_at),
    }
