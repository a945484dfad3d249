"""The circuit breaker of one origin: closed, open, or half open while one request finds out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from naftiko_runtime.errors import UpstreamCircuitOpen
from naftiko_runtime.plan.resilience import CircuitBreaking

_log: Final = logging.getLogger("naftiko.resilience")
_WHILE_PROBING_SECONDS: Final = 1.0


class Breaker:
    """Counts failures in a row; after too many, lets nothing pass for a while, then one request.

    Attributes:
        closed: Whether everything may pass.
        failures: How many attempts in a row have failed.

    Args:
        origin: Where requests go, for messages.
        policy: When it opens, and for how long.
        clock: Seconds that never run back.
    """

    __slots__ = (
        "_clock",
        "_last_failure",
        "_origin",
        "_policy",
        "_probing",
        "_until",
        "closed",
        "failures",
    )

    def __init__(self, origin: str, policy: CircuitBreaking, clock: Callable[[], float]) -> None:
        self._origin = origin
        self._policy = policy
        self._clock = clock
        self._last_failure = self._until = 0.0
        self._probing = False
        self.closed = True
        self.failures = 0

    def check(self) -> None:
        """Let nothing pass that has no chance; it may still be too late when its turn comes.

        Raises:
            UpstreamCircuitOpen: Nothing may be sent yet.
        """
        if self.closed:
            return
        left = self._until - self._clock()
        if left > 0:
            left = min(left, _WHILE_PROBING_SECONDS) if self._probing else left
            raise UpstreamCircuitOpen(
                f"The upstream API failed {self.failures} times in a row; nothing is sent there "
                "until it has had time to recover.",
                retry_after_seconds=left,
            )

    def admit(self) -> bool:
        """Let a request pass; return whether it is the one that finds out how things are.

        One that takes longer than the circuit stays open, such as a body that its caller sends
        slowly, does not keep others from finding out.

        Raises:
            UpstreamCircuitOpen: Nothing may be sent yet.
        """
        self.check()
        self._probing = not self.closed
        if self._probing:
            self._until = self._clock() + self._policy.open_seconds
        return self._probing

    def succeeded(self, *, probe: bool) -> None:
        """Take note of an answer."""
        if probe and not self.closed:
            self.closed, self._probing = True, False
            _log.info("%s answers again: requests are sent there", self._origin)
        if self.closed:
            self.failures = 0

    def failed(self, *, probe: bool) -> None:
        """Take note of an attempt that got none, or one that says that upstream is not there."""
        now = self._clock()
        if self.closed:
            in_row = now - self._last_failure <= self._policy.window_seconds
            self.failures = self.failures + 1 if in_row else 1
            self._last_failure = now
            if self.failures != self._policy.failures:
                return
            message = "%s failed %d times in a row: nothing is sent there for %g s"
            _log.warning(message, self._origin, self.failures, self._policy.open_seconds)
        elif not probe:
            return  # it began before the circuit opened
        self.closed, self._probing = False, False
        self._until = now + self._policy.open_seconds

    def abandoned(self, *, probe: bool) -> None:
        """Take note of an attempt that says nothing about upstream."""
        if probe and self._probing:
            self._probing, self._until = False, self._clock()
