"""Delimited text, RFC 4180: the first row names the columns, each other row is an object."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final

from naftiko_runtime.execute.formats.charsets import read_text
from naftiko_runtime.execute.formats.format import Decoder, invalid
from naftiko_runtime.values import Json

_FALLBACK: Final = "cp1252"  # what spreadsheets write where no one asked for UTF-8


def delimited_decoder(name: str, delimiter: str) -> Decoder:
    """Return the decoder for one delimiter; all values are texts, as they stand.

    A row with fewer values than there are columns lacks the last ones; one with more is an error.
    """

    def decode(body: bytes, content_type: str | None) -> Json:
        text = read_text(name, body, content_type, fallback=_FALLBACK)
        csv.field_size_limit(max(csv.field_size_limit(), len(text)))
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return list(_objects(name, rows))

    return decode


def _objects(name: str, rows: Iterator[list[str]]) -> Iterator[Json]:
    lines = ((number, row) for number, row in enumerate(rows, 1) if row)
    _, header = next(lines, (0, []))
    for number, row in lines:
        if len(row) > len(header):
            detail = f"row {number} has {len(row)} values, and there are {len(header)} columns"
            raise invalid(name, detail)
        yield {**dict(zip(header, row, strict=False))}
