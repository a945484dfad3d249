"""What resilience takes from the world: time, and chance."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Final

from naftiko_runtime.values import record


@record
class Timing:
    """Clocks and chance, so that tests can stand in for them.

    Attributes:
        clock: Seconds that never run back: the clock of deadlines.
        wall_clock: Seconds since the epoch.
        sleep: Waits for so many seconds.
        jitter: Draws a number from 0 to 1.
    """

    clock: Callable[[], float] = time.monotonic
    wall_clock: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[], float] = random.random


REAL_TIME: Final = Timing()
