"""The collection of garbage, held back while a large body becomes values."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_LARGE: Final = 64 * 1024


@contextmanager
def collected_later(size: int) -> Iterator[None]:
    """Collect no garbage until the block ends, if a body is large: none of its values is any yet.

    Each look at what is being made takes longer than the one before it: of nine megabytes of small
    arrays the collector makes five times the work.

    Args:
        size: That of the body, in bytes.
    """
    is_held_back = size > _LARGE and gc.isenabled()
    if is_held_back:
        gc.disable()
    try:
        yield
    finally:
        if is_held_back:
            gc.enable()
