"""One body decoded, for tests of single formats."""

from __future__ import annotations

from naftiko_runtime.execute.formats import FormatOptions, compile_decoder
from naftiko_runtime.values import Json

NO_OPTIONS = FormatOptions()


def decode(
    raw_format: str, body: bytes, content_type: str | None, options: FormatOptions = NO_OPTIONS
) -> Json:
    """Decode one body of a format."""
    return compile_decoder(raw_format, options)(body, content_type)
