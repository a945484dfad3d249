"""When files that changed are loaded."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import cast

import pytest

from naftiko_runtime.load.stamps import Stamps
from naftiko_runtime.runtime.fleet import Fleet
from naftiko_runtime.runtime.glances import Glances

_AS_LOADED: Stamps = {Path("a.yaml"): (1, 1, 1, 1)}
_CHANGED: Stamps = {Path("a.yaml"): (2, 2, 2, 2)}


class _Seen:
    """What is seen of files, one glance after the other."""

    stamps = _AS_LOADED

    def __init__(self, seen: Iterable[Stamps | None]) -> None:
        self._seen = iter(seen)

    def glance(self) -> Stamps:
        seen = next(self._seen)
        if seen is None:
            raise OSError(116, "Stale file handle")
        return seen


def _are_due(*seen: Stamps | None) -> list[bool]:
    glances = Glances(cast("Fleet", _Seen(seen)))
    return [glances.are_due() for _ in seen]


def test_files_that_changed_are_due_once_they_stand_still() -> None:
    assert _are_due(_AS_LOADED, _CHANGED, _CHANGED) == [False, False, True]


def test_files_that_can_not_be_seen_for_once_have_not_changed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert not any(_are_due(_AS_LOADED, None, None, _AS_LOADED, None))
    assert [one.getMessage() for one in caplog.records] == [
        "it can't be seen whether files change: [Errno 116] Stale file handle"
    ] * 2


def test_files_that_changed_meanwhile_are_due_when_they_are_seen_again() -> None:
    assert _are_due(_AS_LOADED, None, _CHANGED, _CHANGED) == [False, False, False, True]
