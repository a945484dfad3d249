"""What a request passes on its way to one consumed API."""

from __future__ import annotations

from typing import Final

from naftiko_runtime.execute.resilience.breaker import Breaker
from naftiko_runtime.execute.resilience.bulkhead import Bulkhead
from naftiko_runtime.execute.resilience.throttle import Throttle
from naftiko_runtime.execute.resilience.timing import Timing
from naftiko_runtime.plan.resilience import CircuitBreaking, Concurrency, Rate, ResiliencePolicy
from naftiko_runtime.values import Deadline


class Gate:
    """Rate, places and breaker of one consumed API.

    Attributes:
        breaker: Of the origin.
        bulkhead: The places.
        throttle: The tokens; None for any number.
    """

    __slots__ = ("_timing", "breaker", "bulkhead", "throttle")

    def __init__(
        self, breaker: Breaker, bulkhead: Bulkhead, throttle: Throttle | None, timing: Timing
    ) -> None:
        self.breaker = breaker
        self.bulkhead = bulkhead
        self.throttle = throttle
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
        if self.throttle is not None:
            await self.throttle.pass_through(until.at - self._timing.clock())
        await self.bulkhead.enter(until.at - self._timing.clock())
        try:
            return self.breaker.admit()
        except BaseException:
            self.bulkhead.leave()
            raise


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
        self._throttles: dict[tuple[str, Rate], Throttle] = {}
        self.find: Final = self._gates.get
        """Returns the gate of a policy's key, if it was opened before."""

    def open(self, policy: ResiliencePolicy) -> Gate:
        """Return a gate for a policy."""
        breaker, bulkhead = self._breaker(policy), self._bulkhead(policy)
        gate = Gate(breaker, bulkhead, self._throttle(policy), self._timing)
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

    def _throttle(self, policy: ResiliencePolicy) -> Throttle | None:
        rate = policy.rate
        if rate is None:
            return None
        key = policy.origin, rate
        if key not in self._throttles:
            self._throttles[key] = Throttle(rate.per_second, rate.burst, self._timing)
        return self._throttles[key]
