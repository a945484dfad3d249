"""JSON Schemas of inputs: one per input, and the `inputSchema` of a tool."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from naftiko_runtime.plan.checking.facts import plain, schema_of_facts
from naftiko_runtime.plan.checking.names import argument_names
from naftiko_runtime.plan.inputs import Input
from naftiko_runtime.spec.parameters import InputParameter
from naftiko_runtime.values import Json

_KEYS: Final = (
    "type",
    "description",
    "format",
    "pattern",
    "items",
    "properties",
    "required",
    "default",
)


def schema_of(parameter: InputParameter) -> dict[str, Json]:
    """Return the JSON Schema (draft 2020-12) of a parameter's value, as the document has it.

    Words for types are read tolerantly; a type that no one knows is no type, so that every value
    fits. Keywords that are not checked are not published either.
    """
    said = {**(parameter.model_extra or {}), **{key: getattr(parameter, key) for key in _KEYS}}
    facts = {key: plain(value) for key, value in said.items() if value is not None}
    facts["enum"] = [plain(choice) for choice in parameter.enum]
    facts.pop("nullable", None)  # an input that may be null may be left out, which means the same
    return schema_of_facts(facts)


def input_schema(inputs: Sequence[Input]) -> dict[str, Json]:
    """Return the `inputSchema` of a tool, under the names that are published.

    Hidden inputs are left out; a model never sees them.
    """
    visible = {one.name: one for one in inputs if not one.hidden}
    names = argument_names([*visible])
    required = [
        public
        for public, real in names.items()
        if visible[real].required and not visible[real].has_default
    ]
    schema: dict[str, Json] = {
        "type": "object",
        "properties": {public: _published(visible[real]) for public, real in names.items()},
    }
    if required:
        schema["required"] = [*required]
    return {**schema, "additionalProperties": False}


def _published(one: Input) -> dict[str, Json]:
    schema: dict[str, Json] = {"type": one.type, **one.schema} if one.type else {**one.schema}
    if one.description:
        schema["description"] = one.description
    if schema.get("type") == "array":
        schema.setdefault("items", {})
    return schema
