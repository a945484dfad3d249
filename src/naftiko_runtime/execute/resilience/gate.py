"""What a request passes on its way to one consumed API."""

from __future__ import annotations

from typing import Final

from naftiko_runtime.errors import UpstreamRateLimited
from naftiko_runtime.execute.resilience.breaker import Breaker
from naftiko_runtime.execute.resilience.bulkhead import Bulkhead
from naftiko_runtime.execute.resilience.rate import TokenBucket
from naftiko_runtime.execute.resilience.timing import Timing
from naftiko_runtime.plan.resilience import CircuitBreaking, Concurrency, Rate, ResiliencePolicy
from naftiko_runtime.values import Deadline


class Gate:
    """Rate, places and breaker of one consumed API.

    Attributes:
        breaker: Of the origin.
        bulkhead: The places.
        rate: The tokens; None for any number.
    """

    __slots__ = ("_timing", "breaker", "bulkhead", "rate")

    def __init__(
        self, breaker: Breaker, bulkhead: Bulkhead, rate: TokenBucket | None, timing: Timing
    ) -> None:
        self.breaker = breaker
        self.bulkhead = bulkhead
        self.rate = rate
        self._timing = timing

    async def enter(self, until: Deadline) -> bool:
        """Take a token and a place; return whether the request finds out for the breaker.

        `bulkhead.leave` has to be called afterwards, and one of the breaker's three verdicts.

        Raises:
            UpstreamCircuitOpen: The origin is left alone.
            UpstreamRateLimited: There is no token in time.
            UpstreamBusy: There is no place, in line or in time.
        """
        self.breaker.check()
        if self.rate is not None:
            await self._take_token(self.rate, until)
        await self.bulkhead.enter(until.at - self._timing.clock())
        try:
            return self.breaker.admit()
        except BaseException:
            self.bulkhead.leave()
            raise

    async def _take_token(self, rate: TokenBucket, until: Deadline) -> None:
        seconds = rate.take(until.at - self._timing.clock())
        if seconds is None:
            raise UpstreamRateLimited(
                "The rate at which the upstream API may be asked is used up.",
                unsent=True,
                retry_after_seconds=rate.wait(),
            )
        if seconds:
            await self._timing.sleep(seconds)


class Gates:
    """All gates: what policies say to be counted together is counted together.

    Args:
        connections: How many connections there may be to one origin: where no policy says how
            many requests may run at once, so many may.
        timing: Time and chance.
    """

    def __init__(self, connections: int, timing: Timing) -> None:
        self._connections = connections
        self._timing = timing
        self._gates: dict[str, Gate] = {}
        self._breakers: dict[tuple[str, CircuitBreaking], Breaker] = {}
        self._bulkheads: dict[tuple[str, Concurrency], Bulkhead] = {}
        self._rates: dict[tuple[str, Rate], TokenBucket] = {}
        self.find: Final = self._gates.get
        """Returns the gate of a policy's key, if it was opened before."""

    def open(self, policy: ResiliencePolicy) -> Gate:
        """Return a gate for a policy."""
        gate = Gate(self._breaker(policy), self._bulkhead(policy), self._rate(policy), self._timing)
        self._gates[policy.key] = gate
        return gate

    @property
    def circuits(self) -> dict[str, bool]:
        """For each origin that can be left alone, whether it is so now."""
        circuits: dict[str, bool] = {}
        for (origin, policy), breaker in self._breakers.items():
            if policy.failures:
                circuits[origin] = circuits.get(origin, False) or not breaker.closed
        return circuits

    def _breaker(self, policy: ResiliencePolicy) -> Breaker:
        key = policy.origin, policy.breaking
        if key not in self._breakers:
            self._breakers[key] = Breaker(*key, self._timing.clock)
        return self._breakers[key]

    def _bulkhead(self, policy: ResiliencePolicy) -> Bulkhead:
        key = policy.origin, policy.concurrency
        if key not in self._bulkheads:
            limit = policy.concurrency.limit or self._connections
            self._bulkheads[key] = Bulkhead(limit, policy.concurrency.queue)
        return self._bulkheads[key]

    def _rate(self, policy: ResiliencePolicy) -> TokenBucket | None:
        rate = policy.rate
        if rate is None:
            return None
        key = policy.origin, rate
        if key not in self._rates:
            self._rates[key] = TokenBucket(rate.per_second, rate.burst, self._timing.clock)
        return self._rates[key]
