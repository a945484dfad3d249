"""Terminals, as programs have them that people sit in front of."""

from __future__ import annotations

import os
import pty
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def terminal() -> Iterator[tuple[int, int]]:
    """Yield a person's side of a new terminal, and that of programs."""
    person, program = pty.openpty()
    try:
        yield person, program
    finally:
        os.close(person)
        os.close(program)


def shown_by(person: int, last: str) -> str:
    """Return what a terminal shows, once it shows a text."""
    shown = ""
    while last not in shown:
        shown += os.read(person, 10_000).decode().replace("\r\n", "\n")
    return shown
