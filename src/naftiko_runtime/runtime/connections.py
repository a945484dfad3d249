"""What the connections of all listeners of a process have in common."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, Protocol

from naftiko_runtime.runtime.fairness import Lines
from naftiko_runtime.runtime.turns import Turns

if TYPE_CHECKING:
    from naftiko_runtime.runtime.siding import Siding

_LOOKED_AT: Final = 32
"""How many connections are asked whether they can be done without."""


class Spared(Protocol):
    """A connection that others might need more."""

    def gives_way(self) -> bool:
        """End, and leave, unless a request is being answered; return whether it does."""


class Connections:
    """What the connections of all listeners of a process share.

    Where there are as many as may be, an address with many gives way to one with few: whoever holds
    all of them without a request that runs keeps nobody else out.

    Attributes:
        most: How many there may be.
        open: How many there are.
        turns: Those of their large bodies.
        lines: Of requests that wait for those of other addresses.
        siding: Where requests with large bodies are answered; None for here.
    """

    __slots__ = ("_crowd", "_of", "lines", "most", "open", "siding", "turns")

    def __init__(self, most: int, siding: Siding | None = None) -> None:
        self.most = most
        self.open = 0
        self.turns = Turns()
        self.lines = Lines()
        self.siding = siding
        self._of: dict[str, dict[Spared, None]] = {}
        self._crowd = ""  # the address that has most, or had when it was last seen to

    def enter(self, address: str, one: Spared) -> bool:
        """Count one more connection of an address, if there may be one; return whether."""
        if self.open >= self.most and not self._make_room(address):
            return False
        self.open += 1
        self._of.setdefault(address, {})[one] = None
        if self._number(address) > self._number(self._crowd):
            self._crowd = address
        return True

    def leave(self, address: str, one: Spared) -> None:
        """Count a connection no more."""
        self.open -= 1
        del self._of[address][one]
        if not self._of[address]:
            del self._of[address]

    def _number(self, address: str) -> int:
        return len(self._of.get(address, ()))

    def _make_room(self, address: str) -> bool:
        """Have a connection of who has most give way, if that is more than an address has then."""
        if self._number(self._crowd) <= self._number(address) + 1:
            return False
        crowd = self._of[self._crowd]
        for one in list(islice(crowd, _LOOKED_AT)):
            if one.gives_way():
                return True
            crowd[one] = crowd.pop(one)  # others are looked at before it is again
        return False
