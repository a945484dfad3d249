"""The pages of what is listed, prepared at load. Section 9."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from naftiko_runtime.values import Json

Entry: TypeAlias = dict[str, Json]
"""One thing, as a list shows it."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list.

    Attributes:
        handshake: The result for the revisions with a handshake, until 2025-11-25.
        stateless: The result for the revisions without, from 2026-07-28 on.
    """

    handshake: dict[str, Json]
    stateless: dict[str, Json]


Pages: TypeAlias = Mapping[str | None, Page]
"""What a list method answers, by cursor; the first page has none."""


@dataclass(frozen=True, slots=True)
class Listing:
    """How things are listed.

    Attributes:
        ttl_ms: For how long clients may keep what they get, in milliseconds.
        shared: Whether all callers see the same without proving who they are.
        page_size: How many things a page has; one page holds all by default.
    """

    ttl_ms: int = 0
    shared: bool = True
    page_size: int | None = None

    @property
    def cacheable(self) -> dict[str, Json]:
        """What the newest revision says of results that clients may keep."""
        return {
            "resultType": "complete",
            "ttlMs": self.ttl_ms,
            "cacheScope": "public" if self.shared else "private",
        }

    def pages(
        self, key: str, handshake: Sequence[Entry], stateless: Sequence[Entry] | None = None
    ) -> Pages:
        """Prepare the pages of a list.

        Args:
            key: The list's name in the results, which cursors hold, too.
            handshake: The entries for the revisions with a handshake.
            stateless: The entries for the others, where they differ.
        """
        others = handshake if stateless is None else stateless
        size = self.page_size or max(1, len(handshake))
        pages: dict[str | None, Page] = {}
        for start in range(0, max(1, len(handshake)), size):
            end = start + size
            head = dict(self.cacheable)
            if end < len(handshake):
                head["nextCursor"] = _cursor(key, end)
            pages[_cursor(key, start) if start else None] = Page(
                {**head, key: [*handshake[start:end]]}, {**head, key: [*others[start:end]]}
            )
        return pages


def entry(**members: Json) -> Entry:
    """Return an entry without what is not said."""
    return {name: value for name, value in members.items() if value is not None}


def _cursor(key: str, start: int) -> str:
    """Return an opaque cursor: where a page starts."""
    return base64.urlsafe_b64encode(f"{key}:{start}".encode()).decode()
