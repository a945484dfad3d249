"""Syncs: what they are made of, what they default to, and how lists show them."""

from __future__ import annotations

from datetime import datetime
from typing import Final, cast
from uuid import uuid4

from polytomic_sandbox.clock import timestamp
from polytomic_sandbox.connections import CONNECTIONS
from polytomic_sandbox.documents import Document, Sync, SyncBody, Target, Uuid
from polytomic_sandbox.errors import Unprocessable
from polytomic_sandbox.schedules import next_run

ORGANIZATION_ID: Final = Uuid("0b5f4d2e-7a31-4c8e-9d60-2f1e8a4c7b90")
ACTOR: Final[Document] = {
    "id": "6e9c1f70-52d8-4b3a-8a17-c04d9be2f315",
    "name": "Sandbox",
    "type": "user",
}


def create_sync(body: SyncBody, now: datetime, sync_id: Uuid | None = None) -> Sync:
    """Return the sync that the body describes; what it leaves out has its default.

    Args:
        body: A body that conforms to its shape.
        now: When it is created.
        sync_id: Its id; a random one where None.

    Raises:
        Unprocessable: The target or the schedule makes no sense.
    """
    _check(body, now)
    return {
        "id": sync_id or Uuid(str(uuid4())),
        "organization_id": ORGANIZATION_ID,
        **_settings(body),
        "model_ids": _model_ids(body),
        "created_at": timestamp(now),
        "created_by": ACTOR,
        "updated_at": timestamp(now),
        "updated_by": ACTOR,
    }


def replace_sync(sync: Sync, body: SyncBody, now: datetime) -> Sync:
    """Return the sync with everything from the body and nothing from before, but its origin.

    Raises:
        Unprocessable: The target or the schedule makes no sense.
    """
    replaced = create_sync(body, now, sync["id"])
    return {**replaced, "created_at": sync["created_at"], "created_by": sync["created_by"]}


def activate_sync(sync: Sync, active: bool, now: datetime) -> Sync:
    """Return the sync, switched on or off."""
    return {**sync, "active": active, "updated_at": timestamp(now), "updated_by": ACTOR}


def list_item(sync: Sync) -> Document:
    """Return the sync as lists show it: without fields, with the target in short."""
    shown = {name: value for name, value in sync.items() if name not in ("fields", "target")}
    target = sync["target"]
    return {
        **shown,
        "target_connection_id": target["connection_id"],
        "target_object": target.get("object"),
    }


def _check(body: SyncBody, now: datetime) -> None:
    _check_target(body["target"])
    if schedule := body.get("schedule"):
        next_run(schedule, now)


def _check_target(target: Target) -> None:
    if target["connection_id"].lower() not in CONNECTIONS:
        raise Unprocessable("target.connection_id is not the id of a connection")
    if (target.get("object") is None) == (target.get("create") is None):
        raise Unprocessable("target must have either object or create")


def _settings(body: SyncBody) -> SyncBody:
    """Return all members that a sync takes from its body, and no others.

    What is left out, or null, has its default.
    """
    defaults: Document = {
        "active": False,
        "schedule": {"frequency": "manual"},
        "identity": None,
        "filters": [],
        "filter_logic": "",
        "overrides": [],
        "override_fields": [],
        "policies": [],
        "only_enrich_updates": False,
        "skip_initial_backfill": False,
        "sync_all_records": False,
    }
    given = {name: value for name, value in body.items() if value is not None}
    values = {**defaults, **given}
    return cast("SyncBody", {name: values[name] for name in SyncBody.__annotations__})


def _model_ids(body: SyncBody) -> list[Uuid]:
    """Return the models that are read from, each once, in the order they are named."""
    sources = [field["source"] for field in body["fields"]]
    if identity := body.get("identity"):
        sources.append(identity["source"])
    return list(dict.fromkeys(source["model_id"] for source in sources))
