"""Checks JSON values against the typed dictionaries that declare them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType, NoneType, UnionType
from typing import (
    Final,
    Literal,
    Protocol,
    TypeVar,
    cast,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from polytomic_sandbox.documents import Uuid
from polytomic_sandbox.errors import BadRequest, Unprocessable

Shape = TypeVar("Shape")

UUID_PATTERN: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

KINDS: Final[Mapping[object, str]] = MappingProxyType(
    {str: "a string", bool: "a boolean", dict: "an object", list: "a list"}
)


class _TypedDictClass(Protocol):
    __required_keys__: frozenset[str]


def conform(value: object, shape: type[Shape]) -> Shape:
    """Return the value as what the shape declares; a null counts as left out.

    Args:
        value: Any JSON value.
        shape: A `TypedDict` class of `documents`.

    Raises:
        BadRequest: A value has the wrong type.
        Unprocessable: Required members are missing (all are named), or a value is none of those
            that are allowed.
    """
    missing = list(_missing(value, shape, ""))
    if missing:
        raise Unprocessable(
            f"missing required fields: {', '.join(missing)}", metadata={"missing": missing}
        )
    return cast("Shape", value)


def is_uuid(text: str) -> bool:
    """Tell whether the text is a UUID, written with hyphens (RFC 9562, section 4)."""
    return UUID_PATTERN.fullmatch(text) is not None


def _missing(value: object, shape: object, path: str) -> Iterator[str]:
    """Yield the paths of required members that are missing, while checking all others."""
    origin = get_origin(shape)
    if is_typeddict(shape):
        yield from _missing_members(value, shape, path)
    elif origin is UnionType:
        (alternative,) = (each for each in get_args(shape) if each is not NoneType)
        yield from _missing(value, alternative, path)
    elif origin is list:
        yield from _missing_in_items(value, get_args(shape)[0], path)
    elif origin is Literal:
        _require_choice(value, get_args(shape), path)
    else:
        _require_kind(value, origin or shape, path)


def _missing_members(value: object, shape: object, path: str) -> Iterator[str]:
    _require_kind(value, dict, path)
    document = cast("dict[str, object]", value)
    required = cast("_TypedDictClass", shape).__required_keys__
    for name, member in get_type_hints(shape).items():
        member_path = f"{path}.{name}" if path else name
        if document.get(name) is not None:
            yield from _missing(document[name], member, member_path)
        elif name in required:
            yield member_path


def _missing_in_items(value: object, item: object, path: str) -> Iterator[str]:
    _require_kind(value, list, path)
    for index, each in enumerate(cast("list[object]", value)):
        yield from _missing(each, item, f"{path}[{index}]")


def _require_choice(value: object, choices: tuple[object, ...], path: str) -> None:
    _require_kind(value, str, path)
    if value not in choices:
        raise Unprocessable(f"{path} must be one of {', '.join(map(str, choices))}")


def _require_kind(value: object, kind: object, path: str) -> None:
    if kind is Uuid:
        if not (isinstance(value, str) and is_uuid(value)):
            raise BadRequest(f"{path} must be a UUID")
    elif not isinstance(value, cast("type", kind)):
        raise BadRequest(f"{path or 'the body'} must be {KINDS[kind]}")
