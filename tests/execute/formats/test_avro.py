"""Avro bodies."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from naftiko_runtime.errors import UpstreamBodyInvalid
from naftiko_runtime.execute.formats import Decoder, FormatInvalid, FormatOptions, compile_decoder
from naftiko_runtime.values import Json

fastavro = pytest.importorskip("fastavro")

SHIP: dict[str, Any] = {
    "type": "record",
    "name": "Ship",
    "namespace": "ships",
    "fields": [
        {"name": "name", "type": "string"},
        {"name": "length", "type": ["null", "double"]},
        {"name": "raw", "type": "bytes"},
        {"name": "ports", "type": {"type": "array", "items": "string"}},
        {"name": "crew", "type": {"type": "map", "values": "long"}},
        {"name": "built", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 4}},
        {"name": "home", "type": {"type": "record", "name": "Port", "fields": []}},
        {"name": "next", "type": "ships.Port"},
    ],
}
VALUE: dict[str, Any] = {
    "name": "Star",
    "length": 180.5,
    "raw": b"\x00\xff",
    "ports": ["Oslo"],
    "crew": {"masters": 1},
    "built": datetime(2020, 1, 2, tzinfo=UTC),
    "price": Decimal(12),
    "home": {},
    "next": {},
}
DECODED: Json = {
    "name": "Star",
    "length": 180.5,
    "raw": "AP8=",
    "ports": ["Oslo"],
    "crew": {"masters": 1},
    "built": "2020-01-02T00:00:00+00:00",
    "price": "12",
    "home": {},
    "next": {},
}


def _decoder(folder: Path, schema: object) -> Decoder:
    (folder / "ship.avsc").write_text(json.dumps(schema))
    return compile_decoder("avro", FormatOptions("ship.avsc", folder))


def _datum() -> bytes:
    written = io.BytesIO()
    fastavro.schemaless_writer(written, fastavro.parse_schema(SHIP), VALUE)
    return written.getvalue()


def test_a_datum_is_read_by_its_schema(tmp_path: Path) -> None:
    assert _decoder(tmp_path, SHIP)(_datum(), "avro/binary") == DECODED


def test_a_container_file_is_a_list_of_records(tmp_path: Path) -> None:
    written = io.BytesIO()
    fastavro.writer(written, fastavro.parse_schema(SHIP), [VALUE, VALUE], codec="deflate")

    assert _decoder(tmp_path, SHIP)(written.getvalue(), None) == [DECODED, DECODED]


@pytest.mark.parametrize("body", [b"", b"\x08St", _datum()[:-3], _datum() + b"\x00", b"Obj\x01"])
def test_what_does_not_follow_the_schema_is_refused(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(UpstreamBodyInvalid, match="not valid Avro"):
        _decoder(tmp_path, SHIP)(body, None)


_LIST = {"type": "record", "name": "N", "fields": [{"name": "next", "type": ["null", "N"]}]}


@pytest.mark.parametrize(
    "schema",
    [
        _LIST,
        {"type": "array", "items": _LIST},
        {"type": "map", "values": _LIST},
        {"type": "record", "name": "A", "fields": [{"name": "b", "type": _LIST}]},
    ],
)
def test_a_recursive_schema_is_refused(tmp_path: Path, schema: object) -> None:
    with pytest.raises(FormatInvalid, match="is recursive"):
        _decoder(tmp_path, schema)


def test_a_schema_that_is_missing_or_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatInvalid, match="Avro needs 'outputSchema', the path of its schema"):
        compile_decoder("avro")
    with pytest.raises(FormatInvalid, match="there is no schema"):
        compile_decoder("avro", FormatOptions("none.avsc", tmp_path))
    with pytest.raises(FormatInvalid, match="is no Avro schema"):
        _decoder(tmp_path, {"type": "nothing"})


def test_scalars_and_unions_are_schemas_too(tmp_path: Path) -> None:
    assert _decoder(tmp_path, "string")(b"\x02a", None) == "a"
    assert _decoder(tmp_path, ["null", "string"])(b"\x02\x02a", None) == "a"
