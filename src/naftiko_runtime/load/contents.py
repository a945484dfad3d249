"""What is in a file, whatever kind of file it is: within bounds of size and time."""

from __future__ import annotations

import errno
import os
import select
import time
from pathlib import Path
from typing import Final

_PATIENCE_SECONDS: Final = 10.0
"""How long a pipe may take; it may be that nobody ever writes to it."""

_STEP: Final = 64 * 1024


def start_of(file: Path, most: int) -> bytes:
    """Return what is in a file, as far as it fits; a pipe or device is read like any other.

    Args:
        file: The file.
        most: How many bytes to return at most.

    Raises:
        OSError: It can't be read, or is a pipe to which nobody writes; the message says why.
    """
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
    try:
        return _read(descriptor, most, time.monotonic() + _PATIENCE_SECONDS)
    finally:
        os.close(descriptor)


def _read(descriptor: int, most: int, until: float) -> bytes:
    content, step = bytearray(), max(os.fstat(descriptor).st_size + 1, _STEP)
    arrival = select.poll()
    arrival.register(descriptor, select.POLLIN)
    while len(content) < most:
        if not arrival.poll(max(0.0, until - time.monotonic()) * 1000):
            raise TimeoutError(errno.ETIMEDOUT, "nothing came from it in time")
        piece = os.read(descriptor, min(step, most - len(content)))
        if not piece:
            break
        content += piece
    return bytes(content)
