"""Requests of one address wait in line where others ask, too, so that it does not crowd them out.

Whoever asks on many connections at once would have all its requests begun before anybody else is
heard, again and again: what takes a millisecond would take ten. So an address begins few requests
in a turn of the event loop, and more in the next. No turn waits for anything while one of them
does, so that nothing stands idle.

Where only one address asks, as behind a reverse proxy, nothing waits.
"""

from __future__ import annotations

from collections import OrderedDict
from math import inf
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    import asyncio

AT_ONCE: Final = 1
"""How many requests one address may begin in a turn of the event loop.

More would take less time in all, for what is done again and again is done faster, and make others
wait longer: with one they notice a flood by half a millisecond, with two by more than one.
"""

LATELY_SECONDS: Final = 1.0
"""For how long somebody else is expected to ask again."""


class Waiting(Protocol):
    """What has a request that waits to begin."""

    def begin(self) -> None:
        """Begin with it. Nothing else happens here: it neither waits nor makes others wait."""


class Lines:
    """The requests that wait to begin: a line for each address that has some.

    Attributes:
        only: The one address that asks, whose requests need not enter; None if there are others.
    """

    __slots__ = ("_begun", "_last", "_lines", "_until", "only")

    def __init__(self) -> None:
        self.only: str | None = None
        self._last: str | None = None  # the address that asked last
        self._until = -inf  # until when another is expected, too
        self._begun: dict[str, int] = {}  # in this turn, which ends when this is emptied
        self._lines: dict[str, OrderedDict[Waiting, None]] = {}

    def enter(self, loop: asyncio.AbstractEventLoop, address: str, one: Waiting) -> None:
        """Begin with a request: at once, or when its turn comes.

        Args:
            loop: Whose turns are counted.
            address: Who asks.
            one: What has the request; no other of its requests waits here.
        """
        if self._is_alone(address, loop.time()):
            one.begin()
        elif address in self._lines:
            self._lines[address][one] = None
        else:
            self._count(loop, address, one)

    def leave(self, address: str, one: Waiting) -> bool:
        """Forget the request of a connection; return whether it has waited."""
        line = self._lines.get(address)
        if line is None or one not in line:
            return False
        del line[one]
        if not line:
            del self._lines[address]
        return True

    def _is_alone(self, address: str, now: float) -> bool:
        """Return whether no other address asked lately, or still waits."""
        if self._last not in (address, None):
            self._until = now + LATELY_SECONDS
        self._last = address
        is_alone = now >= self._until and not self._lines
        self.only = address if is_alone else None
        return is_alone

    def _count(self, loop: asyncio.AbstractEventLoop, address: str, one: Waiting) -> None:
        """Begin with a request, unless its address has begun enough in this turn."""
        begun = self._begun
        if not begun:
            loop.call_soon(self._turn, loop)
        count = begun.get(address, 0)
        if count < AT_ONCE:
            begun[address] = count + 1
            one.begin()
        else:
            self._lines[address] = OrderedDict({one: None})

    def _turn(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin with the next of each line; with all of one that keeps nobody waiting any more."""
        begun, lines = self._begun, self._lines
        begun.clear()
        is_alone = len(lines) == 1 and loop.time() >= self._until
        for address, line in [*lines.items()]:
            begun[address] = len(line) if is_alone else min(AT_ONCE, len(line))
            for _ in range(begun[address]):
                line.popitem(last=False)[0].begin()
            if not line:
                del lines[address]
        if begun:
            loop.call_soon(self._turn, loop)
