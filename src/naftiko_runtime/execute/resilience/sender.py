"""Sends the request of a call: as often as it takes, and as its policy allows; a stream once."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Final, TypeVar

from naftiko_runtime.errors import (
    UpstreamError,
    UpstreamProtocolError,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from naftiko_runtime.execute.credentials.authoriser import Authoriser
from naftiko_runtime.execute.resilience.attempts import FIRST_REPEATED_STATUS, Ending, pause
from naftiko_runtime.execute.resilience.breaker import Breaker
from naftiko_runtime.execute.resilience.gate import Gate, Gates
from naftiko_runtime.execute.resilience.timing import REAL_TIME, Timing
from naftiko_runtime.execute.upstream.message import (
    StreamedBody,
    StreamedResponse,
    UpstreamClient,
    UpstreamRequest,
    UpstreamResponse,
)
from naftiko_runtime.limits import DEFAULT_LIMITS
from naftiko_runtime.plan.calls import CallPlan
from naftiko_runtime.plan.forwarding import ForwardPlan
from naftiko_runtime.plan.resilience import ResiliencePolicy
from naftiko_runtime.values import Deadline

Answer = TypeVar("Answer", UpstreamResponse, StreamedResponse)

_log: Final = logging.getLogger("naftiko.resilience")
_DOWN: Final = (UpstreamUnreachable, UpstreamTimeout, UpstreamProtocolError)
_DOWN_STATUSES: Final = frozenset({502, 503, 504})


class Sender:
    """Carries the requests of calls upstream.

    Args:
        client: Carries one request.
        authoriser: Carries one whose credentials are obtained on the way.
        connections: How many connections it may have to one origin.
        timing: Time and chance.
    """

    def __init__(
        self,
        client: UpstreamClient,
        authoriser: Authoriser,
        connections: int = DEFAULT_LIMITS.upstream_connections,
        timing: Timing = REAL_TIME,
    ) -> None:
        self._client = client
        self._authoriser = authoriser
        self._timing = timing
        self._gates = Gates(connections, timing)

    @property
    def circuits(self) -> dict[str, bool]:
        """For each origin with a circuit breaker, whether it is left alone now."""
        return self._gates.circuits

    async def send(
        self, call: CallPlan, request: UpstreamRequest, until: Deadline
    ) -> UpstreamResponse:
        """Send a request and return its answer; an error status is an answer, too.

        Args:
            call: What the request belongs to.
            request: The request, but for credentials that are obtained on the way.
            until: When all of it has to be over.

        Raises:
            UpstreamError: There is no answer; the detail tells of the attempts, if several.
        """
        policy = call.resilience
        gate = self._gates.find(policy.key) or self._gates.open(policy)
        breaker, bulkhead = gate.breaker, gate.bulkhead
        is_free = breaker.closed and bulkhead.taken < bulkhead.limit and gate.throttle is None
        if policy.is_timed or not is_free:
            return await self._go_on(gate, call, request, until, None)
        bulkhead.taken += 1
        try:
            ending: Ending = await self._carry(call, request, until)
        except UpstreamError as error:
            ending = error
        finally:
            bulkhead.leave()
        if isinstance(ending, UpstreamError) or ending.status >= FIRST_REPEATED_STATUS:
            return await self._go_on(gate, call, request, until, ending)
        if breaker.failures:
            breaker.succeeded(probe=False)
        return ending

    @asynccontextmanager
    async def stream(
        self,
        plan: ForwardPlan,
        request: UpstreamRequest,
        body: StreamedBody | None,
        patience_seconds: float,
    ) -> AsyncIterator[StreamedResponse]:
        """Send a request once, its body and the answer's in pieces.

        Its place is taken until the context is left. The head of the answer tells the breaker how
        upstream is; what happens to the body later does not count.

        Args:
            plan: What the request belongs to.
            request: The request, but for credentials that are obtained on the way.
            body: What it carries; None where there is nothing.
            patience_seconds: How long it may wait for its turn, and how long upstream may be
                silent after that.

        Raises:
            UpstreamError: There is no answer, or it breaks off.
        """
        policy = plan.resilience
        gate = self._gates.find(policy.key) or self._gates.open(policy)
        grant = plan.credentials.grant
        probe = await gate.enter(Deadline(self._timing.clock() + patience_seconds))
        try:
            async with AsyncExitStack() as exchange:
                streamed = self._authoriser.stream(grant, request, body, patience_seconds)
                opening = exchange.enter_async_context(streamed)
                ending = await _judged(gate.breaker, opening, probe=probe)
                if isinstance(ending, UpstreamError):
                    raise ending
                yield ending
        finally:
            gate.bulkhead.leave()

    async def _go_on(
        self,
        gate: Gate,
        call: CallPlan,
        request: UpstreamRequest,
        until: Deadline,
        ending: Ending | None,
    ) -> UpstreamResponse:
        """Make the attempts that are still to be made.

        Args:
            gate: What each attempt has to pass.
            call: What the request belongs to.
            request: The request.
            until: When all of it has to be over.
            ending: How the first attempt ended; None where it is still to be made.
        """
        policy = call.resilience
        if policy.timeouts.total_seconds is not None:
            until = self._within(policy.timeouts.total_seconds, until)
        if ending is None:
            ending = await self._attempt(gate, call, request, until)
        else:
            _judge(gate.breaker, ending, probe=False)
        attempt = 1
        while (seconds := self._pause(gate, policy, ending, attempt, until)) is not None:
            await self._timing.sleep(seconds)
            attempt += 1
            ending = await self._attempt(gate, call, request, until)
        return _told(ending, call, attempt)

    async def _attempt(
        self, gate: Gate, call: CallPlan, request: UpstreamRequest, until: Deadline
    ) -> Ending:
        """Send a request once, and let its gate know how that ended."""
        probe = await gate.enter(until)
        try:
            carrying = self._carry(call, request, self._timed(call, until))
            return await _judged(gate.breaker, carrying, probe=probe)
        finally:
            gate.bulkhead.leave()

    def _carry(
        self, call: CallPlan, request: UpstreamRequest, until: Deadline
    ) -> Awaitable[UpstreamResponse]:
        grant = call.credentials.grant
        if grant is None:
            return self._client.send(request, until)
        return self._authoriser.send(grant, request, until)

    def _timed(self, call: CallPlan, until: Deadline) -> Deadline:
        """Return the deadline of one attempt."""
        timeouts = call.resilience.timeouts
        if timeouts.read_seconds is not None:
            until = self._within(timeouts.read_seconds, until)
        if timeouts.connect_seconds is not None:
            until = replace(until, connect_seconds=timeouts.connect_seconds)
        return until

    def _within(self, seconds: float, until: Deadline) -> Deadline:
        return replace(until, at=min(until.at, self._timing.clock() + seconds))

    def _pause(
        self, gate: Gate, policy: ResiliencePolicy, ending: Ending, attempt: int, until: Deadline
    ) -> float | None:
        """Return the seconds until the next attempt; None where there is to be none."""
        if not gate.breaker.closed:
            return None
        timing = self._timing
        remaining = until.at - timing.clock()
        return pause(policy, ending, attempt, remaining, timing.jitter, timing.wall_clock)


def is_down(ending: Ending | StreamedResponse) -> bool:
    """Return whether an attempt says that upstream is not there, or that what it asks is not."""
    if isinstance(ending, UpstreamError):
        return isinstance(ending, _DOWN) and not ending.elsewhere
    return ending.status in _DOWN_STATUSES


async def _judged(
    breaker: Breaker, answering: Awaitable[Answer], *, probe: bool
) -> Answer | UpstreamError:
    """Wait for an answer or its head, and let the breaker know how that ended."""
    try:
        ending: Answer | UpstreamError = await answering
    except UpstreamError as error:
        ending = error
    except BaseException:
        breaker.abandoned(probe=probe)
        raise
    _judge(breaker, ending, probe=probe)
    return ending


def _judge(breaker: Breaker, ending: Ending | StreamedResponse, *, probe: bool) -> None:
    if is_down(ending):
        breaker.failed(probe=probe)
    elif isinstance(ending, UpstreamError):
        breaker.abandoned(probe=probe)
    else:
        breaker.succeeded(probe=probe)


def _told(ending: Ending, call: CallPlan, attempt: int) -> UpstreamResponse:
    """Return an answer, or raise an error, and tell how many attempts it took, if several."""
    if not isinstance(ending, UpstreamError):
        if attempt > 1:
            level = logging.INFO if ending.status < FIRST_REPEATED_STATUS else logging.WARNING
            _log.log(level, "%s: %d attempts, last: %d", call.address, attempt, ending.status)
        return ending
    if attempt > 1:
        ending.detail = f"{attempt} attempts, last: {ending.detail}"
    raise ending
