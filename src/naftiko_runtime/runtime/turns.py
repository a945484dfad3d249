"""Large bodies take turns: what one takes, all else has, too, before it is the next one's turn.

Nothing else happens in a process while a body is parsed. That takes microseconds for nearly all
bodies, and a good part of a second for the largest; a few callers that send nothing else would
leave nothing to the rest.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import asyncio

_SHARE: Final = 0.005
"""How much of the time bodies may take of which nobody is to notice anything."""

_ROUNDS: Final = 2
"""After how many rounds of the event loop a body that was let in is parsed for certain."""


class Turns:
    """Who waits to have a large body parsed, and who is next.

    Args:
        clock: Seconds that never run back.
    """

    __slots__ = ("_clock", "_is_taken", "_noticed_until", "_waiting")

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self._clock = clock
        self._waiting: deque[Callable[[], None]] = deque()
        self._is_taken = False
        self._noticed_until = 0.0

    @property
    def are_noticed(self) -> bool:
        """Whether large bodies have taken more than their share of the time lately."""
        return self._clock() < self._noticed_until

    def take(self, loop: asyncio.AbstractEventLoop, begin: Callable[[], None]) -> None:
        """Let a body in as soon as it is its turn: at once, if nobody else waits.

        Args:
            loop: Where it is parsed.
            begin: Lets it in.
        """
        self._waiting.append(begin)
        if not self._is_taken:
            self._next(loop)

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        self._is_taken = bool(self._waiting)
        if self._is_taken:
            self._waiting.popleft()()
            self._pass(loop, self._clock(), _ROUNDS)

    def _pass(self, loop: asyncio.AbstractEventLoop, began: float, rounds: int) -> None:
        """Wait until the body is parsed, and then for as long as that took."""
        if rounds:
            loop.call_soon(self._pass, loop, began, rounds - 1)
        else:
            now = self._clock()
            self._noticed_until = now + (now - began) / _SHARE
            loop.call_later(now - began, self._next, loop)
