"""How many calls run at once, and how many of them are one caller's."""

from __future__ import annotations

from typing import Final

from naftiko_runtime.errors import TooManyCalls

_TIMES: Final = 7
_SOON_SECONDS: Final = 1.0


class Admission:
    """Places for calls, of which some are always left for callers that have few.

    A caller may have up to seven times as many as are free: all but an eighth where it is alone,
    and less the more others have. So one caller keeps out nobody.

    Attributes:
        running: How many calls run.

    Args:
        most: How many may.
    """

    __slots__ = ("_most", "_of_callers", "running")

    def __init__(self, most: int) -> None:
        self._most = most
        self._of_callers: dict[str, int] = {}
        self.running = 0

    def enter(self, caller: str) -> None:
        """Take a place; `leave` has to be called afterwards.

        Raises:
            TooManyCalls: None is free, or the caller has too many.
        """
        own = self._of_callers.get(caller, 0)
        if own >= _TIMES * (self._most - self.running):
            raise self._too_many(own)
        self._of_callers[caller] = own + 1
        self.running += 1

    def leave(self, caller: str) -> None:
        """Give a place back."""
        self.running -= 1
        left = self._of_callers[caller] - 1
        if left:
            self._of_callers[caller] = left
        else:
            del self._of_callers[caller]

    def _too_many(self, own: int) -> TooManyCalls:
        detail = f"{self.running} calls run already; there may not be more"
        if self.running < self._most:
            detail = f"{self.running} calls run already, {own} of them yours; others may come first"
        return TooManyCalls(detail, retry_after_seconds=_SOON_SECONDS)
