"""Where log lines go out: at once, as long as somebody takes them, and never waited for.

Who reads standard error may stop to read: a terminal that is paused, a pipe to a process that
hangs, a container's log driver. Writing would then wait, and with it everything that is served.
"""

from __future__ import annotations

import logging
import os
import select
import stat
from contextlib import suppress
from threading import Lock, Thread
from typing import Final

_MOST_BYTES: Final = 1024 * 1024
"""How much waits for a reader; what comes on top of it is lost."""

_AT_ONCE: Final = select.PIPE_BUF
"""How many bytes are certain to be taken by what says that it takes any."""

_AT_END_SECONDS: Final = 1.0
"""How long a reader has in the end for what still waits."""

_log: Final = logging.getLogger("naftiko.runtime")


class Outlet:
    """A stream of text over a file descriptor, whose writes never wait.

    As long as its reader is slow or absent there is a thread that hands it what waits.

    Args:
        file: The descriptor; it stays open, and as it is.
        encoding: How text becomes bytes.
    """

    def __init__(self, file: int, encoding: str) -> None:
        self._own = _unblocking(file)
        self._file = file if self._own is None else self._own
        self._encoding = encoding
        self._room = select.poll()
        self._room.register(self._file, select.POLLOUT)
        self._lock = Lock()
        self._waiting = bytearray()
        self._lost = 0
        self._is_closed = False
        self._handing: Thread | None = None

    def write(self, text: str) -> None:
        """Write a line, have it wait, or lose it.

        Raises:
            OSError: Nobody will ever read it.
        """
        with self._lock:
            if self._is_closed or len(self._waiting) > _MOST_BYTES:
                self._lost += 1
                return
            is_free = not self._waiting
            self._waiting += text.encode(self._encoding, "backslashreplace")
            if is_free and not self._hand_over():
                self._handing = Thread(target=self._wait, name="naftiko-log", daemon=True)
                self._handing.start()

    def flush(self) -> None:
        """Do nothing: what can be written, is."""

    def close(self) -> None:
        """Give the reader a little time for what waits; whatever comes later is lost.

        Nothing is locked here: in a fork, a thread may have the lock that is not there any more.
        """
        handing = self._handing
        if handing is not None:
            handing.join(_AT_END_SECONDS)
        self._is_closed = True
        if self._own is not None and (handing is None or not handing.is_alive()):
            os.close(self._own)
            self._own = None

    def _wait(self) -> None:
        """Hand over what waits, as it is taken; then tell what was lost."""
        while self._waiting:
            self._room.poll()
            with self._lock, suppress(OSError):
                self._hand_over()
        lost, self._lost = self._lost, 0
        if lost:
            _log.warning("%d lines of the log were lost: nobody read them", lost)

    def _hand_over(self) -> bool:
        """Write as much as is taken at once; return whether that was all.

        Raises:
            OSError: Nobody will ever read the rest, which is dropped.
        """
        while self._waiting:
            if not self._room.poll(0):
                return False
            try:
                taken = os.write(self._file, self._waiting[:_AT_ONCE])
            except BlockingIOError:
                return False
            except OSError:
                self._waiting.clear()
                raise
            del self._waiting[:taken]
        return True


def _unblocking(file: int) -> int | None:
    """Return a way into a pipe that never waits, where there is one; else None.

    That a descriptor does not block is shared by all processes that have it, so a pipe is opened
    once more. Of what can't be opened is only known that there is room, until somebody else of
    those who write to it takes that.
    """
    with suppress(OSError):
        if stat.S_ISFIFO(os.fstat(file).st_mode):
            return os.open(f"/proc/self/fd/{file}", os.O_WRONLY | os.O_NONBLOCK)
    return None
