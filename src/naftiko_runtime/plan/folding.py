"""Names that differ in spelling only: `{user-id}` and `{user_id}` are one name to their author."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

T = TypeVar("T")

_SEPARATORS = str.maketrans("_.", "--")


def fold(name: str) -> str:
    """Return a name without what spelling varies: case, and `-`, `_`, `.` for one another."""
    return name.casefold().translate(_SEPARATORS)


class NameIndex(Generic[T]):
    """Things by name: found exactly first, then by folded name.

    Names are folded at the first look-up that needs it: most are spelled alike on both sides.
    """

    def __init__(self, items: Iterable[tuple[str, T]] = ()) -> None:
        self._exact: dict[str, T] = {}
        self._folded: dict[str, T] | None = None
        for name, item in items:
            self._exact.setdefault(name, item)

    def add(self, name: str, item: T) -> None:
        """Add a thing; the first one of a name stays."""
        self._exact.setdefault(name, item)
        self._folded = None

    def exactly(self, name: str) -> T | None:
        """Return the thing of exactly this name."""
        return self._exact.get(name)

    def find(self, name: str) -> T | None:
        """Return the thing of this name, or of a name that folds to the same."""
        if name in self._exact:
            return self._exact[name]
        if not self._exact:
            return None
        return self._by_folded_name().get(fold(name))

    def names(self) -> list[str]:
        """Return the names, as they were added."""
        return [*self._exact]

    def __contains__(self, name: str) -> bool:
        return name in self._exact or fold(name) in self._by_folded_name()

    def _by_folded_name(self) -> dict[str, T]:
        if self._folded is None:
            self._folded = {}
            for name, item in self._exact.items():
                self._folded.setdefault(fold(name), item)
        return self._folded
