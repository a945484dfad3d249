"""URLs of other servers that a document names whole."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

_SCHEMES: Final = ("http", "https")


def is_web_address(url: str) -> bool:
    """Return whether a text is an absolute http or https URL, free of user, fragment and space."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return (
        parts.scheme in _SCHEMES
        and bool(parts.hostname)
        and "@" not in parts.netloc
        and port != 0
        and url.isascii()
        and url.isprintable()
        and not set(url) & set(' #"\\<>')
    )
