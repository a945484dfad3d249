"""Reads typed values out of a query string. A parameter that is empty counts as left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from starlette.datastructures import QueryParams

from polytomic_sandbox.errors import BadRequest
from polytomic_sandbox.shape import is_uuid

BOOLEANS: Final[Mapping[str, bool]] = {"true": True, "false": False}
INTEGER: Final = re.compile(r"[+-]?[0-9]{1,18}")


def text(query: QueryParams, name: str) -> str | None:
    """Return the first value of the parameter."""
    return next(iter(query.getlist(name)), "") or None


def boolean(query: QueryParams, name: str) -> bool | None:
    """Return the parameter's value, which is `true` or `false`.

    Raises:
        BadRequest: It is neither.
    """
    value = text(query, name)
    if value is not None and value not in BOOLEANS:
        raise BadRequest(f"{name} must be true or false")
    return BOOLEANS.get(value or "")


def integer(query: QueryParams, name: str) -> int | None:
    """Return the parameter's value.

    Raises:
        BadRequest: It is not a whole decimal number.
    """
    value = text(query, name)
    if value is not None and not INTEGER.fullmatch(value):
        raise BadRequest(f"{name} must be an integer")
    return int(value) if value else None


def uuid(query: QueryParams, name: str) -> str | None:
    """Return the parameter's value, in lower case.

    Raises:
        BadRequest: It is not a UUID.
    """
    value = text(query, name)
    if value is not None and not is_uuid(value):
        raise BadRequest(f"{name} must be a UUID")
    return value.lower() if value else None


def deep_object(query: QueryParams, name: str) -> dict[str, list[str]]:
    """Return an object of lists: `params[table]=a&params[table]=b` is `{"table": ["a", "b"]}`."""
    pattern = re.compile(rf"{re.escape(name)}\[([^\[\]]+)\]")
    members: dict[str, list[str]] = {}
    for key, value in query.multi_items():
        if match := pattern.fullmatch(key):
            members.setdefault(match[1], []).append(value)
    return members
