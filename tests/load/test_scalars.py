"""Plain scalars: the YAML 1.2 core schema, section 1 of the behaviour ("YAML 1.2-style")."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naftiko_runtime.load.scalars import plain_scalar


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_null_has_five_spellings(text: str) -> None:
    assert plain_scalar(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (word, word.lower() == "true")
        for word in ("true", "True", "TRUE", "false", "False", "FALSE")
    ],
)
def test_booleans_are_true_and_false_alone(text: str, value: bool) -> None:
    assert plain_scalar(text) is value


@pytest.mark.parametrize(
    "word", ["yes", "no", "on", "off", "y", "n", "Yes", "NO", "tRue", "nULL", "None"]
)
def test_the_words_of_yaml_1_1_stay_words(word: str) -> None:
    assert plain_scalar(word) == word


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-7", -7),
        ("+7", 7),
        ("010", 10),
        ("0x1F", 31),
        ("0o17", 15),
        ("1.5", 1.5),
        ("-1.", -1.0),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-2.5E-1", -0.25),
    ],
)
def test_numerals_are_numbers(text: str, value: float) -> None:
    number = plain_scalar(text)
    assert number == value
    assert type(number) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2026-05-19", id="date"),
        pytest.param("1.0.0-alpha2", id="version"),
        pytest.param("12:30:45", id="sexagesimal"),
        pytest.param("1_000", id="underscore"),
        pytest.param("0x", id="hexadecimal-without-digits"),
        pytest.param("0o8", id="octal-with-an-eight"),
        pytest.param("0x1_0", id="hexadecimal-with-underscore"),
        pytest.param("0x\uff11", id="hexadecimal-with-a-wide-digit"),
        pytest.param("\uff11\uff12", id="wide-digits"),
        pytest.param("-0x1F", id="negative-hexadecimal"),
        pytest.param(".", id="point"),
        pytest.param("-", id="minus"),
        pytest.param("+", id="plus"),
        pytest.param(".inf", id="infinity"),
        pytest.param("-.inf", id="negative-infinity"),
        pytest.param(".nan", id="not-a-number"),
        pytest.param("1e999", id="overflow"),
        pytest.param("-1e999", id="negative-overflow"),
        pytest.param("9" * 401, id="absurdly-long"),
    ],
)
def test_what_is_no_json_number_stays_text(text: str) -> None:
    assert plain_scalar(text) == text


def test_long_integers_keep_every_digit() -> None:
    assert plain_scalar("9" * 400) == int("9" * 400)


@given(st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_comes_back_as_it_was_written(number: float) -> None:
    read = plain_scalar(repr(number))
    assert read == number
    assert type(read) is type(number)


@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_no_text_gives_a_number_that_json_lacks(text: str) -> None:
    value = plain_scalar(text)
    assert not isinstance(value, float) or math.isfinite(value)
