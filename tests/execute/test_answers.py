"""From upstream's answers to outcomes: formats, media types, sizes."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.errors import UpstreamBodyInvalid, UpstreamTooLarge
from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.execute.formats import Decoder, decoders
from naftiko_runtime.execute.outcome import Outcome
from naftiko_runtime.execute.upstream.message import Headers, UpstreamResponse
from naftiko_runtime.plan.formats import FormatPlan
from naftiko_runtime.plan.operations import Operation
from tests.documents import load, tool
from tests.upstreams import RecordingClient

_DOCUMENT = """
naftiko: 1.0.0-alpha3
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://upstream.test
    resources:
    - {{path: /x, operations: [{{name: get, method: GET, {operation}}}]}}
  exposes:
  - type: mcp
    namespace: m
    port: 0
    tools:
    - {{name: relayed, description: As it comes, call: api.get}}
    - name: shaped
      description: Shaped
      call: api.get
      outputParameters: [{{type: string, mapping: {mapping}}}]
    - name: stepped
      description: In steps
      steps: [{{type: call, name: one, call: api.get}}]
      mappings: [{{targetName: one, value: $.one}}]
"""


def _unit(folder: Path, name: str, operation: str, mapping: str = "$.name") -> Operation:
    text = _DOCUMENT.format(operation=operation, mapping=mapping)
    return tool(load(folder, text), name).operation


async def _execute(operation: Operation, body: bytes, headers: Headers = ()) -> Outcome:
    client = RecordingClient(lambda _: UpstreamResponse(200, headers, body))
    return await Engine(client).execute(operation, {})


async def test_a_body_is_read_in_its_format(tmp_path: Path) -> None:
    unit = _unit(tmp_path, "shaped", "outputRawFormat: xml")
    outcome = await _execute(unit, b"<ship><name>Star</name></ship>")
    assert (outcome.value, outcome.header(b"content-type")) == ("Star", b"application/json")


async def test_steps_read_formats_too(tmp_path: Path) -> None:
    unit = _unit(tmp_path, "stepped", "outputRawFormat: csv")
    assert (await _execute(unit, b"a,b\n1,2\n")).value == {"one": [{"a": "1", "b": "2"}]}


async def test_a_schema_is_found_beside_the_document(tmp_path: Path) -> None:
    pytest.importorskip("fastavro")
    (tmp_path / "ship.avsc").write_text(
        '{"type": "record", "name": "Ship", "fields": [{"name": "name", "type": "string"}]}'
    )
    unit = _unit(tmp_path, "shaped", "outputRawFormat: avro, outputSchema: ship.avsc")
    assert (await _execute(unit, b"\x08Star")).value == "Star"


async def test_a_decoder_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    decoder_of = decoders.decoder_of

    def counting(plan: FormatPlan) -> Decoder:
        compiled.append(plan.name)
        return decoder_of(plan)

    monkeypatch.setattr(decoders, "decoder_of", counting)
    unit = _unit(tmp_path, "shaped", "outputRawFormat: xml")
    client = RecordingClient(lambda _: UpstreamResponse(200, (), b"<a><name>x</name></a>"))
    engine = Engine(client)
    for _ in range(3):
        assert (await engine.execute(unit, {})).value == "x"
    assert compiled == ["xml"]


async def test_a_decoder_that_can_not_be_compiled_is_upstreams_body_unread(tmp_path: Path) -> None:
    unit = _unit(tmp_path, "shaped", "outputRawFormat: avro, outputSchema: gone.avsc")
    with pytest.raises(UpstreamBodyInvalid, match="its format is not set up"):
        await _execute(unit, b"x")


async def test_a_relayed_body_bears_the_media_type_of_the_document(tmp_path: Path) -> None:
    unit = _unit(tmp_path, "relayed", "outputRawFormat: binary, outputMediaType: image/png")
    outcome = await _execute(unit, b"\x89PNG", ((b"content-type", b"text/plain"), (b"etag", b"1")))
    assert outcome.headers == ((b"content-type", b"image/png"), (b"etag", b"1"))
    assert outcome.body == b"\x89PNG"


async def test_an_error_keeps_its_own_media_type(tmp_path: Path) -> None:
    unit = _unit(tmp_path, "relayed", "outputMediaType: image/png")
    headers = ((b"content-type", b"application/json"),)
    client = RecordingClient(lambda _: UpstreamResponse(404, headers, b"{}"))
    assert (await Engine(client).execute(unit, {})).headers == headers


async def test_binary_without_any_media_type_is_bytes(tmp_path: Path) -> None:
    unit = _unit(tmp_path, "relayed", "outputRawFormat: binary")
    assert (await _execute(unit, b"x")).headers == ((b"content-type", b"application/octet-stream"),)


async def test_binary_keeps_upstreams_media_type(tmp_path: Path) -> None:
    unit = _unit(tmp_path, "relayed", "outputRawFormat: binary")
    headers = ((b"content-type", b"application/pdf"),)
    assert (await _execute(unit, b"x", headers)).headers == headers


async def test_shaping_sees_binary_as_base64(tmp_path: Path) -> None:
    unit = _unit(tmp_path, "shaped", "outputRawFormat: binary", mapping="$")
    assert (await _execute(unit, b"\x00\xff")).value == "AP8="


@pytest.mark.parametrize("name", ["relayed", "shaped", "stepped"])
async def test_a_binary_body_over_its_limit_is_too_large(tmp_path: Path, name: str) -> None:
    unit = _unit(tmp_path, name, "outputRawFormat: binary, maxBinarySize: 2B")
    with pytest.raises(UpstreamTooLarge, match="larger than 2 bytes"):
        await _execute(unit, b"123")
    assert (await _execute(unit, b"12")).status == 200
