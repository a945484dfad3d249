from __future__ import annotations

import io

import pytest

from naftiko_runtime.cli.terminal import columns, may_colour


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colours_are_for_terminals_that_want_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert may_colour(Terminal())
    assert not may_colour(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not may_colour(Terminal())


def test_columns_stand_below_each_other() -> None:
    assert columns([("a", "bbb", ""), ("aaa", "b", "c")]) == ["  a    bbb", "  aaa  b    c"]
    assert columns([]) == []
