"""Who waits for a place: callers take turns, so that none waits for all that another asks."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextvars import ContextVar
from typing import Final, TypeAlias

CALLER: Final[ContextVar[str]] = ContextVar("caller", default="")
"""The network that the request came from which a task answers; empty where it came over none."""

Waiter: TypeAlias = "asyncio.Future[None]"
"""Who waits: done when there is a place, or none is to be had."""


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

    def join(self, caller: str) -> Waiter:
        """Return a new waiter, the last of a caller."""
        waiter: Waiter = asyncio.get_running_loop().create_future()
        self._of_callers.setdefault(caller, OrderedDict())[waiter] = None
        self._length += 1
        return waiter

    def leave(self, caller: str, waiter: Waiter) -> None:
        """Forget a waiter of a caller, if it is there."""
        of_caller = self._of_callers.get(caller)
        if of_caller is not None and waiter in of_caller:
            del of_caller[waiter]
            self._shorten(caller)

    def next(self) -> Waiter | None:
        """Take out who is next: the first of the caller whose turn it is."""
        for caller, of_caller in self._of_callers.items():
            waiter, _ = of_caller.popitem(last=False)
            self._of_callers.move_to_end(caller)
            self._shorten(caller)
            return waiter
        return None

    def give_way(self, caller: str) -> Waiter | None:
        """Take out the last of who has most, if that is more than a caller has with one more."""
        most = max(self._of_callers, key=self._number, default=caller)
        if self._number(most) <= self._number(caller) + 1:
            return None
        waiter, _ = self._of_callers[most].popitem()
        self._shorten(most)
        return waiter

    def _number(self, caller: str) -> int:
        return len(self._of_callers.get(caller, ()))

    def _shorten(self, caller: str) -> None:
        self._length -= 1
        if not self._of_callers[caller]:
            del self._of_callers[caller]
