"""How names in paths, references and parameters are compared (behaviour, section 4.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

_VARIABLE: Final = re.compile(r"\{\{?\s*([^{}]+?)\s*\}?\}")


def variables(path: str) -> tuple[str, ...]:
    """Return the variables of a path template, each once, in order."""
    return tuple(dict.fromkeys(_VARIABLE.findall(path)))


def folded(name: str) -> str:
    """Return a name without what spellings differ in: case, and which of `-`, `_`, `.` is used."""
    return re.sub(r"[-_.]", "-", name).lower()


def same(name: str, among: Iterable[str]) -> str | None:
    """Return the one among names that is meant by a name: exactly, else but for its spelling."""
    names = list(among)
    if name in names:
        return name
    return next((one for one in names if folded(one) == folded(name)), None)


def shape(path: str) -> tuple[str, ...]:
    """Return the segments of a path with their variables made anonymous and spellings folded."""
    return tuple(folded(_VARIABLE.sub("{}", part)) for part in path.split("/") if part)


def route_key(method: str, path: str) -> tuple[str, str]:
    """Return what two routes have in common when no request can tell them apart."""
    return method.upper(), _VARIABLE.sub("{}", path)


def ends_with(whole: Sequence[str], tail: Sequence[str]) -> bool:
    """Return whether a sequence ends with another."""
    return len(tail) <= len(whole) and list(whole[len(whole) - len(tail) :]) == list(tail)


def pieces(path: str) -> list[tuple[str, str | None]]:
    """Return a path template as pairs of literal text and the variable after it, if any."""
    parts = _VARIABLE.split(path)
    return [
        (parts[at], parts[at + 1] if at + 1 < len(parts) else None)
        for at in range(0, len(parts), 2)
    ]
