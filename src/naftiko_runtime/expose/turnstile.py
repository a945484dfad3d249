"""How often one caller may call: a bucket of tokens for each address."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from random import uniform
from typing import TYPE_CHECKING, Final

from naftiko_runtime.execute.resilience.rate import TokenBucket
from naftiko_runtime.expose.networks import network_of
from naftiko_runtime.expose.refusing import refuse
from naftiko_runtime.expose.rest.problems import CallerRateExceeded
from naftiko_runtime.limits import CallerRate

if TYPE_CHECKING:
    from starlette.types import Scope, Send

MOST_ADDRESSES: Final = 10_000
PAUSE_SECONDS: Final = 0.25
"""How long a caller that is stopped waits for its answer, give or take half of that: one that asks
again as soon as it has one would keep the process busy with saying no."""


class Turnstile:
    """Stops callers that call too often, whichever face they use.

    Addresses of IPv6 count by their network, for whoever has one has all of it. Of the addresses
    that were not heard of for longest, those past `MOST_ADDRESSES` are forgotten.

    Args:
        rate: How many calls one address may make.
        clock: Seconds that never run back.
        sleep: Lets so many of them pass.
    """

    def __init__(
        self,
        rate: CallerRate,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._rate = rate
        self._clock = clock
        self._sleep = sleep
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    async def stops(self, scope: Scope, send: Send) -> bool:
        """Return whether a request is one too many; then it is answered with a 429."""
        client = scope.get("client")
        bucket = self._bucket(network_of(client[0]) if client else "")
        if bucket.take():
            return False
        error = CallerRateExceeded(
            f"one address may make {self._rate.calls} calls in {self._rate.seconds:g} s",
            retry_after_seconds=bucket.wait(),
        )
        await self._sleep(PAUSE_SECONDS * uniform(0.5, 1.5))  # noqa: S311 - so that not all wake at once
        await refuse(error, scope, send)
        return True

    def _bucket(self, address: str) -> TokenBucket:
        buckets = self._buckets
        bucket = buckets.get(address)
        if bucket is None:
            calls = self._rate.calls
            bucket = TokenBucket(calls / self._rate.seconds, calls, self._clock)
            buckets[address] = bucket
            if len(buckets) > MOST_ADDRESSES:
                buckets.popitem(last=False)
        else:
            buckets.move_to_end(address)
        return bucket
