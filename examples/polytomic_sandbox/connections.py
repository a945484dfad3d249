"""The connections of the sandbox, and the sources that can be read through them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from polytomic_sandbox.documents import Uuid

WAREHOUSE_ID: Final = Uuid("4f1d3c52-9a6e-4d0b-8c27-5e7b90a1f6d3")
CRM_ID: Final = Uuid("b82e6a17-0c5f-4e94-a3d1-71c9f2d85e40")
SUPPORT_ID: Final = Uuid("d94c7f08-3b12-4a65-9e8f-06a2c1b7d85b")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a source.

    Attributes:
        name: Its name there.
        type: Its type in Polytomic's terms.
        remote_type: Its type in the terms of the system it lives in.
        example: A value it may have.
        unique: Whether no two records share a value.
    """

    name: str
    type: str
    remote_type: str
    example: object
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Something whose records can be read: a table, an object.

    Attributes:
        selection: The parameters that select it, the broadest first: `schema`, then `table`.
        fields: What its records hold.
    """

    selection: Mapping[str, str]
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Connection:
    """A system that Polytomic is connected to.

    Attributes:
        id: Its UUID.
        name: What people call it.
        sources: What can be read from it; the same parameters select each of them.
    """

    id: Uuid
    name: str
    sources: tuple[Source, ...]


def _table(schema: str, table: str, *fields: Field) -> Source:
    return Source(MappingProxyType({"schema": schema, "table": table}), fields)


def _object(name: str, *fields: Field) -> Source:
    return Source(MappingProxyType({"object": name}), fields)


WAREHOUSE: Final = Connection(
    WAREHOUSE_ID,
    "Warehouse",
    (
        _table(
            "public",
            "users",
            Field("id", "number", "bigint", 1001, unique=True),
            Field("email", "string", "varchar", "ada@example.com", unique=True),
            Field("full_name", "string", "varchar", "Ada Byron"),
            Field("signed_up_at", "datetime", "timestamptz", "2025-03-14T09:26:53Z"),
        ),
        _table(
            "public",
            "orders",
            Field("order_id", "number", "bigint", 70001, unique=True),
            Field("user_id", "number", "bigint", 1001),
            Field("amount", "number", "numeric", 49.9),
            Field("placed_at", "datetime", "timestamptz", "2025-06-01T12:00:00Z"),
        ),
        _table(
            "public",
            "products",
            Field("sku", "string", "varchar", "TEA-250", unique=True),
            Field("title", "string", "varchar", "Green tea, 250 g"),
            Field("in_stock", "boolean", "boolean", True),
        ),
        _table(
            "billing",
            "invoices",
            Field("invoice_number", "string", "varchar", "2025-000417", unique=True),
            Field("order_id", "number", "bigint", 70001),
            Field("paid", "boolean", "boolean", False),
        ),
    ),
)

CRM: Final = Connection(
    CRM_ID,
    "CRM",
    (
        _object(
            "Contact",
            Field("Id", "string", "id", "0035g00000AbCdE", unique=True),
            Field("Email", "string", "email", "ada@example.com"),
            Field("LastName", "string", "string", "Byron"),
        ),
        _object(
            "Account",
            Field("Id", "string", "id", "0015g00000XyZaB", unique=True),
            Field("Name", "string", "string", "Analytical Engines"),
        ),
    ),
)

SUPPORT: Final = Connection(
    SUPPORT_ID,
    "Support desk",
    (
        _object(
            "Users",
            Field("id", "number", "integer", 35436, unique=True),
            Field("email", "string", "string", "ada@example.com", unique=True),
            Field("name", "string", "string", "Ada Byron"),
        ),
    ),
)

CONNECTIONS: Final[Mapping[str, Connection]] = MappingProxyType(
    {connection.id: connection for connection in (WAREHOUSE, CRM, SUPPORT)}
)
"""All connections by id."""
