from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from polytomic_sandbox import DEFAULT_API_KEY, Store, create_application, seed
from tests.examples.polytomic_sandbox.bodies import sync_body
from tests.examples.polytomic_sandbox.manual_clock import ManualClock

AUTHORIZATION = {"Authorization": f"Bearer {DEFAULT_API_KEY}"}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store()
    yield store
    store.close()


@pytest.fixture
def client(store: Store, clock: ManualClock) -> TestClient:
    """A caller with the right key, of a sandbox without syncs."""
    return TestClient(create_application(store, clock=clock), headers=AUTHORIZATION)


@pytest.fixture
def seeded_client(store: Store, client: TestClient) -> TestClient:
    """A caller with the right key, of a sandbox as it starts."""
    seed(store)
    return client


@pytest.fixture
def sync_id(client: TestClient) -> str:
    """The id of a sync that the test may do with as it likes."""
    sync_id: str = client.post("/api/syncs", json=sync_body()).json()["data"]["id"]
    return sync_id
