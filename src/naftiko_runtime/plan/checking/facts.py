"""What a document says of a parameter, read as JSON Schema: tolerantly, for it is often loose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from naftiko_runtime.load.nodes import Node
from naftiko_runtime.plan.checking.check import DEEPEST, compile_check
from naftiko_runtime.plan.checking.constraints import (
    BOUNDS,
    SIZES,
    compile_pattern,
    is_number,
    is_size,
)
from naftiko_runtime.plan.checking.mismatch import Mismatch
from naftiko_runtime.plan.checking.words import schema_of_word
from naftiko_runtime.plan.expressions import to_text
from naftiko_runtime.values import Json

_TEXTS: Final = ("description", "format")


def schema_of_facts(facts: Mapping[str, Json], depth: int = 0) -> dict[str, Json]:
    """Return the JSON Schema that a block of facts amounts to; what can't be read is left out."""
    schema = _types(facts)
    schema.update(_texts(facts))
    schema.update(_limits(facts))
    if depth < DEEPEST:
        schema.update(_inside(facts, schema, depth))
    schema.update(_values(facts, schema))
    return schema


def _types(facts: Mapping[str, Json]) -> dict[str, Json]:
    declared = facts.get("type")
    if isinstance(declared, list):
        names = [_type_name(word) for word in declared]
        known = [name for name in dict.fromkeys(names) if name is not None]
        return {"type": [*known]} if known else {}
    schema = schema_of_word(declared) if isinstance(declared, str) else {}
    if declared is None and facts.get("properties"):
        schema["type"] = "object"
    elif declared is None and facts.get("items"):
        schema["type"] = "array"
    if facts.get("nullable") is True and "type" in schema:
        schema["type"] = [schema["type"], "null"]
    return schema


def _type_name(word: Json) -> str | None:
    if word is None or word == "null":
        return "null"
    name = schema_of_word(str(word)).get("type")
    return name if isinstance(name, str) else None


def _has(schema: Mapping[str, Json], name: str) -> bool:
    declared = schema.get("type")
    return name in declared if isinstance(declared, list) else name == declared


def _texts(facts: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    for keyword in _TEXTS:
        text = facts.get(keyword)
        if isinstance(text, str) and text:
            yield keyword, text
    pattern = facts.get("pattern")
    if isinstance(pattern, str) and compile_pattern(pattern) is not None:
        yield "pattern", pattern


def _limits(facts: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    for keyword in BOUNDS:
        if keyword in facts and is_number(limit := facts[keyword]):
            yield keyword, limit
    for keyword in SIZES:
        if keyword in facts and is_size(size := facts[keyword]):
            yield keyword, size


def _inside(
    facts: Mapping[str, Json], schema: Mapping[str, Json], depth: int
) -> Iterator[tuple[str, Json]]:
    if _has(schema, "array"):
        items = facts.get("items")
        yield "items", _inner(items, depth) if items else schema.get("items", {})
    if not _has(schema, "object"):
        return
    properties = dict(_properties(facts.get("properties")))
    if properties:
        yield "properties", {name: _inner(inner, depth) for name, inner in properties.items()}
    if required := _required(facts, properties):
        yield "required", [*required]


def _properties(declared: Json) -> Iterator[tuple[str, Json]]:
    """Yield properties by name: of a mapping, or of a list of named parameters."""
    if isinstance(declared, dict):
        yield from declared.items()
    elif isinstance(declared, list):
        for one in declared:
            if isinstance(one, dict) and isinstance(name := one.get("name"), str):
                yield name, one


def _required(facts: Mapping[str, Json], properties: Mapping[str, Json]) -> list[str]:
    declared = facts.get("required")
    listed = declared if isinstance(declared, list) else []
    marked = [name for name, one in properties.items() if _is_required(one)]
    return list(dict.fromkeys([*(name for name in listed if isinstance(name, str)), *marked]))


def _is_required(one: Json) -> bool:
    return isinstance(one, dict) and one.get("required") is True


def _inner(declared: Json, depth: int) -> dict[str, Json]:
    """Return the schema of what is nested: a block, a list of one block, or a word for a type."""
    if isinstance(declared, list):
        declared = declared[0] if declared else None
    if isinstance(declared, dict):
        return schema_of_facts(declared, depth + 1)
    return schema_of_word(declared) if isinstance(declared, str) else {}


def _values(facts: Mapping[str, Json], schema: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    choices, default = facts.get("enum"), facts.get("default")
    if choices is not None and choices != []:
        listed = choices if isinstance(choices, list) else [choices]
        yield "enum", [_as_typed(choice, schema.get("type")) for choice in listed]
    if default is not None and not (isinstance(default, str) and "{{" in default):
        yield "default", _as_typed(default, schema.get("type"))


def _as_typed(value: Json, name: Json) -> Json:
    """Return a value as its type has it: YAML reads `1` as a number, even among strings."""
    if name == "string" and isinstance(value, (bool, int, float)):
        return to_text(value)
    try:
        return compile_check({"type": name})(value)
    except Mismatch:
        return value


def plain(node: Node) -> Json:
    """Return a parsed value as Python's own types, without positions."""
    if isinstance(node, dict):
        return {name: plain(inner) for name, inner in node.items()}
    if isinstance(node, list):
        return [plain(inner) for inner in node]
    return node
