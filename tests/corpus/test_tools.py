"""Every tool is published with the inputs that an independent reading of its file gives it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from naftiko_runtime.plan.adapters import Tool
from naftiko_runtime.values import Json
from tests.corpus.oracle.inputs import ExpectedInput, expected_inputs
from tests.corpus.subject import Subject

_TAKEN_BY_CLIENTS: Final = re.compile(r"[a-zA-Z0-9_.-]{1,64}")


def test_tools_have_their_names_and_long_ones_a_short_form(subject: Subject) -> None:
    names = [tool.name for _, tool in subject.tools()]
    assert len(set(names)) == len(names), f"{subject.title}: {names}"
    for unit, tool in subject.tools():
        if _TAKEN_BY_CLIENTS.fullmatch(unit.name):
            assert tool.name == unit.name, f"{subject.title}: {unit}"
        else:
            assert _TAKEN_BY_CLIENTS.fullmatch(tool.name), f"{subject.title}: {tool.name}"
            assert tool.name[:32] == unit.name[:32], f"{subject.title}: {tool.name} is {unit}"


def test_tools_publish_the_inputs_they_must_have(subject: Subject) -> None:
    reports = [
        f"{subject.title}: {unit}: {finding}"
        for unit, tool in subject.tools()
        for finding in _schema_findings(expected_inputs(unit), tool)
    ]
    assert not reports, "\n".join(reports[:20])


def _schema_findings(inputs: Sequence[ExpectedInput], tool: Tool) -> Iterator[str]:
    schema = tool.input_schema
    published = {name: key for key, name in tool.arguments.items()}
    expected = {published.get(one.name, one.name): _property(one) for one in inputs}
    required = {published.get(one.name, one.name) for one in inputs if one.required}
    if schema.get("properties", {}) != expected:
        yield f"properties: expected {expected}, got {schema.get('properties')}"
    if set(_names(schema.get("required", []))) != required:
        yield f"required: expected {required}, got {schema.get('required')}"
    if schema.get("type") != "object" or schema.get("additionalProperties") is not False:
        yield f"the schema takes more than its properties: {schema}"
    if any(_TAKEN_BY_CLIENTS.fullmatch(one) for one in tool.arguments.values()):
        yield f"names that clients take are published under others: {tool.arguments}"
    if not all(_TAKEN_BY_CLIENTS.fullmatch(one) for one in expected):
        yield f"names that clients reject are published: {sorted(expected)}"


def _property(one: ExpectedInput) -> dict[str, Json]:
    """Return the schema of an input (section 4.6)."""
    schema: dict[str, Json] = {}
    if one.type is not None:
        schema["type"] = one.type
    if one.type == "array":
        schema["items"] = {}
    if one.description is not None:
        schema["description"] = one.description
    return schema


def _names(value: Json) -> list[str]:
    assert isinstance(value, list), value
    return [str(one) for one in value]
