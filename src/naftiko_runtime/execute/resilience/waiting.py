"""Waiting for one thing of an upstream, such as a place or a token."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from naftiko_runtime.execute.resilience.line import CALLER, Line, Waiter


class Waiting:
    """Those who wait for one thing, in a line of their own and in that of everyone who waits.

    Args:
        everyone: All who wait for anything.
        hand_on: Called when somebody was let in who has just gone.
    """

    __slots__ = ("_everyone", "_hand_on", "_line")

    def __init__(self, everyone: Line, hand_on: Callable[[], None]) -> None:
        self._line = Line()
        self._everyone = everyone
        self._hand_on = hand_on

    def __len__(self) -> int:
        return len(self._line)

    def let_in(self) -> bool:
        """Let the next in; return whether there was anyone who still waits."""
        while waiter := self._line.next():
            self._everyone.leave(waiter)
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
            CallError: Others needed the room.
        """
        waiter = Waiter(CALLER.get())
        self._line.join(waiter)
        self._everyone.join(waiter)
        try:
            async with asyncio.timeout(seconds):
                await waiter.admission
        except BaseException:
            if waiter.is_let_in:
                self._hand_on()
            raise
        finally:
            self._line.leave(waiter)
            self._everyone.leave(waiter)
