"""What the connections of all listeners of a process have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naftiko_runtime.runtime.fairness import Lines
from naftiko_runtime.runtime.turns import Turns

if TYPE_CHECKING:
    from naftiko_runtime.runtime.siding import Siding


class Connections:
    """What the connections of all listeners of a process share.

    Attributes:
        most: How many there may be.
        open: How many there are.
        turns: Those of their large bodies.
        lines: Of requests that wait for those of other addresses.
        siding: Where requests with large bodies are answered; None for here.
    """

    __slots__ = ("lines", "most", "open", "siding", "turns")

    def __init__(self, most: int, siding: Siding | None = None) -> None:
        self.most = most
        self.open = 0
        self.turns = Turns()
        self.lines = Lines()
        self.siding = siding
