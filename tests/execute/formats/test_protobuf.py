"""Protocol Buffers bodies."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.errors import UpstreamBodyInvalid
from naftiko_runtime.execute.formats import Decoder, FormatInvalid, FormatOptions, compile_decoder

pytest.importorskip("google.protobuf")
pytest.importorskip("grpc_tools")

PORT = """
syntax = "proto3";
package ports;
message Port { string city_name = 1; }
"""
SHIP = """
syntax = "proto3";
package ships;
import "port.proto";
import "google/protobuf/timestamp.proto";
enum Kind { UNKNOWN = 0; CARGO = 1; }
message Ship {
  string vessel_name = 1;
  int32 length = 2;
  Kind kind = 3;
  repeated string tags = 4;
  ports.Port home = 5;
  map<string, int32> crew = 6;
  google.protobuf.Timestamp built = 7;
  bytes raw = 8;
}
message Other { int32 id = 1; }
"""
BODY = (
    b"\x0a\x04Star\x10\xb4\x01\x18\x01\x22\x01a\x22\x01b\x2a\x06\x0a\x04Oslo"
    b"\x32\x05\x0a\x01m\x10\x01\x3a\x02\x08\x01\x42\x01\xff"
)


def _decoder(folder: Path, proto: str = SHIP) -> Decoder:
    (folder / "port.proto").write_text(PORT)
    (folder / "ship.proto").write_text(proto)
    return compile_decoder("protobuf", FormatOptions("ship.proto", folder))


def test_the_first_message_of_the_file_is_read(tmp_path: Path) -> None:
    assert _decoder(tmp_path)(BODY, "application/x-protobuf") == {
        "vessel_name": "Star",
        "length": 180,
        "kind": "CARGO",
        "tags": ["a", "b"],
        "home": {"city_name": "Oslo"},
        "crew": {"m": 1},
        "built": "1970-01-01T00:00:01Z",
        "raw": "/w==",
    }


def test_fields_that_are_not_sent_have_their_default_values(tmp_path: Path) -> None:
    assert _decoder(tmp_path)(b"", None) == {
        "vessel_name": "",
        "length": 0,
        "kind": "UNKNOWN",
        "tags": [],
        "crew": {},
        "raw": "",
    }


@pytest.mark.parametrize("body", [b"\x0a\x04St", b"\xff", b"\x0a\x01\xff"])
def test_what_does_not_follow_the_schema_is_refused(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(UpstreamBodyInvalid, match="not valid Protocol Buffers"):
        _decoder(tmp_path)(body, None)


def test_a_schema_that_is_missing_or_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatInvalid, match="Protocol Buffers needs 'outputSchema'"):
        compile_decoder("protobuf")
    with pytest.raises(FormatInvalid, match="there is no schema"):
        compile_decoder("protobuf", FormatOptions("none.proto", tmp_path))
    with pytest.raises(FormatInvalid, match="can't be compiled"):
        _decoder(tmp_path, "message {")
    with pytest.raises(FormatInvalid, match="has no message"):
        _decoder(tmp_path, 'syntax = "proto3";')
