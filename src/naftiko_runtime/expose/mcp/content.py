"""Bodies as MCP content blocks: text, images, audio, and everything else as a blob."""

from __future__ import annotations

import base64
import codecs
import hashlib
from email.message import Message
from functools import lru_cache
from typing import Final, TypeAlias

from naftiko_runtime.execute.formats.charsets import codec_of
from naftiko_runtime.execute.outcome import Outcome
from naftiko_runtime.values import Json, record

Block: TypeAlias = dict[str, Json]
"""A content block as it goes over the wire, its members in the SDK's order."""

_TEXTUAL: Final = frozenset(
    {
        "application/ecmascript",
        "application/graphql",
        "application/javascript",
        "application/json",
        "application/ndjson",
        "application/sparql-query",
        "application/sql",
        "application/toml",
        "application/x-javascript",
        "application/x-ndjson",
        "application/x-www-form-urlencoded",
        "application/x-yaml",
        "application/xml",
        "application/yaml",
        "message/rfc822",
    }
)
_TEXTUAL_ENDINGS: Final = ("+json", "+xml", "+yaml")
_UNKNOWN: Final = "application/octet-stream"
_URI: Final = "naftiko://results/"
_URI_DIGITS: Final = 32


@record
class MediaType:
    """What a `Content-Type` header says, RFC 9110 section 8.3.

    Attributes:
        name: Type and subtype in lower case; empty where there is no header.
        charset: The character encoding; UTF-8 where the header names none that is known.
    """

    name: str
    charset: str

    @property
    def kind(self) -> str:
        """The part before the slash."""
        return self.name.partition("/")[0]

    @property
    def is_json(self) -> bool:
        """Whether any JSON value may be expected."""
        return self.name in ("", "application/json", "text/json") or self.name.endswith("+json")

    @property
    def is_text(self) -> bool:
        """Whether bodies are for reading."""
        return self.kind == "text" or self.name in _TEXTUAL or self.name.endswith(_TEXTUAL_ENDINGS)


def media_type(outcome: Outcome) -> MediaType:
    """Return the media type of an answer."""
    header = outcome.header(b"content-type")
    return read_media_type(header.decode("latin-1") if header is not None else "")


@lru_cache(maxsize=256)  # an API labels most of its answers alike
def read_media_type(text: str) -> MediaType:
    """Return what a `Content-Type`, or a `mimeType` of the document, says."""
    message = Message()
    message["content-type"] = text
    name = text.partition(";")[0].strip().lower()
    return MediaType(name, _known_charset(message.get_content_charset()))


def text_block(text: str) -> Block:
    """Return text as a content block."""
    return {"text": text, "type": "text"}


def block_of(body: bytes, media: MediaType) -> Block:
    """Return a body that is not JSON as a content block."""
    if media.kind in ("image", "audio"):
        return {"data": as_base64(body), "mimeType": media.name, "type": media.kind}
    if media.is_text:
        return text_block(body.decode(media.charset, "replace"))
    if not media.name and b"\0" not in body:
        try:
            return text_block(body.decode())
        except UnicodeDecodeError:
            pass
    return _blob(body, media.name or _UNKNOWN)


def beginning(body: bytes, media: MediaType, most: int) -> str:
    """Return the text in the first bytes of a body, cut between two characters."""
    decoder = codecs.getincrementaldecoder(media.charset)("replace")
    return decoder.decode(body[:most], final=len(body) <= most)


def _blob(body: bytes, name: str) -> Block:
    """Return an embedded resource; its URI names its content, and can't be read later."""
    digest = hashlib.sha256(body).hexdigest()[:_URI_DIGITS]
    resource: Block = {"blob": as_base64(body), "mimeType": name, "uri": _URI + digest}
    return {"resource": resource, "type": "resource"}


def as_base64(body: bytes) -> str:
    """Return bytes as JSON carries them."""
    return base64.b64encode(body).decode()


def _known_charset(name: str | None) -> str:
    if name is None:
        return "utf-8"
    try:
        codec = codec_of(name)
        b"?".decode(codec, "replace")
    except (LookupError, ValueError):
        return "utf-8"
    return codec
