"""Who waits for their turn: callers take turns, so that none waits for all that another asks."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextvars import ContextVar
from typing import Final

CALLER: Final[ContextVar[str]] = ContextVar("caller", default="")
"""The network that the request came from which a task answers; empty where it came over none."""


class Waiter:
    """Somebody who waits.

    Attributes:
        caller: For whom.
        admission: Done when it is their turn, or it never will be.
    """

    __slots__ = ("admission", "caller")

    def __init__(self, caller: str) -> None:
        self.caller = caller
        self.admission: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def is_let_in(self) -> bool:
        """Whether it was their turn."""
        done = self.admission.done() and not self.admission.cancelled()
        return done and self.admission.exception() is None


class Line:
    """Those who wait: for each caller in the order in which they came, the callers in turn.

    It is as long as the number of those who wait.
    """

    __slots__ = ("_length", "_of_callers")

    def __init__(self) -> None:
        self._of_callers: OrderedDict[str, OrderedDict[Waiter, None]] = OrderedDict()
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def join(self, waiter: Waiter) -> None:
        """Have a new waiter be the last of their caller."""
        self._of_callers.setdefault(waiter.caller, OrderedDict())[waiter] = None
        self._length += 1

    def leave(self, waiter: Waiter) -> None:
        """Forget a waiter, if it is there."""
        of_caller = self._of_callers.get(waiter.caller)
        if of_caller is not None and waiter in of_caller:
            del of_caller[waiter]
            self._shorten(waiter.caller)

    def next(self) -> Waiter | None:
        """Take out who is next: the first of the caller whose turn it is."""
        for caller, of_caller in self._of_callers.items():
            waiter, _ = of_caller.popitem(last=False)
            self._of_callers.move_to_end(caller)
            self._shorten(caller)
            return waiter
        return None

    def give_way(self, caller: str, error: Exception) -> bool:
        """Tell the last of who has most that it will never be their turn.

        Args:
            caller: Who wants to be let in, or to wait.
            error: Why somebody has to give way.

        Returns:
            Whether anybody has more than that caller would have with one more.
        """
        most = max(self._of_callers, key=self._number, default=caller)
        if self._number(most) <= self._number(caller) + 1:
            return False
        waiter, _ = self._of_callers[most].popitem()
        self._shorten(most)
        if not waiter.admission.done():
            waiter.admission.set_exception(error)
        return True

    def turn(self, caller: str) -> int:
        """Return when it is the turn of one more of a caller, at the latest: 1 for at once."""
        most = self._number(caller) + 1
        return 1 + sum(min(len(one), most) for one in self._of_callers.values())

    def _number(self, caller: str) -> int:
        return len(self._of_callers.get(caller, ()))

    def _shorten(self, caller: str) -> None:
        self._length -= 1
        if not self._of_callers[caller]:
            del self._of_callers[caller]
