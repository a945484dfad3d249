"""From `x-resilience` on an API, its resources and its operations to policies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeVar

from naftiko_runtime.diagnostics import Diagnostics
from naftiko_runtime.plan.resilience import (
    CircuitBreaking,
    Concurrency,
    Rate,
    ResiliencePolicy,
    Retries,
    Timeouts,
)
from naftiko_runtime.spec.consumes import ConsumedApi
from naftiko_runtime.spec.resilience import RateLimit, Resilience

T = TypeVar("T")

_REPEATABLE: Final = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})


class ResilienceReader:
    """Reads the policies of one consumed API, each once, however many operations share it.

    Args:
        namespace: The API's.
        origin: Where its requests go, as text.
        outermost: What the API itself says.
    """

    def __init__(self, namespace: str, origin: str, outermost: Resilience | None) -> None:
        self._namespace = namespace
        self._origin = origin
        self._outermost = outermost
        self._plain = {one: self._policy([], repeatable=one) for one in (True, False)}

    @property
    def of_streams(self) -> ResiliencePolicy:
        """The policy of what is passed on and belongs to no operation; it goes out once."""
        return self._plain[False]

    def read(
        self,
        method: str,
        resource: tuple[str, Resilience | None],
        operation: tuple[str, Resilience | None],
    ) -> ResiliencePolicy:
        """Return the policy of an operation.

        Args:
            method: In upper case.
            resource: The name of its resource, and what that says.
            operation: Its own name, and what it says itself.
        """
        repeatable = method in _REPEATABLE
        levels = [(name, block) for name, block in (operation, resource) if block is not None]
        return self._policy(levels, repeatable=repeatable) if levels else self._plain[repeatable]

    def _policy(
        self, inner: Sequence[tuple[str, Resilience]], *, repeatable: bool
    ) -> ResiliencePolicy:
        """Put a policy together from its levels, the innermost first."""
        levels = [(f"{self._namespace}.{name}", block) for name, block in inner]
        if self._outermost is not None:
            levels.append((self._namespace, self._outermost))
        blocks = [block for _, block in levels]
        said = _first((one.idempotent for one in blocks), None)
        return ResiliencePolicy(
            self._origin,
            _timeouts(blocks),
            _retries(blocks),
            repeatable if said is None else said,
            _breaking(blocks),
            self._concurrency(levels),
            self._rate(levels),
            said is not None,
        )

    def _concurrency(self, levels: Sequence[tuple[str, Resilience]]) -> Concurrency:
        said = [(scope, one.concurrency) for scope, one in levels if one.concurrency is not None]
        scope = said[0][0] if said else self._namespace
        default = Concurrency(scope)
        return Concurrency(
            scope,
            _first((one.limit for _, one in said), default.limit),
            _first((one.queue for _, one in said), default.queue),
        )

    def _rate(self, levels: Sequence[tuple[str, Resilience]]) -> Rate | None:
        said = [(scope, one.rate_limit) for scope, one in levels if one.rate_limit is not None]
        requests = _first((one.requests for _, one in said), None)
        if requests is None:
            return None
        seconds = _first((one.per for _, one in said), 1.0)
        burst = _first((one.burst for _, one in said), requests)
        return Rate(said[0][0], requests / seconds, burst)


def report_rates_without_requests(api: ConsumedApi, diagnostics: Diagnostics) -> None:
    """Report each rate limit that bounds nothing: no level says how many requests there may be."""
    reported: set[int] = set()
    for rates in _rates(api):
        if rates and all(one.requests is None for one in rates) and id(rates[0]) not in reported:
            reported.add(id(rates[0]))
            message = "a 'rateLimit' without 'requests' on any level limits nothing"
            hint = "say how many: 'rateLimit: {requests: 50, per: 1s}'"
            diagnostics.warning("value-missing", message, rates[0].position, hint=hint)


def _rates(api: ConsumedApi) -> Iterator[list[RateLimit]]:
    """Yield the rate limits that all that is asked of an API is under, the innermost first."""
    inner = [
        (operation.x_resilience, resource.x_resilience)
        for resource in api.resources
        for operation in resource.operations
    ]
    for blocks in inner or [(None, None)]:
        levels = (*blocks, api.x_resilience)
        yield [one.rate_limit for one in levels if one and one.rate_limit]


def _timeouts(blocks: Iterable[Resilience]) -> Timeouts:
    said = [one.timeouts for one in blocks if one.timeouts is not None]
    return Timeouts(
        _first((one.connect for one in said), None),
        _first((one.read for one in said), None),
        _first((one.total for one in said), None),
    )


def _retries(blocks: Iterable[Resilience]) -> Retries:
    said = [one.retries for one in blocks if one.retries is not None]
    default = Retries()
    return Retries(
        _first((one.attempts for one in said), default.attempts),
        _first((one.backoff for one in said), default.backoff_seconds),
        _first((one.max_backoff for one in said), default.longest_backoff_seconds),
    )


def _breaking(blocks: Iterable[Resilience]) -> CircuitBreaking:
    said = [one.circuit_breaker for one in blocks if one.circuit_breaker is not None]
    default = CircuitBreaking()
    return CircuitBreaking(
        _first((one.failures for one in said), default.failures),
        _first((one.window for one in said), default.window_seconds),
        _first((one.open for one in said), default.open_seconds),
    )


def _first(values: Iterable[T | None], default: T) -> T:
    """Return the innermost value that is said, or the default."""
    return next((value for value in values if value is not None), default)
