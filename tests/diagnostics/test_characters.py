from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naftiko_runtime.diagnostics.characters import one_line, shown, width


@pytest.mark.parametrize(
    ("character", "expected"),
    [
        ("a", "a"),
        ("\t", "    "),
        ("\x1b", "\\x1b"),
        ("\x00", "\\x00"),
        ("\x7f", "\\x7f"),
        ("\x9b", "\\x9b"),
        ("\u202e", "\\u202e"),
        ("\u2066", "\\u2066"),
        ("\u200b", "\\u200b"),
        ("\ufeff", "\\ufeff"),
        ("\udcff", "\\udcff"),
        ("\u200d", "\u200d"),
        ("船", "船"),
    ],
)
def test_a_character_that_acts_is_shown_as_its_escape(character: str, expected: str) -> None:
    assert shown(character) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one line", "one line"),
        ("two\nlines", "two lines"),
        ("with\r\n\r\n   blank ones\u2028between\x85", "with blank ones between"),
        ("\n\n", ""),
        ("a\x1b[31mb\x07", "a\\x1b[31mb\\x07"),
    ],
)
def test_a_text_becomes_one_line(text: str, expected: str) -> None:
    assert one_line(text) == expected


@given(st.text(st.characters()))
def test_no_text_keeps_a_character_that_acts(text: str) -> None:
    categories = {unicodedata.category(one) for one in one_line(text) if one not in "\u200c\u200d"}
    assert not categories & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("text", "columns"),
    [("", 0), ("abc", 3), ("船長", 4), ("e\u0301", 1), ("\U0001f6a2", 2), ("क\u200dष", 2)],
)
def test_width_is_counted_in_terminal_columns(text: str, columns: int) -> None:
    assert width(text) == columns
