from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naftiko_runtime.diagnostics.characters import width
from naftiko_runtime.diagnostics.excerpt import Excerpt, excerpt


def test_a_line_that_fits_is_shown_whole() -> None:
    assert excerpt("call: shop.list", 6, room=20) == Excerpt("call: shop.list", 6)


def test_the_caret_moves_with_tabs_wide_and_combining_characters() -> None:
    assert excerpt("\ta船e\u0301: x", 6, room=40) == Excerpt("    a船e\u0301: x", 9)


def test_the_caret_moves_with_escaped_controls() -> None:
    assert excerpt("a\x1b[0m: x", 5, room=40) == Excerpt("a\\x1b[0m: x", 8)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (0, Excerpt("0123456789…", 0)),
        (2, Excerpt("0123456789…", 2)),
        (15, Excerpt("…0123456789…", 6)),
        (28, Excerpt("…0123456789", 9)),
        (30, Excerpt("…0123456789", 11)),
    ],
)
def test_a_long_line_is_cut_around_the_caret(column: int, expected: Excerpt) -> None:
    assert excerpt("0123456789" * 3, column, room=10) == expected


def test_a_caret_past_the_end_stands_at_the_end() -> None:
    assert excerpt("ab", 99, room=10) == Excerpt("ab", 2)


@given(st.text(), st.integers(0, 300), st.integers(8, 60))
def test_an_excerpt_never_outgrows_its_room(line: str, column: int, room: int) -> None:
    shown = excerpt(line, column, room)
    assert width(shown.text) <= room + 2
    assert 0 <= shown.caret <= width(shown.text)
