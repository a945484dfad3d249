"""Waiting for one thing of an upstream, such as a place or a token."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from naftiko_runtime.execute.resilience.line import CALLER, Line, Waiter


class Waiting:
    """Those who wait for one thing, in a line where callers take turns.

    Args:
        hand_on: Called when somebody was let in who has just gone.
    """

    __slots__ = ("_hand_on", "_line")

    def __init__(self, hand_on: Callable[[], None]) -> None:
        self._line = Line()
        self._hand_on = hand_on

    def __len__(self) -> int:
        return len(self._line)

    @property
    def turn(self) -> int:
        """When it would be the turn of who asks now, at the latest: 1 for at once."""
        return self._line.turn(CALLER.get())

    def let_in(self) -> bool:
        """Let the next in; return whether there was anyone who still waits."""
        while waiter := self._line.next():
            if not waiter.admission.done():
                waiter.admission.set_result(None)
                return True
        return False

    def make_room(self, error: Exception) -> None:
        """Have another give way in line.

        Args:
            error: Why somebody can't wait.

        Raises:
            error: No other has more of the line.
        """
        if not self._line.give_way(CALLER.get(), error):
            raise error

    async def wait(self, seconds: float) -> None:
        """Wait to be let in.

        Args:
            seconds: For how long at most.

        Raises:
            TimeoutError: It took too long.
            UpstreamError: Others needed the room.
        """
        waiter = Waiter(CALLER.get())
        self._line.join(waiter)
        try:
            async with asyncio.timeout(seconds):
                await waiter.admission
        except BaseException:
            if waiter.is_let_in:
                self._hand_on()
            raise
        finally:
            self._line.leave(waiter)
