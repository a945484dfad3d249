"""What all blocks of a document share: tolerance, and knowing where they stand."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Final, Self, TypeAlias, TypeGuard, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    ModelWrapValidatorHandler,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

from naftiko_runtime.diagnostics import Position
from naftiko_runtime.load.nodes import START, Map, Node, Seq, named_entry
from naftiko_runtime.spec import spellings
from naftiko_runtime.spec.spellings import Spelled

T = TypeVar("T")

_NO_BLOCKS: Final = frozenset({type(None), str, bool, int, float, Map, Seq})
"""What fields hold besides blocks. Asking pydantic what is a block takes much longer."""


class Block(BaseModel):
    """One mapping of the document. Unknown keys are kept, so that they can be reported."""

    model_config = ConfigDict(
        extra="allow",
        defer_build=True,
        frozen=True,
        coerce_numbers_to_str=True,
        validate_by_name=True,
        validate_by_alias=True,
    )

    @cached_property
    def _source(self) -> Map:
        """What the block was read from; nothing, if it was made otherwise."""
        return Map("", START)

    @model_validator(mode="wrap")
    @classmethod
    def _remember_source(cls, raw: object, build: ModelWrapValidatorHandler[Self]) -> Self:
        block = build(raw)
        if isinstance(raw, Map):
            block.__dict__["_source"] = raw
        return block

    @property
    def position(self) -> Position:
        """Where the block starts."""
        return self._source.position

    def at(self, key: str) -> Position:
        """Return where a key's value stands; where the block starts, if it has no such key."""
        return self._source.position_of(key)

    def has(self, key: str) -> bool:
        """Return whether the document itself has this key in the block."""
        return key in self._source

    def unknown_keys(self) -> Iterator[tuple[str, Position]]:
        """Yield the keys that the specification does not know; `x-` extensions are known."""
        for key in self.model_extra or ():
            if not key.startswith("x-"):
                yield key, self._source.position_of_key(key)

    def children(self) -> Iterator[Block]:
        """Yield the blocks directly inside this one."""
        for value in self.__dict__.values():
            if value and type(value) not in _NO_BLOCKS:
                yield from filter(_is_block, value if isinstance(value, tuple) else (value,))


def _is_block(value: object) -> TypeGuard[Block]:
    return type(value) not in _NO_BLOCKS


def _word(raw: object) -> object:
    return str(raw).lower() if isinstance(raw, bool) else raw


def _lower(raw: object) -> object:
    return raw.strip().lower() if isinstance(raw, str) else raw


def whole_number(raw: object) -> object:
    """Let through what may be a whole number; `true` is none, though Python takes it for 1."""
    if isinstance(raw, bool):
        raise ValueError("has to be a whole number")
    return raw


def _named(raw: object) -> object:
    """Turn a keyed map into the list of named things that it stands for."""
    if raw is None:
        return ()
    if not isinstance(raw, Map):
        return raw
    if "name" in raw and not isinstance(raw["name"], Map):
        return [raw]
    return [named_entry(raw, key, "name") for key in raw]


def _listed(raw: object) -> object:
    if raw is None:
        return ()
    return raw if isinstance(raw, Seq) else [raw]


class _AsRead:
    """Lets a value through as it is: its keys are the author's, its positions are kept."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.any_schema()


def _mapping(raw: object) -> object:
    if raw is None or isinstance(raw, Map):
        return raw
    raise ValueError("has to be a mapping")


Text: TypeAlias = Annotated[str | None, BeforeValidator(_word), Spelled(spellings.text)]
"""A text that may be missing; numbers and booleans are read as they were written."""

Word: TypeAlias = Annotated[str | None, BeforeValidator(_lower)]
"""A keyword, read without regard to case."""

Port: TypeAlias = Annotated[int | None, Field(None, ge=0, le=65535), BeforeValidator(whole_number)]
"""A TCP port; 0 picks a free one."""

Named: TypeAlias = Annotated[tuple[T, ...], BeforeValidator(_named), Spelled(spellings.named)]
"""A list of named things, or the successor's map from name to thing."""

Listed: TypeAlias = Annotated[tuple[T, ...], BeforeValidator(_listed), Spelled(spellings.listed)]
"""A list; a single value stands for a list of one."""

Section: TypeAlias = Annotated[tuple[T, ...], BeforeValidator(_listed), Spelled(spellings.section)]
"""A list or a single entry; a map from namespace to entry has become a list before."""

Free: TypeAlias = Annotated[Map | None, _AsRead(), BeforeValidator(_mapping)]
"""A mapping whose keys the author chooses, kept with its positions."""

Raw: TypeAlias = Annotated[Node, _AsRead()]
"""Any value, kept as it was read."""
