"""What clients accept, RFC 9110 section 12.5.1."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Scope


def accepts(scope: Scope, media_type: bytes) -> bool:
    """Return whether a request's `Accept` has a media type."""
    return any(
        name == b"accept" and media_ranges_match(value, media_type)
        for name, value in scope["headers"]
    )


@lru_cache(maxsize=256)  # a client sends the same header with every request
def media_ranges_match(accept: bytes, media_type: bytes) -> bool:
    """Return whether one of an `Accept` header's media ranges holds a media type."""
    wanted = (media_type, media_type.partition(b"/")[0] + b"/*", b"*/*")
    return any(one.partition(b";")[0].strip().lower() in wanted for one in accept.split(b","))
