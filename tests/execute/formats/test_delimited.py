"""CSV, TSV and PSV bodies."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naftiko_runtime.errors import UpstreamBodyInvalid
from naftiko_runtime.values import Json
from tests.execute.formats.reading import decode


@pytest.mark.parametrize(
    ("raw_format", "text", "value"),
    [
        ("csv", "a,b\n1,x\n2,y\n", [{"a": "1", "b": "x"}, {"a": "2", "b": "y"}]),
        ("tsv", "a\tb\r\n1\tx,y\r\n", [{"a": "1", "b": "x,y"}]),
        ("psv", "a|b\n1|x", [{"a": "1", "b": "x"}]),
        ("csv", 'a,b\n"x, ""y""","two\nlines"\n', [{"a": 'x, "y"', "b": "two\nlines"}]),
        ("csv", "a,b\n 1 , x\n", [{"a": " 1 ", "b": " x"}]),
        ("csv", "a,b,c\n1\n", [{"a": "1"}]),
        ("csv", "a,b\n\n1,2\n\n", [{"a": "1", "b": "2"}]),
        ("csv", "\na,a\n1,2\n", [{"a": "2"}]),
        ("csv", 'a,b\n1,"2', [{"a": "1", "b": "2"}]),
        ("csv", 'a,b\n1"x,\0\r2', [{"a": '1"x', "b": "\0"}, {"a": "2"}]),
        ("csv", "a,b\n,\n", [{"a": "", "b": ""}]),
        ("csv", "a,b\n", []),
        ("csv", "", []),
    ],
)
def test_rows_are_objects_of_texts(raw_format: str, text: str, value: Json) -> None:
    assert decode(raw_format, text.encode(), "text/csv") == value


def test_a_row_with_too_many_values_is_refused() -> None:
    with pytest.raises(UpstreamBodyInvalid) as caught:
        decode("csv", b"a,b\n1,2\n1,2,3\n", None)

    assert "row 3 has 3 values, and there are 2 columns" in caught.value.detail


def test_long_values_are_read() -> None:
    assert decode("csv", b"a\n" + b"x" * 200_000, None) == [{"a": "x" * 200_000}]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("é\né".encode(), None),
        (b"\xef\xbb\xbf\xc3\xa9\n\xc3\xa9", None),
        ("é\né".encode("utf-16"), None),
        ("é\né".encode("cp1252"), None),
        ("é\né".encode("cp437"), "text/csv; charset=cp437"),
    ],
)
def test_charsets_are_honoured(body: bytes, content_type: str | None) -> None:
    assert decode("csv", body, content_type) == [{"é": "é"}]


_CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=4)


@given(st.lists(st.lists(_CELLS, min_size=2, max_size=2), max_size=4))
def test_what_is_written_is_read_again(rows: list[list[str]]) -> None:
    written = io.StringIO()
    csv.writer(written, delimiter="|").writerows([["a", "b"], *rows])

    decoded = decode("psv", written.getvalue().encode(), None)

    assert decoded == [{"a": a, "b": b} for a, b in rows]
