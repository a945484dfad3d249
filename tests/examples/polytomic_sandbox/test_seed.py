from __future__ import annotations

from polytomic_sandbox import FIRST_SYNC_ID, Store, seed
from polytomic_sandbox.documents import Sync
from polytomic_sandbox.store import SyncFilter


def everything(store: Store) -> list[Sync]:
    return store.syncs(SyncFilter(), after=None, limit=1000)


def test_the_seed_fills_more_than_one_page(store: Store) -> None:
    seed(store)
    assert len(everything(store)) == 60


def test_the_seed_is_the_same_every_time(store: Store) -> None:
    other = Store()
    seed(store)
    seed(other)
    assert everything(store) == everything(other)
    assert store.executions(FIRST_SYNC_ID) == other.executions(FIRST_SYNC_ID) != []
    other.close()


def test_ids_of_the_seed_never_change(store: Store) -> None:
    seed(store)
    assert FIRST_SYNC_ID == "b9c93a09-10f4-5bcc-8bbd-675126e2ebcb"
    assert store.sync(FIRST_SYNC_ID)["name"] == "Users to Users 01"


def test_a_store_that_holds_something_is_not_seeded(store: Store) -> None:
    seed(store)
    (first, *others) = everything(store)
    for sync in others:
        store.delete_sync(sync["id"])
    seed(store)
    assert everything(store) == [first]
