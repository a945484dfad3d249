"""What holds for any body: it is decoded to JSON, or refused as upstream's fault."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from naftiko_runtime.errors import UpstreamBodyInvalid
from naftiko_runtime.execute.formats import missing_extra
from naftiko_runtime.values import ABSENT, Value
from tests.execute.formats.reading import decode

_PIECES = st.sampled_from(
    [b"---\n", b"a: ", b"- ", b"| a |\n", b"|-|\n", b"# h\n", b"<a>", b"</a>", b"<table><tr><th>x"]
)
_BODIES = st.binary(max_size=60) | st.lists(_PIECES | st.binary(max_size=5)).map(b"".join)
_CONTENT_TYPES = st.none() | st.sampled_from(
    ["text/html", "a/b; charset=utf-8", "a/b;charset=latin-1", "a/b; charset=", "a/b; charset=x\0"]
)

_FORMATS = ("json", "xml", "csv", "tsv", "psv", "yaml", "html", "markdown", "binary")


@pytest.mark.parametrize("raw_format", [one for one in _FORMATS if missing_extra(one) is None])
@given(body=_BODIES, content_type=_CONTENT_TYPES)
@example(body=b"\xff\xfe\x00", content_type=None)
@example(body=b"\x00\x00\xfe\xff", content_type=None)
def test_any_body_is_decoded_or_refused(
    raw_format: str, body: bytes, content_type: str | None
) -> None:
    decoded = _decoded(raw_format, body, content_type)

    assert decoded is ABSENT or json.dumps(decoded, ensure_ascii=False).encode()


def _decoded(raw_format: str, body: bytes, content_type: str | None) -> Value:
    try:
        return decode(raw_format, body, content_type)
    except UpstreamBodyInvalid:
        return ABSENT
