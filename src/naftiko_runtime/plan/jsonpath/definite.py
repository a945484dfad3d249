"""Paths that lead to one value at most, as closures."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, TypeAlias

from naftiko_runtime.plan.jsonpath.path import Find
from naftiko_runtime.plan.jsonpath.segments import Index, Length, Name
from naftiko_runtime.values import ABSENT, Absent, Json, Value

DefiniteSegment: TypeAlias = Name | Index | Length

_LEADS_NOWHERE: Final = (LookupError, TypeError)
"""What Python raises where an object, a list or anything else has no such part."""


def compile_definite(segments: Sequence[DefiniteSegment]) -> Find:
    """Compile names and indexes, the last of which may be `length()`, to one function."""
    if not segments:
        return _whole
    if isinstance(segments[-1], Length):
        return _length_of(compile_definite(segments[:-1]))
    if any(isinstance(one, Name) and one.position is not None for one in segments):
        return _in_turn([_step(one) for one in segments])
    keys = [one.name for one in segments if isinstance(one, Name)]
    if len(keys) == len(segments) == 1:
        return _member(*keys)
    if len(keys) == len(segments) == 2:
        return _two_members(*keys)
    return _chain([_key(one) for one in segments])


def _whole(value: Json) -> Value:
    return value


def _key(segment: DefiniteSegment) -> str | int:
    assert not isinstance(segment, Length)  # it comes last, and is dealt with
    return segment.name if isinstance(segment, Name) else segment.position


def _member(name: str) -> Find:
    return lambda value: value.get(name, ABSENT) if isinstance(value, dict) else ABSENT


def _two_members(outer: str, inner: str) -> Find:
    def find(value: Json) -> Value:
        if isinstance(value, dict):
            value = value.get(outer)
            if isinstance(value, dict):
                return value.get(inner, ABSENT)
        return ABSENT

    return find


def _chain(keys: Sequence[str | int]) -> Find:
    """Compile names and indexes: Python's own subscription, as far as JSON means the same by it."""
    if _reads_characters(keys):
        return _careful_chain(keys)
    if len(keys) == 3:
        return _chain_of_three(*keys)
    if len(keys) == 4:
        return _chain_of_four(*keys)
    return _careful_chain(keys)


def _reads_characters(keys: Sequence[str | int]) -> bool:
    """Return whether an index could reach into a text unnoticed: no name behind it fails there."""
    return any(isinstance(key, int) for key in keys[-1:]) or any(
        isinstance(key, int) and isinstance(after, int) for key, after in pairwise(keys)
    )


def _chain_of_three(a: str | int, b: str | int, c: str | int) -> Find:
    def find(value: Json) -> Value:
        try:
            return value[a][b][c]  # type: ignore[index]  # others raise TypeError
        except _LEADS_NOWHERE:
            return ABSENT

    return find


def _chain_of_four(a: str | int, b: str | int, c: str | int, d: str | int) -> Find:
    def find(value: Json) -> Value:
        try:
            return value[a][b][c][d]  # type: ignore[index]  # others raise TypeError
        except _LEADS_NOWHERE:
            return ABSENT

    return find


def _careful_chain(keys: Sequence[str | int]) -> Find:
    keys = tuple(keys)

    def find(value: Json) -> Value:
        try:
            for key in keys:
                if isinstance(value, str):  # alone among scalars it has items in Python
                    return ABSENT
                value = value[key]  # type: ignore[index]  # others raise TypeError
        except _LEADS_NOWHERE:
            return ABSENT
        return value

    return find


def _in_turn(steps: Sequence[Find]) -> Find:
    def find(value: Json) -> Value:
        found: Value = value
        for step in steps:
            if isinstance(found, Absent):
                return ABSENT
            found = step(found)
        return found

    return find


def _step(segment: DefiniteSegment) -> Find:
    if isinstance(segment, Name) and segment.position is not None:
        return _member_or_item(segment.name, segment.position)
    return compile_definite([segment])


def _member_or_item(name: str, position: int) -> Find:
    def find(value: Json) -> Value:
        if isinstance(value, list):
            return value[position] if position < len(value) else ABSENT
        return value.get(name, ABSENT) if isinstance(value, dict) else ABSENT

    return find


def _length_of(inner: Find) -> Find:
    def find(value: Json) -> Value:
        found = inner(value)
        return len(found) if isinstance(found, (list, dict, str)) else ABSENT

    return find
