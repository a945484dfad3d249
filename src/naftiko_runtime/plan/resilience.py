"""Resilience: what is done when upstream is slow, busy or broken, decided once at load.

The defaults stand in the classes below and nowhere else; `docs/reliability.md` shows them.
"""

from __future__ import annotations

from dataclasses import field, replace

from naftiko_runtime.values import record


@record
class Timeouts:
    """How long a request may take.

    Attributes:
        connect_seconds: How long a connection may take to stand; None leaves it to the client.
        read_seconds: How long one attempt may take until its answer is complete.
        total_seconds: How long all attempts and the pauses between them may take together.
    """

    connect_seconds: float | None = None
    read_seconds: float | None = None
    total_seconds: float | None = None


@record
class Retries:
    """How often a request is tried.

    Attributes:
        attempts: How often at most, the first time included.
        backoff_seconds: The longest first pause; it doubles with every attempt.
        longest_backoff_seconds: What no pause exceeds, unless upstream itself asks for a longer
            one with `Retry-After`.
    """

    attempts: int = 3
    backoff_seconds: float = 0.1
    longest_backoff_seconds: float = 2.0


@record
class CircuitBreaking:
    """When nothing more is sent to an origin.

    Attributes:
        failures: After how many failures in a row; 0 for never.
        window_seconds: How far apart two failures may be and still count as being in a row.
        open_seconds: How long nothing is sent, before one request may find out how things are.
    """

    failures: int = 10
    window_seconds: float = 30.0
    open_seconds: float = 5.0


@record
class Concurrency:
    """How many requests run at once.

    Attributes:
        scope: Whose requests are counted together: `namespace`, or a part of it.
        limit: How many may run; None for as many as there may be connections to one origin.
        queue: How many may wait.
    """

    scope: str
    limit: int | None = None
    queue: int = 1024


@record
class Rate:
    """How many requests go upstream in a time.

    Attributes:
        scope: Whose requests are counted together: `namespace`, or a part of it.
        per_second: How many on the average.
        burst: How many at once after a pause.
    """

    scope: str
    per_second: float
    burst: int


@record
class ResiliencePolicy:
    """All of it, for one consumed operation.

    Attributes:
        origin: Where requests go, as text: what is counted, is counted for each origin.
        timeouts: How long a request may take.
        retries: How often it is tried.
        repeatable: Whether it may be sent again when nobody knows whether it has run.
        breaking: When nothing more is sent.
        concurrency: How many requests run at once.
        rate: How many go upstream in a time; None for any number.
        says_repeatable: Whether the document's `x-resilience` itself says so or the contrary.
        is_timed: Whether any of its timeouts is set.
        key: The same for all policies that count together.
    """

    origin: str
    timeouts: Timeouts
    retries: Retries
    repeatable: bool
    breaking: CircuitBreaking
    concurrency: Concurrency
    rate: Rate | None = None
    says_repeatable: bool = False
    is_timed: bool = field(init=False)
    key: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_timed", self.timeouts != Timeouts())
        key = repr((self.origin, self.breaking, self.concurrency, self.rate))
        object.__setattr__(self, "key", key)

    def hinted(self, idempotent: bool | None) -> ResiliencePolicy:
        """Return the policy for an exposed unit.

        Args:
            idempotent: What the unit says of itself; `x-resilience` itself goes before that.
        """
        if idempotent is None or self.says_repeatable or idempotent == self.repeatable:
            return self
        return replace(self, repeatable=idempotent)
