"""Numbers and JSON that arrive as text."""

from __future__ import annotations

import pytest

from naftiko_runtime.plan.checking.json_text import read_integer, read_json, read_number
from naftiko_runtime.values import ABSENT


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-0", 0),
        ("-5", -5),
        ("5.00", 5),
        ("0.0", 0),
        ("5e3", 5000),
        ("50e-1", 5),
        ("1e30", 10**30),
        ("9" * 400, int("9" * 400)),
        ("12345678901234567890.0", 12345678901234567890),
    ],
)
def test_integers_are_read_without_loss(text: str, value: int) -> None:
    assert read_integer(text) == value


@pytest.mark.parametrize(
    "text",
    [
        *("", "+5", "05", "0x5", "5.", ".5", "5 ", "5\n", "1_0", "٣", "five", "true"),
        *("0.5", "0.99999999999999999999", "1e-5", "1e400", "1e999999999", "9" * 5000),
        "5." + "0" * 400,
    ],
)
def test_other_texts_are_no_integers(text: str) -> None:
    assert read_integer(text) is None


@pytest.mark.parametrize(
    ("text", "value"), [("5", 5), ("-5.0", -5.0), ("1.5E+3", 1500.0), ("9" * 30, int("9" * 30))]
)
def test_numbers_are_integers_where_they_are_written_so(text: str, value: float) -> None:
    read = read_number(text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("text", ["", "nan", "inf", "Infinity", "1e999", "1_0", " 5", "٣", "5.\n"])
def test_other_texts_are_no_numbers(text: str) -> None:
    assert read_number(text) is None


def test_json_is_read_without_loss() -> None:
    assert read_json('{"a": [12345678901234567890123, 1.5]}') == {
        "a": [12345678901234567890123, 1.5]
    }
    for text in ("", "{", "NaN", '"\\ud800"', "[" * 2000, "9" * 5000, "\ud800"):
        assert read_json(text) is ABSENT
