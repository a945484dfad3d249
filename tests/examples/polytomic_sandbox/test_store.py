from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from polytomic_sandbox import FIRST_SYNC_ID, Store, seed
from polytomic_sandbox.errors import NotFound
from polytomic_sandbox.store import SyncFilter
from polytomic_sandbox.syncs import activate_sync
from tests.examples.polytomic_sandbox.manual_clock import BEGINNING


def test_a_file_keeps_everything(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.db"
    store = Store(path)
    seed(store)
    sync = activate_sync(store.sync(FIRST_SYNC_ID), active=False, now=BEGINNING)
    store.save_syncs(sync)
    executions = store.executions(FIRST_SYNC_ID)
    store.close()

    reopened = Store(path)
    seed(reopened)
    assert reopened.sync(FIRST_SYNC_ID) == sync
    assert reopened.executions(FIRST_SYNC_ID) == executions
    assert len(reopened.syncs(SyncFilter(), after=None, limit=1000)) == 60
    reopened.close()


def test_stores_in_memory_share_nothing(store: Store) -> None:
    other = Store()
    seed(other)
    with pytest.raises(NotFound):
        store.sync(FIRST_SYNC_ID)
    other.close()


def test_a_sync_that_is_saved_again_keeps_its_executions(store: Store) -> None:
    seed(store)
    before = store.executions(FIRST_SYNC_ID)
    store.save_syncs(store.sync(FIRST_SYNC_ID))
    assert store.executions(FIRST_SYNC_ID) == before != []


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, and longer than the header of one would be" * 20)
    with pytest.raises(sqlite3.DatabaseError):
        Store(path)
