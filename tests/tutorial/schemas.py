"""What tools say of their answers: JSON Schemas as the behaviour wants them, sections 6 and 9.

A scalar that can't be converted without loss is passed on as it came, and a path that leads nowhere
gives null: an output is of its declared type first, and may be these others.
"""

from __future__ import annotations

from typing import Any, Final

TEXT: Final = {"type": ["string", "null", "object", "array"]}
NUMBER: Final = {"type": ["number", "null", "string", "boolean", "object", "array"]}
BOOLEAN: Final = {"type": ["boolean", "null", "string", "number", "object", "array"]}
READING: Final = {"readOnlyHint": True, "idempotentHint": True}
"""The hints of a tool that sends a GET."""


def an_object(**properties: Any) -> dict[str, Any]:
    """Return the schema of an object that is always there."""
    return {"type": "object", "properties": properties, "required": [*properties]}


def perhaps_an_object(**properties: Any) -> dict[str, Any]:
    """Return the schema of an object, or null."""
    return {**an_object(**properties), "type": ["object", "null"]}


def perhaps_a_list(items: Any) -> dict[str, Any]:
    """Return the schema of a list, or null."""
    return {"type": ["array", "null"], "items": items}


def inputs(required: list[str], **properties: Any) -> dict[str, Any]:
    """Return the schema of a tool's arguments."""
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": required} if required else schema
