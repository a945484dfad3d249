"""Checks of arrays and objects. JSON text that stands for one is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from naftiko_runtime.plan.checking.json_text import read_json
from naftiko_runtime.plan.checking.mismatch import MOST_PROBLEMS, Misfit, Mismatch
from naftiko_runtime.plan.checking.types import Check
from naftiko_runtime.values import Json


def array(item: Check | None, *, wraps: bool = False) -> Check:
    """Compile the check of an array.

    Args:
        item: The check of its items, if they have one.
        wraps: Whether a text that is no JSON array stands for an array of that one text, as it
            does where names are repeated for each item.
    """

    def check(value: Json) -> Json:
        if isinstance(value, str):
            value = _array_in(value, wraps)
        if not isinstance(value, list):
            raise Mismatch.of("has to be an array", value)
        return value if item is None else _checked_items(value, item)

    return check


def _array_in(text: str, wraps: bool) -> Json:
    read = read_json(text) if text.lstrip().startswith("[") else None
    if isinstance(read, list):
        return read
    return [text] if wraps else text


def _checked_items(items: list[Json], check: Check) -> list[Json]:
    checked: list[Json] = []
    misfits: list[Misfit] = []
    for index, value in enumerate(items):
        try:
            checked.append(check(value))
        except Mismatch as mismatch:
            misfits += mismatch.under(index)
            if len(misfits) >= MOST_PROBLEMS:
                break
    if misfits:
        raise Mismatch(misfits)
    return checked


def object_(members: Mapping[str, Check], required: Sequence[str]) -> Check:
    """Compile the check of an object.

    Args:
        members: The checks of its members by name; other members are let through.
        required: The members that it has to have.
    """

    def check(value: Json) -> Json:
        if isinstance(value, str):
            value = _object_in(value)
        if not isinstance(value, dict):
            raise Mismatch.of("has to be an object", value)
        return _checked_members(value, members, required) if members or required else value

    return check


def _object_in(text: str) -> Json:
    read = read_json(text) if text.lstrip().startswith("{") else None
    return read if isinstance(read, dict) else text


def _checked_members(
    given: dict[str, Json], members: Mapping[str, Check], required: Sequence[str]
) -> dict[str, Json]:
    checked = given.copy()
    misfits = [Misfit("is required", path=(name,)) for name in required if name not in given]
    for name, check in members.items():
        if name in given:
            try:
                checked[name] = check(given[name])
            except Mismatch as mismatch:
                misfits += mismatch.under(name)
    if misfits:
        raise Mismatch(misfits)
    return checked
