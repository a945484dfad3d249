"""What a socket brings, by way of a pipe: for an event loop, which would have the socket not block.

Standard input and output may be one socket, as they are under sshd and inetd. If reading did not
block there, nor would writing: it would fail as soon as the client has much to read.
"""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

_CHUNK: Final = 64 * 1024


@contextmanager
def copied(file: int) -> Iterator[int]:
    """Yield the end of a pipe that brings what a file does, until the block ends.

    Args:
        file: What can be waited for. Whoever reads the pipe closes its end.
    """
    read, written = os.pipe()
    ended, end = os.pipe()
    thread = threading.Thread(target=_copy, args=(file, written, ended), daemon=True)
    thread.start()
    try:
        yield read
    finally:
        os.close(end)
        thread.join()
        os.close(ended)


def _copy(file: int, written: int, ended: int) -> None:
    os.set_blocking(written, False)
    try:
        with suppress(OSError):  # one of the two sides is gone
            while _is_ready(file, select.POLLIN, ended) and (data := os.read(file, _CHUNK)):
                while data and _is_ready(written, select.POLLOUT, ended):
                    data = data[os.write(written, data) :]
    finally:
        os.close(written)


def _is_ready(file: int, event: int, ended: int) -> bool:
    """Wait for a file, or for the end; return whether there is no end yet."""
    poll = select.poll()
    poll.register(file, event)
    poll.register(ended, select.POLLIN)
    return all(one != ended for one, _ in poll.poll())
