"""The values that flow through a call."""

from __future__ import annotations

import pickle
import time

import pytest

from naftiko_runtime.values import ABSENT, Absent, Deadline


def test_absence_is_false_and_not_the_same_as_null() -> None:
    assert not ABSENT
    assert ABSENT is not None
    assert ABSENT != None  # noqa: E711 - the comparison itself is tested


def test_there_is_one_absence() -> None:
    assert Absent("absent") is ABSENT
    assert pickle.loads(pickle.dumps(ABSENT)) is ABSENT
    assert repr(ABSENT) == "ABSENT"


def test_a_deadline_lies_so_many_seconds_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    deadline = Deadline.after(2.5)
    assert (deadline.at, deadline.remaining()) == (102.5, 2.5)


def test_a_deadline_that_is_over_has_nothing_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    assert Deadline(99.0).remaining() == 0.0
