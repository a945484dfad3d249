"""Failed attempts, counted by the address that they come from."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from naftiko_runtime.expose.networks import network_of

MOST_FAILURES: Final = 20
WINDOW_SECONDS: Final = 60.0
MOST_ADDRESSES: Final = 4096


@dataclass(slots=True)
class _Window:
    """How many attempts failed since a moment."""

    began: float
    failures: int = 0


class FailedAttempts:
    """Counts what failed; a right proof is never asked about, whatever else its address sends.

    Addresses of IPv6 count together by network, for everybody there has very many. The table is
    bounded: the address whose window began first makes room.

    Args:
        most: How many attempts of one address may fail in a window.
        window_seconds: How long a window is.
        most_addresses: How many addresses are remembered.
        clock: Seconds that never run back.
    """

    def __init__(
        self,
        most: int = MOST_FAILURES,
        window_seconds: float = WINDOW_SECONDS,
        most_addresses: int = MOST_ADDRESSES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._window_seconds = window_seconds
        self._most_addresses = most_addresses
        self._clock = clock
        self._windows: OrderedDict[str, _Window] = OrderedDict()

    def failed(self, address: str) -> int:
        """Count a failure.

        Returns:
            After how many seconds the address may try again; 0 while it may at once.
        """
        now = self._clock()
        window = self._window(network_of(address), now)
        window.failures += 1
        if window.failures <= self._most:
            return 0
        return max(1, math.ceil(window.began + self._window_seconds - now))

    def _window(self, network: str, now: float) -> _Window:
        window = self._windows.get(network)
        if window is not None and now < window.began + self._window_seconds:
            return window
        self._windows.pop(network, None)
        if len(self._windows) >= self._most_addresses:
            self._windows.popitem(last=False)
        window = self._windows[network] = _Window(now)
        return window
