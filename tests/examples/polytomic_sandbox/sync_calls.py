"""Calls about syncs that the tests make."""

from __future__ import annotations

from starlette.testclient import TestClient

from tests.examples.polytomic_sandbox.bodies import sync_body


def create(client: TestClient, **members: object) -> dict[str, object]:
    """Create a sync; return what the answer says of it."""
    data: dict[str, object] = client.post("/api/syncs", json=sync_body(**members)).json()["data"]
    return data


def listed(client: TestClient, query: str = "") -> list[object]:
    """Return the names of syncs, in the order of the list."""
    return [sync["name"] for sync in client.get(f"/api/syncs?{query}").json()["data"]]
