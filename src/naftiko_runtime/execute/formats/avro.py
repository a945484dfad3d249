"""Avro, one datum or an object container file; needs the extra `avro`."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Final, Protocol

from naftiko_runtime.execute.formats.format import (
    Decoder,
    FormatInvalid,
    FormatOptions,
    invalid,
    schema_file,
)
from naftiko_runtime.values import Json

_CONTAINER: Final = b"Obj\x01"
_NAME: Final = "Avro"


class _Avro(Protocol):
    """What is used of fastavro."""

    def parse_schema(self, schema: Json, /) -> Json: ...

    def schemaless_reader(self, fo: io.BytesIO, schema: Json, reader: None, /) -> object: ...

    def reader(self, fo: io.BytesIO, schema: Json, /) -> Iterable[object]: ...


def avro_decoder(options: FormatOptions) -> Decoder:
    """Return the decoder of one schema: an `.avsc` file.

    Bytes become base64, dates ISO 8601 and decimals text. The records of an object container file
    become a list.

    Raises:
        FormatInvalid: There is no schema, or it is none, or it is recursive: what would be read by
            it could be nested without bound.
    """
    avro: _Avro = import_module("fastavro")
    schema = _schema(avro, options)

    def decode(body: bytes, _: str | None) -> Json:
        stream = io.BytesIO(body)
        try:
            if body.startswith(_CONTAINER):
                return [_json(record) for record in avro.reader(stream, schema)]
            value = _json(avro.schemaless_reader(stream, schema, None))
        except Exception as error:
            raise invalid(_NAME, "it does not follow its schema") from error
        if stream.read(1):
            raise invalid(_NAME, "there is more than the schema describes")
        return value

    return decode


def _schema(avro: _Avro, options: FormatOptions) -> Json:
    file = schema_file(options, _NAME)
    try:
        declared = json.loads(file.read_text())
        schema = avro.parse_schema(declared)
    except Exception as error:
        raise FormatInvalid(f"{file} is no Avro schema: {error}") from error
    if _is_recursive(schema, frozenset()):
        raise FormatInvalid(f"the Avro schema {file} is recursive")
    return schema


def _is_recursive(schema: Json, open_names: frozenset[str]) -> bool:
    """Return whether a type is used inside itself; the schema's names are full ones."""
    if isinstance(schema, str):
        return schema in open_names
    if isinstance(schema, list):
        return any(_is_recursive(one, open_names) for one in schema)
    return isinstance(schema, dict) and any(
        _is_recursive(one, open_names | {str(schema.get("name"))}) for one in _inner(schema)
    )


def _inner(schema: dict[str, Json]) -> Iterator[Json]:
    """Yield the types inside one, as `parse_schema` has them."""
    fields = schema.get("fields")
    yield from (schema[key] for key in ("items", "values") if key in schema)
    yield from (one.get("type") for one in _listed(fields) if isinstance(one, dict))


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _json(value: object) -> Json:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, dict):
        return {str(key): _json(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json(one) for one in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(getattr(value, "isoformat", lambda: value)())
