"""The page on security names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "security.md"


def test_every_test_that_the_page_names_exists() -> None:
    named = re.findall(r"`(tests/[^`]+)`", PAGE.read_text("utf-8"))
    assert named
    assert not [one for one in named if not (ROOT / one).is_file()]


def test_every_test_of_callers_is_named() -> None:
    text = PAGE.read_text("utf-8")
    files = sorted((ROOT / "tests" / "expose" / "callers").glob("test_*.py"))
    assert not [file.name for file in files if file.name not in text]
