"""The page on security names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "security.md"


def test_every_test_that_the_page_names_exists() -> None:
    named = re.findall(r"`(tests/[^`]+)`", PAGE.read_text("utf-8"))
    assert named
    assert not [one for one in named if not (ROOT / one).is_file()]


@pytest.mark.parametrize("room", ["expose/callers", "execute/credentials", "leaks"])
def test_every_test_of_a_room_is_named(room: str) -> None:
    text = PAGE.read_text("utf-8")
    files = sorted((ROOT / "tests" / room).glob("test_*.py"))
    assert files
    assert not [file.name for file in files if file.name not in text]
