"""What can stand in a request's headers, and which of them are the connection's own."""

from __future__ import annotations

import re
from typing import Final

UNSETTABLE_HEADERS: Final = frozenset(
    {
        "connection",
        "content-length",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Names in lower case: the connection's own, or the client's to write (RFC 9110 7.6.1)."""

_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_ENDS_COOKIE: Final = re.compile(r"[\x00-\x1f\x7f;]")


def fits_header(name: str, value: str) -> bool:
    """Return whether a header may be set and neither name nor value would end or split it."""
    settable = name.lower() not in UNSETTABLE_HEADERS
    return settable and bool(_NAME.fullmatch(name)) and not _CONTROL.search(value)


def fits_cookie(name: str, value: str) -> bool:
    """Return whether a cookie's name and value would not end or split it (RFC 6265 4.1.1)."""
    return bool(_NAME.fullmatch(name)) and not _ENDS_COOKIE.search(value)
