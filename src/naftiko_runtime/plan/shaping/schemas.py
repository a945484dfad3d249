"""The JSON Schema (draft 2020-12) of a shaped answer: what is certain, and nothing more.

Objects and arrays are made here, so they are what they are declared to be, or null. A scalar that
can't be converted without loss is passed on as it came: what it can be is listed in full, the
declared type first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from naftiko_runtime.plan.shaping.conversion import is_of_type
from naftiko_runtime.plan.shaping.output import Output
from naftiko_runtime.values import Absent, Json

_TYPES: Final = ("string", "number", "boolean", "object", "array")
_NULL: Final = "null"


def answer_schema(output: Output) -> dict[str, Json]:
    """Return the schema of an output that is the whole answer: its objects are never null."""
    schema = schema_of(output)
    return {**schema, "type": "object"} if output.is_object else schema


def members_schema(outputs: Sequence[Output]) -> dict[str, Json]:
    """Return the schema of an object of named outputs: all of them are there, if only as null."""
    properties: dict[str, Json] = {one.name or "": _member_schema(one) for one in outputs}
    return {"type": "object", "properties": properties, "required": [*properties]}


def schema_of(output: Output) -> dict[str, Json]:
    """Return the schema of an output, which may be null unless it is fixed."""
    schema = _shape_schema(output)
    if output.description:
        schema["description"] = output.description
    return schema


def _member_schema(output: Output) -> dict[str, Json]:
    return answer_schema(output) if output.shares_base else schema_of(output)


def _shape_schema(output: Output) -> dict[str, Json]:
    if output.fixed is not None and not isinstance(output.fixed.constant, Absent):
        return _constant_schema(output.fixed.constant, output.type)
    if output.fixed is not None:
        return _scalar_schema(output)
    if output.items is not None:
        return {"type": ["array", _NULL], "items": schema_of(output.items)}
    if output.type == "array":
        return {"type": ["array", _NULL], "items": {}}
    if output.values is not None:
        return {"type": ["object", _NULL], "additionalProperties": schema_of(output.values)}
    if output.properties:
        return {**members_schema(output.properties), "type": ["object", _NULL]}
    return _scalar_schema(output)


def _constant_schema(constant: Json, type_: str | None) -> dict[str, Json]:
    """Return the schema of one value; its type is said as well, for clients that look for it."""
    says_type = type_ is not None and constant is not None and is_of_type(constant, type_)
    return {"type": type_, "const": constant} if says_type else {"const": constant}


def _scalar_schema(output: Output) -> dict[str, Json]:
    schema: dict[str, Json] = {}
    if output.type is not None:
        unconvertible = ("object", "array") if output.type == "string" else _TYPES
        schema["type"] = [*dict.fromkeys((output.type, _NULL, *unconvertible))]
    if output.max_length is not None:
        schema["maxLength"] = output.max_length
    return schema
