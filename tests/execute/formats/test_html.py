"""HTML bodies."""

from __future__ import annotations

import pytest

from naftiko_runtime.execute.formats import FormatInvalid, FormatOptions, compile_decoder
from naftiko_runtime.values import Json
from tests.execute.formats.reading import decode

pytest.importorskip("selectolax")

SHIPS = """
<table><thead><tr><th>Name</th><th> Flag
 state </th></tr></thead>
<tbody>
  <tr><td>Northern <b>Star</b></td><td>NO</td></tr>
  <tr><td>Lone</td></tr>
  <tr><td>Much</td><td>FI</td><td>surplus</td></tr>
  <tr><th>row header</th><td>skipped</td></tr>
  <tr></tr>
</tbody></table>"""
ROWS: Json = [
    {"Name": "Northern Star", "Flag state": "NO"},
    {"Name": "Lone", "Flag state": ""},
    {"Name": "Much", "Flag state": "FI"},
]


def _tables(html: str, selector: str | None = None) -> Json:
    decoded = decode("html", html.encode(), "text/html", FormatOptions(selector))
    assert isinstance(decoded, dict)
    assert list(decoded) == ["tables"]
    return decoded["tables"]


def test_tables_are_lists_of_rows_by_header() -> None:
    assert _tables(SHIPS) == [ROWS]


def test_without_a_head_the_first_row_names_the_columns() -> None:
    assert _tables("<table><tr><th>a<th>b<tr><td>1<td>2<tr><td>3</table>") == [
        [{"a": "1", "b": "2"}, {"a": "3", "b": ""}]
    ]


def test_a_table_without_a_body_has_the_rows_of_its_other_parts() -> None:
    html = "<table><thead><tr><th>a</th></tr><tr><td>1</td></tr></thead></table>"

    assert _tables(html) == [[{"a": "1"}]]


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<p>no table</p>",
        "<table></table>",
        "<table><tr><td>1</td></tr></table>",
        "<table><tr><th> </th><th></th></tr><tr><td>1</td><td>2</td></tr></table>",
    ],
)
def test_tables_without_headers_are_skipped(html: str) -> None:
    assert _tables(html) == []


def test_a_table_inside_another_is_one_of_its_own() -> None:
    inner = "<table><tr><th>b</th></tr><tr><td>2</td></tr></table>"
    html = f"<table><tr><th>a</th></tr><tr><td>1 {inner}</td></tr></table>"

    assert _tables(html) == [[{"a": "1 b2"}], [{"b": "2"}]]


def test_a_selector_picks_tables_or_what_they_are_inside_of() -> None:
    html = "".join(
        f"<div id=d{n}><table class=t{n}><tr><th>n</th></tr><tr><td>{n}</td></tr></table></div>"
        for n in (1, 2, 3)
    )

    assert _tables(html, "table.t2") == [[{"n": "2"}]]
    assert _tables(html, "#d3") == [[{"n": "3"}]]
    assert _tables(html, "#d3, table, .t1") == [[{"n": "1"}], [{"n": "2"}], [{"n": "3"}]]
    assert _tables(html, ".none") == []


def test_a_selector_that_is_none_is_refused() -> None:
    with pytest.raises(FormatInvalid, match="'div\\[' is no CSS selector"):
        compile_decoder("html", FormatOptions("div["))


@pytest.mark.parametrize(
    ("start", "charset", "content_type"),
    [
        ("", "utf-8", None),
        ("", "cp1252", None),
        ("<meta charset=iso-8859-2>", "iso-8859-2", "text/html"),
        ("<META content='text/html; charset=koi8-r'>", "utf-8", "text/html; charset=utf-8"),
    ],
)
def test_charsets_are_honoured(start: str, charset: str, content_type: str | None) -> None:
    html = f"{start}<table><tr><th>é</th></tr><tr><td>é</td></tr></table>"

    assert decode("html", html.encode(charset), content_type) == {"tables": [[{"é": "é"}]]}


def test_deep_nesting_does_no_harm() -> None:
    html = "<table><tr><th>a<tr><td>" + "<b>" * 50_000 + "x"

    assert _tables(html) == [[{"a": "x"}]]
