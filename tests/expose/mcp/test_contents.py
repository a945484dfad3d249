"""What resources hold: text, or a blob."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from naftiko_runtime.execute.outcome import Outcome
from naftiko_runtime.expose.mcp.contents import contents_of, contents_of_outcome
from naftiko_runtime.values import ABSENT, Value


def _held(body: bytes, mime_type: str | None, binary: bool | None = None) -> tuple[str, Any]:
    """Return the media type and what is held: text, or the bytes of a blob."""
    contents = contents_of("x://y", body, mime_type, binary)
    assert contents.pop("uri") == "x://y"
    kind = contents.pop("mimeType")
    ((form, held),) = contents.items()
    assert isinstance(kind, str)
    assert isinstance(held, str)
    return kind, held if form == "text" else base64.b64decode(held)


@pytest.mark.parametrize(
    ("body", "mime_type", "kind", "held"),
    [
        (b"a", "text/plain", "text/plain", "a"),
        (b"", None, "text/plain", ""),
        ("ü".encode(), None, "text/plain", "ü"),
        (b"\xfc", "text/plain; charset=latin-1", "text/plain; charset=latin-1", "ü"),
        (b"\xef\xbb\xbfa", "text/csv", "text/csv", "a"),
        (b"<svg/>", "image/svg+xml", "image/svg+xml", "<svg/>"),
        (b"{}", "application/json", "application/json", "{}"),
        (b"a\0", "text/plain", "text/plain", "a\0"),
        (b"\xfc", "text/plain", "text/plain", b"\xfc"),
        (b"\xfc", None, "application/octet-stream", b"\xfc"),
        (b"a\0", None, "application/octet-stream", b"a\0"),
        (b"a", "image/png", "image/png", b"a"),
        (b"a", "application/pdf", "application/pdf", b"a"),
    ],
)
def test_the_type_decides_what_is_text(
    body: bytes, mime_type: str | None, kind: str, held: str | bytes
) -> None:
    assert _held(body, mime_type) == (kind, held)


@pytest.mark.parametrize("mime_type", ["text/plain", "image/png", None])
def test_the_document_may_decide_it(mime_type: str | None) -> None:
    assert _held(b"a", mime_type, binary=True)[1] == b"a"
    assert _held(b"a\xff\0", mime_type, binary=False)[1] == "a\ufffd\0"


@pytest.mark.parametrize(
    ("value", "mime_type", "text"),
    [
        ("hi", "text/markdown", "hi"),
        ("hi", "application/json", '"hi"'),
        ("hi", None, '"hi"'),
        (ABSENT, "text/markdown", '"hi"'),
    ],
)
def test_a_shaped_text_is_the_content_unless_it_is_json(
    value: Value, mime_type: str | None, text: str
) -> None:
    outcome = Outcome(200, ((b"content-type", b"application/json"),), b'"hi"', value)
    contents = contents_of_outcome("x://y", outcome, mime_type, None)
    assert (contents["mimeType"], contents["text"]) == (mime_type or "application/json", text)


def test_an_answer_without_a_type_is_text_if_it_reads_as_text() -> None:
    assert contents_of_outcome("x://y", Outcome(200, (), b"hi"), None, None)["text"] == "hi"
