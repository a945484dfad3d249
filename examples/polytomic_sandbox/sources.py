"""What a connection says about its sources, narrowed step by step with parameters.

Parameters are lists of values by name: `{"schema": ["public"], "table": ["users", "orders"]}`.
Names that the connection does not have are ignored.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Final, TypeAlias
from uuid import UUID, uuid5

from polytomic_sandbox.clock import timestamp
from polytomic_sandbox.connections import Connection, Field, Source
from polytomic_sandbox.documents import Document
from polytomic_sandbox.errors import Unprocessable

Parameters: TypeAlias = Mapping[str, list[str]]

FIELDS_SINCE: Final = datetime(2024, 1, 1, tzinfo=UTC)


def describe_source(connection: Connection, parameters: Parameters) -> Document:
    """Return what has been chosen, what can be chosen next, and what still has to be.

    Raises:
        Unprocessable: A parameter has a value that nothing in the connection has.
    """
    names = _parameter_names(connection)
    _check(connection, parameters)
    return {
        "configuration": {
            name: {"type": "string", "items": parameters.get(name, [])} for name in names
        },
        "items": {
            name: _choices(connection, parameters, name, broader=names[:index])
            for index, name in enumerate(names)
        },
        "requires_one_of": [name for name in names[-1:] if name not in parameters],
    }


def source_fields(connection: Connection, parameters: Parameters) -> list[Document]:
    """Return the fields of all sources that the parameters select; without any, of all there are.

    Raises:
        Unprocessable: A parameter has a value that nothing in the connection has.
    """
    _check(connection, parameters)
    selected = _select(connection, parameters, _parameter_names(connection))
    return [
        _describe_field(connection, source, field) for source in selected for field in source.fields
    ]


def _parameter_names(connection: Connection) -> list[str]:
    return list(connection.sources[0].selection)


def _check(connection: Connection, parameters: Parameters) -> None:
    for name in _parameter_names(connection):
        known = {source.selection[name] for source in connection.sources}
        for value in parameters.get(name, ()):
            if value not in known:
                raise Unprocessable(f"params[{name}] must be one of {', '.join(sorted(known))}")


def _select(connection: Connection, parameters: Parameters, names: Collection[str]) -> list[Source]:
    """Return the sources that fit the parameters, as far as they are among the names."""
    constrained = [name for name in names if name in parameters]
    return [
        source
        for source in connection.sources
        if all(source.selection[name] in parameters[name] for name in constrained)
    ]


def _choices(
    connection: Connection, parameters: Parameters, name: str, broader: list[str]
) -> Document:
    """Return the values that a parameter may have once the broader ones are chosen."""
    within = _select(connection, parameters, broader)
    values = dict.fromkeys(source.selection[name] for source in within)
    return {"has_items": bool(values), "items": list(values), "requires_one_of": broader}


def _describe_field(connection: Connection, source: Source, field: Field) -> Document:
    path = ".".join((*source.selection.values(), field.name))
    return {
        "id": str(uuid5(UUID(connection.id), path)),
        "name": field.name,
        "label": field.name.replace("_", " ").capitalize(),
        "type": field.type,
        "remote_type": field.remote_type,
        "description": f"{path} in {connection.name}",
        "example": field.example,
        "unique": field.unique,
        "user_added": False,
        "created_at": timestamp(FIELDS_SINCE),
        "updated_at": timestamp(FIELDS_SINCE),
    }
