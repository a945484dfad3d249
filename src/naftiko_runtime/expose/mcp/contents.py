"""What resources hold, as MCP carries it: text, or a blob. Section 9."""

from __future__ import annotations

from typing import Final

from naftiko_runtime.execute.outcome import Outcome
from naftiko_runtime.expose.mcp.content import as_base64, read_media_type
from naftiko_runtime.values import Json

_BOM: Final = b"\xef\xbb\xbf"
_TEXT: Final = "text/plain"
_UNKNOWN: Final = "application/octet-stream"


def contents_of(
    uri: str, body: bytes, mime_type: str | None, binary: bool | None
) -> dict[str, Json]:
    """Return a body as the contents of a resource.

    Args:
        uri: The resource, as it was asked for.
        body: What it holds.
        mime_type: What that is; None where nobody says.
        binary: Whether it is a blob; None goes by its type. What is no text in its own character
            encoding is a blob in any case but one: where the document says that it is text.
    """
    text = None if binary else _text(body, mime_type, is_certain=binary is False)
    if text is None:
        return {"uri": uri, "mimeType": mime_type or _UNKNOWN, "blob": as_base64(body)}
    return {"uri": uri, "mimeType": mime_type or _TEXT, "text": text}


def contents_of_outcome(
    uri: str, outcome: Outcome, mime_type: str | None, binary: bool | None
) -> dict[str, Json]:
    """Return an answer as the contents of a resource.

    A text that was shaped here is the content itself where the document says that it is something
    else than JSON.
    """
    header = outcome.header(b"content-type")
    upstream = header.decode("latin-1") if header is not None else None
    body = outcome.body
    if mime_type is not None and isinstance(outcome.value, str):
        body = body if read_media_type(mime_type).is_json else outcome.value.encode()
    return contents_of(uri, body, mime_type or upstream, binary)


def _text(body: bytes, mime_type: str | None, *, is_certain: bool) -> str | None:
    """Return a body as text; None if it is none."""
    media = read_media_type(mime_type or "")
    if not (is_certain or media.is_text or mime_type is None):
        return None
    if mime_type is None and not is_certain and b"\0" in body:
        return None
    plain = body.removeprefix(_BOM)
    try:
        return plain.decode(media.charset)
    except UnicodeDecodeError:
        return plain.decode(media.charset, "replace") if is_certain else None
