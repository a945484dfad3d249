"""The JSON Schema of what is read, for editors: made from the blocks, so that it knows them all.

It is as tolerant as reading is: no key is refused, and every spelling that is read is described.
`docs/schema/` has it as a file, which a test compares with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from inspect import cleandoc
from types import UnionType
from typing import Annotated, Final, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import Discriminator, Tag
from pydantic.fields import FieldInfo

from naftiko_runtime.load.nodes import Map, Node
from naftiko_runtime.spec.block import Block
from naftiko_runtime.spec.document import IMPLIED_TYPES, CapabilityBlock, Document
from naftiko_runtime.spec.keywords import WORDS
from naftiko_runtime.spec.reading import KNOWN_VERSIONS
from naftiko_runtime.spec.spellings import NULL, Schema, Spelled, caseless
from naftiko_runtime.values import Json

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
"""The version of JSON Schema that is used."""

_BOOLEANS: Final = ("true", "false", "yes", "no", "on", "off", "t", "f", "y", "n", "1", "0")
_SIMPLE: Final[dict[object, Schema]] = {
    str: {"type": ["string", "number"]},
    bool: {
        "anyOf": [
            {"type": "boolean"},
            {"enum": [0, 1]},
            {"type": "string", "pattern": f"^(?:{'|'.join(map(caseless, _BOOLEANS))})$"},
        ]
    },
    Map: {"type": "object"},
    Node: {},
    type(None): NULL,
}

_BOUNDS: Final = (
    (Ge, "minimum", "ge"),
    (Gt, "exclusiveMinimum", "gt"),
    (Le, "maximum", "le"),
)


def capability_schema() -> Schema:
    """Return the JSON Schema of a document."""
    blocks = _Blocks()
    root = blocks.reference(Document)
    return {
        "$schema": DIALECT,
        "title": "Naftiko capability, as naftiko-runtime reads it",
        **root,
        "$defs": {name: blocks.described[name] for name in sorted(blocks.described)},
    }


def spellings_of(name: str, field: FieldInfo) -> list[str]:
    """Return the keys that a field is read from, the usual one first."""
    alias = field.validation_alias
    return [str(one) for one in getattr(alias, "choices", [alias or name])]


class _Blocks:
    """Describes blocks, each once, however many others hold it.

    Attributes:
        described: Their schemas by name.
    """

    def __init__(self) -> None:
        self.described: dict[str, Schema] = {}

    def reference(self, block: type[Block]) -> Schema:
        """Return what refers to a block's schema."""
        name = block.__name__
        if name not in self.described:
            self.described[name] = {}
            self.described[name] = {
                "type": "object",
                "description": cleandoc(block.__doc__ or ""),
                "properties": dict(self._properties(block)),
            }
        return {"$ref": f"#/$defs/{name}"}

    def _properties(self, block: type[Block]) -> Iterator[tuple[str, Schema]]:
        for name, declared in block.model_fields.items():
            field = declared
            if block is Document:  # a section file says at its top what a capability says inside
                field = CapabilityBlock.model_fields.get(name, declared)
            schema = self._type(field.annotation, field.metadata)
            usual, *others = spellings_of(name, field)
            words = WORDS.get(block, {}).get(name, ())
            yield usual, _suggested(schema, KNOWN_VERSIONS.get(usual, words))
            for other in others:
                told: Schema = {"description": f"Another spelling of '{usual}'."}
                yield other, told | _suggested(schema, KNOWN_VERSIONS.get(other, words))

    def _type(self, kind: object, metadata: Sequence[object] = ()) -> Schema:
        """Describe a type with what is annotated to it."""
        schema = self._plain_type(kind, metadata)
        for one in metadata:
            if isinstance(one, Spelled):
                schema = one.describe(schema)
        return schema

    def _plain_type(self, kind: object, metadata: Sequence[object]) -> Schema:
        if kind in _SIMPLE:
            return _SIMPLE[kind]
        if kind is int:
            return _whole_number(metadata)
        if kind is float:
            return {"type": "number", **_bounds(metadata)}
        if isinstance(kind, type) and issubclass(kind, Block):
            return self.reference(kind)
        origin, arguments = get_origin(kind), get_args(kind)
        if origin is Annotated:
            return self._type(arguments[0], arguments[1:])
        if origin is tuple:
            return {"type": "array", "items": self._type(arguments[0])}
        if any(isinstance(one, Discriminator) for one in metadata):
            return self._adapter(arguments)
        if origin not in (Union, UnionType):
            raise TypeError(f"nothing is known of {kind}")
        bounds = [one for one in metadata if not isinstance(one, Spelled)]
        return {"anyOf": [self._type(one, bounds) for one in arguments]}

    def _adapter(self, tagged: Sequence[object]) -> Schema:
        """Describe an adapter: by its type, or by what it holds where it says none."""
        by_type: dict[str, Schema] = {}
        for one in tagged:
            block, *metadata = get_args(one)
            by_type |= {tag.tag: self._type(block) for tag in metadata if isinstance(tag, Tag)}
        schema: Schema = {}
        for key, implied in reversed(IMPLIED_TYPES):
            schema = _choice({"required": [key]}, by_type[implied], schema)
        for kind, described in by_type.items():
            is_it: Schema = {"required": ["type"], "properties": {"type": _word(kind)}}
            schema = _choice(is_it, described, schema)
        not_text: Schema = {"not": {"type": "string"}}
        known: list[Json] = [{"enum": [*by_type]}, *map(_word, by_type), not_text]
        return {"type": "object", "properties": {"type": {"anyOf": known}}, **schema}


def _choice(condition: Schema, then: Schema, otherwise: Schema) -> Schema:
    return {"if": condition, "then": then, "else": otherwise}


def _word(word: str) -> Schema:
    return {"type": "string", "pattern": rf"^\s*{caseless(word)}\s*$"}


def _suggested(schema: Schema, words: Sequence[str]) -> Schema:
    """Offer words to an editor; others are read, too, with a warning."""
    return {"anyOf": [{"enum": [*words]}, schema]} if words else schema


def _bounds(metadata: Sequence[object]) -> Schema:
    """Return what is annotated to a number, in the words of JSON Schema."""
    bounds: Schema = {}
    for one in metadata:
        for kind, word, name in _BOUNDS:
            if isinstance(one, kind):
                bounds[word] = getattr(one, name)
    return bounds


def _whole_number(metadata: Sequence[object]) -> Schema:
    number: Schema = {"type": "integer", **_bounds(metadata)}
    return {"anyOf": [number, {"type": "string", "pattern": r"^\s*[0-9]+\s*$"}]}
