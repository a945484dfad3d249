"""The tables of HTML pages; needs the extra `html`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Final, Protocol

from naftiko_runtime.execute.formats.charsets import read_text
from naftiko_runtime.execute.formats.format import Decoder, FormatInvalid, FormatOptions
from naftiko_runtime.execute.formats.tables import has_headers, row_objects, squeezed
from naftiko_runtime.values import Json

_META: Final = re.compile(rb"""(?i:<meta[^>]{0,200}?charset)\s*=\s*["']?\s*([A-Za-z0-9._:-]+)""")
_FALLBACK: Final = "cp1252"  # HTML, section 13.2.3.2
_PRESCANNED: Final = 1024


class _Node(Protocol):
    """An element, as selectolax has it."""

    @property
    def tag(self) -> str: ...

    @property
    def mem_id(self) -> int: ...

    def css(self, query: str, /) -> list[_Node]: ...

    def iter(self) -> Iterator[_Node]: ...

    def text(self) -> str: ...


class _Parse(Protocol):
    def __call__(self, html: str, /) -> _Node: ...


def html_decoder(options: FormatOptions) -> Decoder:
    """Return the decoder of a page's tables: `{"tables": [[{header: text}]]}`.

    Args:
        options: `schema` is a CSS selector: of tables, or of what they are inside of.

    Raises:
        FormatInvalid: The selector is none.
    """
    parse: _Parse = import_module("selectolax.lexbor").LexborHTMLParser
    if options.schema:
        _check(parse, options.schema)

    def decode(body: bytes, content_type: str | None) -> Json:
        declared = _META.search(body[:_PRESCANNED])
        charset = declared[1].decode() if declared else None
        page = parse(read_text("HTML", body, content_type, charset, _FALLBACK))
        tables = _wanted(page, options.schema) if options.schema else page.css("table")
        return {"tables": [rows for table in tables for rows in _tables(table)]}

    return decode


def _wanted(page: _Node, selector: str) -> list[_Node]:
    """Return the tables that a selector picks and those inside what it picks, in their order."""
    queries = (f"table:is({selector})", f":is({selector}) table")
    wanted = {table.mem_id for query in queries for table in page.css(query)}
    return [table for table in page.css("table") if table.mem_id in wanted]


def _check(parse: _Parse, selector: str) -> None:
    try:
        parse("").css(selector)
    except Exception as error:
        raise FormatInvalid(f"'{selector}' is no CSS selector") from error


def _tables(table: _Node) -> Iterator[list[Json]]:
    """Yield the rows of a table, unless it has no headers."""
    rows = [(part.tag, row) for part in table.iter() for row in part.iter() if row.tag == "tr"]
    in_head = [row for tag, row in rows if tag == "thead"]
    in_body = [row for tag, row in rows if tag == "tbody"] or [row for _, row in rows]
    first = next(iter(in_head or [row for _, row in rows]), None)
    headers = _cells(first, "th") if first is not None else []
    if has_headers(headers):
        cells = [_cells(row, "td") for row in in_body if not _cells(row, "th")]
        yield row_objects(headers, [row for row in cells if row])


def _cells(row: _Node, tag: str) -> list[str]:
    return [squeezed(cell.text()) for cell in row.iter() if cell.tag == tag]
