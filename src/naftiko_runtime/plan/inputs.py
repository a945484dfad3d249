"""The inputs of an exposed unit, as callers see them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from naftiko_runtime.diagnostics import Position
from naftiko_runtime.plan.jsonpath import Path
from naftiko_runtime.values import ABSENT, Json, Value, record


class Place(StrEnum):
    """Where a parameter travels in an HTTP request."""

    PATH = "path"
    QUERY = "query"
    HEADER = "header"
    COOKIE = "cookie"
    BODY = "body"

    @staticmethod
    def named(name: str | None) -> Place | None:
        """Return the place of this name; None if there is none."""
        return _PLACES.get(name)


_PLACES: Final[Mapping[str | None, Place]] = {place.value: place for place in Place}


@record
class Input:
    """One input of an exposed unit.

    Attributes:
        name: What callers call it.
        place: Where REST callers put it.
        type: A JSON Schema type, or None where any value fits.
        required: Whether a call without it (and without a default) is refused.
        description: For people and models.
        default: What stands in for it when the caller leaves it out.
        schema: The JSON Schema (2020-12) of its value: type, items, properties, enum, pattern,
            format, description, default, as far as the document says.
        whole_body: Whether it takes the whole request body on REST.
        body_path: For a body input: the path that picks its value from the request body.
        verbatim: Whether JSON that REST callers send for it goes upstream as it is written.
        hidden: Whether models never see it, because it carries a credential that the consumed
            API's `authentication` already provides.
        declared_at: Where the document declares or mentions it.
    """

    name: str
    place: Place
    type: str | None
    required: bool
    description: str | None
    default: Value
    schema: dict[str, Json]
    whole_body: bool = False
    body_path: Path | None = None
    verbatim: bool = False
    hidden: bool = False
    declared_at: Position | None = None

    @property
    def has_default(self) -> bool:
        """Whether leaving it out still gives it a value."""
        return self.default is not ABSENT
