"""In which ways a value may be written, as JSON Schemas: each stands beside what reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from naftiko_runtime.load.sections import OF_AN_ENTRY
from naftiko_runtime.values import Json

Schema: TypeAlias = dict[str, Json]
"""A JSON Schema, Draft 2020-12."""

NULL: Schema = {"type": "null"}
"""What null fits."""


@dataclass(frozen=True, slots=True)
class Spelled:
    """Says that a value may be written in more ways than its type tells.

    Attributes:
        describe: Makes the schema of all its ways from that of its type.
    """

    describe: Callable[[Schema], Schema]


def text(_: Schema) -> Schema:
    """Describe a text, which may look like a number or a boolean."""
    return {"type": ["string", "number", "boolean", "null"]}


def anything(_: Schema) -> Schema:
    """Describe what is kept as it was read."""
    return {}


def listed(many: Schema) -> Schema:
    """Describe a list, or a single value that stands for a list of one."""
    item = many["items"]
    return {"anyOf": [many, item, NULL]} if item else {}


def named(many: Schema) -> Schema:
    """Describe a list of named things, a map from name to thing, or one named thing."""
    item = many["items"]
    keyed: Schema = {
        "type": "object",
        "if": {"required": ["name"], "properties": {"name": {"not": {"type": "object"}}}},
        "then": item,
        "else": {"additionalProperties": {"anyOf": [item, NULL]}},
    }
    return {"anyOf": [many, keyed, NULL]}


def section(many: Schema) -> Schema:
    """Describe a section: a list of entries, a map from namespace to entry, or a lone entry."""
    is_entry: list[Json] = [{"required": [key]} for key in sorted(OF_AN_ENTRY)]
    return {
        "if": {
            "type": "object",
            "additionalProperties": {"type": "object"},
            "not": {"anyOf": is_entry},
        },
        "then": {"type": "object", "additionalProperties": many["items"]},
        "else": listed(many),
    }


def by_name(many: Schema) -> Schema:
    """Describe a list of named secrets, or a map from name to secret."""
    return {"anyOf": [many, {"type": ["object", "null"]}]}


def first_item(one: Schema) -> Schema:
    """Describe one thing, or a list whose first item it is."""
    return {"anyOf": [one, {"type": "array", "prefixItems": [one]}]}


def typed(block: Schema) -> Schema:
    """Describe a block that says its type, or what stands for one."""
    return {"if": {"type": "object", "required": ["type"]}, "then": block}


def unless_off(block: Schema) -> Schema:
    """Describe a block that may be switched off."""
    return {"anyOf": [block, {"enum": [False, "off"]}]}


def matching(pattern: str) -> Spelled:
    """Say that a value may also be a text that a pattern matches as a whole."""
    written: Schema = {"type": "string", "pattern": rf"^\s*(?:{pattern})\s*$"}
    return Spelled(lambda one: {"anyOf": [one, written]})


def caseless(word: str) -> str:
    """Return a pattern for a word in upper and lower case."""
    return "".join(f"[{c.lower()}{c.upper()}]" if c.isalpha() else c for c in word)
