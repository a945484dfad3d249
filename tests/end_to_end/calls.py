"""The twelve operations of the Polytomic capability, as callers of either face ask for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from naftiko_runtime.values import Json
from polytomic_sandbox import CRM_ID

Members = Mapping[str, Json]

CONNECTION_ID = "11111111-2222-4333-8444-555555555555"
SYNC_ID = "66666666-7777-4888-9999-aaaaaaaaaaaa"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class Call:
    """One call, whichever face it goes through.

    Attributes:
        tool: The MCP tool.
        method: The HTTP method.
        template: The path that Polytomic's API has for it.
        id: What stands for `{id}` there.
        query: Query parameters by name.
        headers: Header parameters by name.
        body: The JSON body; None where there is none.
    """

    tool: str
    method: str
    template: str
    id: str | None = None
    query: Members = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Json = None

    @property
    def path(self) -> str:
        """The path, as callers of Polytomic's API write it."""
        return self.template.replace("{id}", quote(self.id or "", safe=""))

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The query as pairs: `params[table]=users` for a member of an object."""
        return [pair for name, value in self.query.items() for pair in _pairs(name, value)]

    @property
    def arguments(self) -> dict[str, Json]:
        """The same inputs as arguments of the tool."""
        inputs: dict[str, Json] = {**self.query, **self.headers}
        if self.id is not None:
            inputs["id"] = self.id
        if self.body is not None:
            inputs["body"] = self.body
        return inputs


def _pairs(name: str, value: Json) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _pairs(f"{name}[{key}]", member)
    elif isinstance(value, list):
        for member in value:
            yield from _pairs(name, member)
    else:
        yield name, str(value).lower() if isinstance(value, bool) else str(value)


def get_source(connection_id: str, **params: Json) -> Call:
    path = "/api/connections/{id}/modelsync/source"
    return Call("get-sync-source", "GET", path, connection_id, {"params": params})


def get_source_fields(connection_id: str, **params: Json) -> Call:
    path = "/api/connections/{id}/modelsync/source/fields"
    return Call("model-sync-field-query", "GET", path, connection_id, {"params": params})


def list_syncs(**query: Json) -> Call:
    return Call("list-syncs", "GET", "/api/syncs", query=query)


def create_sync(body: Json) -> Call:
    return Call("create-sync", "POST", "/api/syncs", body=body)


def get_schedule_options() -> Call:
    return Call("get-sync-schedule-options", "GET", "/api/syncs/schedules")


def get_sync(sync_id: str) -> Call:
    return Call("get-sync", "GET", "/api/syncs/{id}", sync_id)


def update_sync(sync_id: str, body: Json) -> Call:
    return Call("update-sync", "PUT", "/api/syncs/{id}", sync_id, body=body)


def delete_sync(sync_id: str) -> Call:
    return Call("delete-model-sync", "DELETE", "/api/syncs/{id}", sync_id)


def activate_sync(sync_id: str, *, active: bool) -> Call:
    return Call(
        "activate-sync", "POST", "/api/syncs/{id}/activate", sync_id, body={"active": active}
    )


def cancel_sync(sync_id: str) -> Call:
    return Call("cancel-sync", "POST", "/api/syncs/{id}/cancel", sync_id)


def start_sync(sync_id: str, body: Json = None) -> Call:
    return Call("start-sync", "POST", "/api/syncs/{id}/executions", sync_id, body=body)


def get_status(sync_id: str) -> Call:
    return Call("get-sync-status", "GET", "/api/syncs/{id}/status", sync_id)


def sync_body(**members: Json) -> dict[str, Json]:
    """Return the smallest body that creates a sync, with these members added or replaced."""
    return {
        "name": "Users to contacts",
        "mode": "updateOrCreate",
        "target": {"connection_id": CRM_ID, "object": "Contact"},
        "fields": [{"source": {"model_id": UNKNOWN_ID, "field": "email"}, "target": "Email"}],
        **members,
    }
