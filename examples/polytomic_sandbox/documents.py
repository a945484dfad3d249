"""The JSON documents that callers send and the sandbox keeps.

These declarations are all there is: `shape.conform` checks what callers send against them.
"""

# No postponed annotations here: they are read when a document is checked.
from typing import Literal, NewType, Required, TypeAlias, TypedDict

Uuid = NewType("Uuid", str)
"""A UUID as text, in lower or upper case, with its hyphens."""

Document: TypeAlias = dict[str, object]
"""An object whose members are not looked into."""

Mode: TypeAlias = Literal[
    "create", "update", "updateOrCreate", "replace", "append", "remove", "snapshot"
]


class FieldSource(TypedDict):
    """The field of a model that values are read from."""

    model_id: Uuid
    field: str


class FieldMapping(TypedDict, total=False):
    """Which field of a model goes to which field of the target."""

    source: Required[FieldSource]
    target: Required[str]
    sync_mode: str


class Identity(TypedDict):
    """How a record of the source finds its counterpart in the target."""

    source: FieldSource
    target: str
    function: str


class Target(TypedDict, total=False):
    """Where a sync writes: to an existing object, or to one that it creates."""

    connection_id: Required[Uuid]
    object: str
    create: Document
    configuration: Document


class Schedule(TypedDict, total=False):
    """When a sync runs by itself; `schedules` knows what the times look like."""

    frequency: Required[str]
    minute: object
    hour: object
    day_of_week: object


class SyncBody(TypedDict, total=False):
    """What create and update take, in the order in which it is shown."""

    name: Required[str]
    active: bool
    mode: Required[Mode]
    schedule: Schedule
    fields: Required[list[FieldMapping]]
    target: Required[Target]
    identity: Identity | None
    filters: list[Document]
    filter_logic: str
    overrides: list[Document]
    override_fields: list[Document]
    policies: list[str]
    only_enrich_updates: bool
    skip_initial_backfill: bool
    sync_all_records: bool


class Sync(SyncBody):
    """A sync as it is kept and shown."""

    id: Uuid
    organization_id: Uuid
    model_ids: list[Uuid]
    created_at: str
    created_by: Document
    updated_at: str
    updated_by: Document


class Activation(TypedDict):
    """What activate takes."""

    active: bool


class ExecutionRequest(TypedDict, total=False):
    """What start takes."""

    identities: list[str]
    resync: bool
    test: bool
