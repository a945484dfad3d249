"""From bytes to text, by whatever says what they are: BOM, content type, declaration."""

from __future__ import annotations

import codecs
import re
from typing import Final

from naftiko_runtime.execute.formats.format import invalid

_CHARSET: Final = re.compile(r"""charset\s*=\s*["']?([^\s;"',]+)""", re.IGNORECASE)
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_FOR_BODIES: Final = frozenset(
    {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"}
)
"""Codecs that are no charsets; punycode takes half a minute for 240 KB."""


def charset_of(content_type: str | None) -> str | None:
    """Return the charset that a content type names, RFC 9110 section 8.3.2."""
    match = _CHARSET.search(content_type) if content_type else None
    return match[1] if match else None


def codec_of(charset: str) -> str:
    """Return the name of the codec that reads a charset.

    Raises:
        LookupError: There is none, or it takes too long for what others send.
        ValueError: That is no name.
    """
    codec = codecs.lookup(charset).name
    if codec in _NOT_FOR_BODIES:
        raise LookupError(charset)
    return codec


def read_text(
    name: str,
    body: bytes,
    content_type: str | None,
    declared: str | None = None,
    fallback: str | None = None,
) -> str:
    """Return the text of a body.

    Args:
        name: The format, for the error.
        body: The bytes; a byte order mark goes before all else.
        content_type: Its charset goes before what the body declares itself.
        declared: The charset that the body declares itself.
        fallback: What text is read as that declares nothing and is no UTF-8.

    Raises:
        UpstreamBodyInvalid: The charset is not known, or the bytes are not of it.
    """
    marked = next((charset for bom, charset in _BOMS if body.startswith(bom)), None)
    charset = marked or charset_of(content_type) or declared
    try:
        return body.decode(codec_of(charset or "utf-8"))
    except UnicodeError as error:
        if charset is None and fallback is not None:
            return body.decode(fallback, errors="replace")
        raise invalid(name, f"its bytes are not {charset or 'utf-8'} text") from error
    except (LookupError, ValueError) as error:
        raise invalid(name, f"its charset '{charset}' is not known") from error
