"""Tables of documents to lists of objects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, repeat

from naftiko_runtime.values import Json


def has_headers(headers: Sequence[str]) -> bool:
    """Return whether a table has headers at all; without them its rows have no names."""
    return any(headers)


def row_objects(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> list[Json]:
    """Return the rows as objects; what a row lacks is an empty text, what it has too much goes."""
    return [{**dict(zip(headers, chain(row, repeat("")), strict=False))} for row in rows]


def squeezed(text: str) -> str:
    """Return a text whose white space is single spaces, as a browser shows it."""
    return " ".join(text.split())
