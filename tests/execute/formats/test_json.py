"""JSON bodies."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naftiko_runtime.errors import UpstreamBodyInvalid
from naftiko_runtime.values import Json
from tests.execute.formats.reading import decode

_JSON = "application/json"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    )
)
def test_json_is_what_it_says(value: Json) -> None:
    assert decode("json", json.dumps(value, ensure_ascii=False).encode(), _JSON) == value


@pytest.mark.parametrize("body", [b"", b" \n"])
def test_nothing_is_null(body: bytes) -> None:
    assert decode("json", body, None) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[123456789012345678901234567890]", [123456789012345678901234567890]),
        ('["123456789012345678901234567890"]', ["123456789012345678901234567890"]),
        ("[0.1234567890123456789012345]", [0.1234567890123456789012345]),
        ("[12345678901234567890.5]", [12345678901234567890.5]),
    ],
)
def test_integers_are_exact_however_long(text: str, value: Json) -> None:
    decoded = decode("json", text.encode(), None)

    assert decoded == value
    assert isinstance(decoded, list)
    assert isinstance(value, list)
    assert type(decoded[0]) is type(value[0])


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ('{"a": "é"}'.encode(), None),
        ('{"a": "é"}'.encode(), "application/json; charset=UTF-8"),
        (b'\xef\xbb\xbf{"a": "\xc3\xa9"}', _JSON),
        ('{"a": "é"}'.encode("latin-1"), "application/json;charset=iso-8859-1"),
        ('{"a": "é"}'.encode("cp1252"), 'application/json; charset="windows-1252"'),
        ('{"a": "é"}'.encode("utf-16"), None),
        ('{"a": "é"}'.encode("utf-16-le"), "application/json; charset=utf-16le"),
        ('{"a": "é"}'.encode("utf-32"), None),
    ],
)
def test_charsets_are_honoured(body: bytes, content_type: str | None) -> None:
    assert decode("json", body, content_type) == {"a": "é"}


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"<html>", None, "not valid JSON"),
        (b'{"a": 1', None, "not valid JSON"),
        (b"[1] x", None, "not valid JSON"),
        (b"[NaN]", None, "not valid JSON"),
        (b'["\xff"]', None, "not valid JSON"),
        (b"[" + b"1" * 5000 + b"]", None, "not valid JSON"),
        (b"[" * 2000 + b"]" * 2000, None, "not valid JSON"),
        (b"[" * 501 + b"]" * 501, None, "nested deeper than 500 levels"),
        (b'{"a":' * 501 + b"1" + b"}" * 501, None, "nested deeper than 500 levels"),
        (b"{}", "application/json; charset=klingon", "its charset 'klingon' is not known"),
        (b"{}", "application/json; charset=base64", "its charset 'base64' is not known"),
        (b"{}", "application/json; charset=idna", "its charset 'idna' is not known"),
        (b"{}", "application/json; charset=a\0b", "is not known"),
        (b"\xff\xfe{", None, "its bytes are not utf-16 text"),
    ],
)
def test_what_is_no_json_is_refused(body: bytes, content_type: str | None, reason: str) -> None:
    with pytest.raises(UpstreamBodyInvalid) as caught:
        decode("json", body, content_type)

    assert reason in caught.value.detail


@pytest.mark.parametrize(
    "value",
    [
        json.loads("[" * 500 + "]" * 500),
        [[[0]]] * 600,
        ["[" * 600],
        [{"a": "]" * 600, "b": [1]}] * 3,
    ],
)
def test_many_brackets_are_no_depth(value: Json) -> None:
    assert decode("json", json.dumps(value).encode(), None) == value
