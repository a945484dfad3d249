"""Whatever callers send: it is read, or refused with a reason; nothing else happens."""

from __future__ import annotations

import contextlib
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
from hypothesis import given
from hypothesis import strategies as st

from naftiko_runtime.errors import CallError
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.mcp.heads import PlainHead
from naftiko_runtime.expose.mcp.plain import PlainReader
from naftiko_runtime.expose.rest.content import decode_content
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.loading import load_capability
from tests.hostile.test_requests import RAW_FRAMES
from tests.runtime.ports import mock, write

_TYPES = st.sampled_from(
    [
        *(b"application/json", b"application/json; charset=utf-16", b"text/plain; charset=x"),
        *(b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=x", b"a/b"),
        *(b"multipart/form-data", b"multipart/form-data; boundary=", b"text/xml", b"", b";=,/"),
    ]
)
_PIECES = st.sampled_from(
    [
        *(b"{", b"}", b"[", b"]", b'"a"', b":", b",", b"1e999", b"-", b"nul", b"\xff", b"\0"),
        *(b"a=b", b"&", b"%", b"%2", b"%ff", b"+", b"--x", b"--x--", b"\r\n", b"\r\n\r\n"),
        *(b'content-disposition: form-data; name="a"', b"content-type: ", b"filename*=utf-8''%ff"),
    ]
)
_BODIES = st.lists(_PIECES, min_size=1, max_size=12).map(b"".join) | st.binary(min_size=1)
_CODINGS = st.sampled_from([None, b"gzip", b"identity", b"x"])

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
_KEYS = st.sampled_from(["jsonrpc", "id", "method", "params", "name", "arguments", "_meta", "x"])
_WORDS = st.sampled_from(["2.0", "tools/call", "tools/list", "a"]) | _VALUES
_FRAMES = st.dictionaries(_KEYS, _WORDS | st.dictionaries(_KEYS, _WORDS)).map(orjson.dumps)

_MARKS = st.sampled_from(["{{", "}}", "{", "}", "$", ".", "a", "env.", "''", " ", "steps.x", "[*]"])
_TEMPLATES = st.lists(_MARKS, max_size=8).map("".join)


@given(body=_BODIES, content_type=st.none() | _TYPES, encoding=_CODINGS)
def test_any_body_of_a_caller_is_read_or_refused(
    body: bytes, content_type: bytes | None, encoding: bytes | None
) -> None:
    with contextlib.suppress(CallError):
        decode_content(body, content_type, encoding, Limits())


@given(
    frame=st.sampled_from(list(RAW_FRAMES.values())) | _FRAMES | _BODIES,
    method=st.none() | st.sampled_from([b"tools/call", b"tools/list", b"\xff"]),
    stateless=st.booleans(),
)
def test_any_frame_is_plain_or_the_sdks(
    frame: bytes, method: bytes | None, stateless: bool
) -> None:
    head = PlainHead(stateless, may_stream=True, method=method, name=b"a")
    request = PlainReader().read(head, frame)
    assert request is None or request.method in ("tools/call", "tools/list")


@given(template=_TEMPLATES)
def test_any_template_is_planned_or_found_fault_with(template: str) -> None:
    text = mock("mock", template.replace("'", "''"), rest=1, mcp=2)
    with TemporaryDirectory() as folder:
        file = write(Path(folder) / "mock.yaml", text)
        loaded = load_capability(file, LoadOptions(environment={}))
    assert loaded.capability is not None or loaded.diagnostics
