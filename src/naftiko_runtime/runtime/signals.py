"""Signals as something to wait for, in a process without an event loop."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

HEARD: Final = frozenset(
    {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD, signal.SIGUSR1}
)
"""Signals that mean something to a process that keeps workers."""


class Signals:
    """Hears what the process is signalled: readable when it was."""

    def __init__(self) -> None:
        self._read, self._written = socket.socketpair()
        self._read.setblocking(False)
        self._written.setblocking(False)

    def fileno(self) -> int:
        """Return what can be waited for."""
        return self._read.fileno()

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Hear signals until the block ends."""
        before = {one: signal.signal(one, _take_note) for one in HEARD}
        wakes = signal.set_wakeup_fd(self._written.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(wakes)
            for one, handler in before.items():
                signal.signal(one, handler)
            self.close()

    def new(self) -> set[int]:
        """Return the signals that came since this was asked last."""
        try:
            return set(self._read.recv(4096))
        except BlockingIOError:
            return set()

    def close(self) -> None:
        """Free what is held."""
        self._read.close()
        self._written.close()

    def forget(self) -> None:
        """In a worker: let signals do what they do by themselves.

        SIGHUP is the parent's alone, and SIGUSR1 ends none that has not begun to listen to it.
        """
        signal.set_wakeup_fd(-1)
        for one in HEARD:
            signal.signal(one, signal.SIG_DFL)
        for one in (signal.SIGHUP, signal.SIGUSR1):
            signal.signal(one, signal.SIG_IGN)
        self.close()


@contextmanager
def held_back() -> Iterator[None]:
    """Hold signals back until the block ends, so that none is heard by the wrong process."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def hangups_ignored() -> Iterator[None]:
    """Ignore SIGHUP until the block ends, or somebody hears it: it is no reason to end."""
    try:
        before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    except ValueError:  # not in the main thread, which decides on signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


def _take_note(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: that the signal came is read from the socket."""
