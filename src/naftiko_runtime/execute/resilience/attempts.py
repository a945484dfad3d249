"""Whether a request is tried again, and how long the pause before that is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final, TypeAlias

from naftiko_runtime.errors import UpstreamError, UpstreamTimeout, UpstreamUnreachable
from naftiko_runtime.execute.upstream.message import Headers, UpstreamResponse
from naftiko_runtime.plan.resilience import ResiliencePolicy, Retries

FIRST_REPEATED_STATUS: Final = 429
"""No status below this one is a reason to try again."""

_TOO_MANY: Final = 429
_UNAVAILABLE: Final = 503
_PASSING: Final = frozenset({_TOO_MANY, 502, _UNAVAILABLE, 504})
_NEVER_RUN: Final = frozenset({_TOO_MANY, _UNAVAILABLE})
_LOST: Final = (UpstreamUnreachable, UpstreamTimeout)

Ending: TypeAlias = UpstreamResponse | UpstreamError
"""How an attempt ends: with an answer, or without one."""


def may_repeat(policy: ResiliencePolicy, ending: Ending) -> bool:
    """Return whether a request may be sent again after an attempt that ended so.

    A request that must not run twice is only sent again where it is certain that it has not run:
    it was never sent, or upstream names another time with `Retry-After` (RFC 9110 10.2.3).
    """
    if isinstance(ending, UpstreamError):
        is_passing = isinstance(ending, _LOST) and not ending.lasting
        return is_passing and (ending.unsent or policy.repeatable)
    if policy.repeatable:
        return ending.status in _PASSING
    return ending.status in _NEVER_RUN and retry_after(ending.headers, lambda: 0.0) is not None


def pause(
    policy: ResiliencePolicy,
    ending: Ending,
    attempt: int,
    remaining: float,
    jitter: Callable[[], float],
    wall_clock: Callable[[], float],
) -> float | None:
    """Return the seconds to wait before the next attempt; None where there is to be none.

    Args:
        policy: The operation's.
        ending: How the last attempt ended.
        attempt: Its number, from 1.
        remaining: The seconds that are left; a pause that takes all of them makes no sense.
        jitter: Draws a number from 0 to 1.
        wall_clock: Seconds since the epoch, for a `Retry-After` that names a date.
    """
    if attempt >= policy.retries.attempts or not may_repeat(policy, ending):
        return None
    seconds = None
    if not isinstance(ending, UpstreamError):
        seconds = retry_after(ending.headers, wall_clock)
    if seconds is None:
        seconds = backoff(policy.retries, attempt, jitter())
    return seconds if seconds < remaining else None


def backoff(retries: Retries, attempt: int, jitter: float) -> float:
    """Return a pause in seconds: exponential, with full jitter.

    Args:
        retries: How long pauses may be.
        attempt: The number of the attempt before it, from 1.
        jitter: From 0 to 1.
    """
    doubled: float = retries.backoff_seconds * 2.0 ** (attempt - 1)
    return jitter * min(retries.longest_backoff_seconds, doubled)


def retry_after(headers: Headers, wall_clock: Callable[[], float]) -> float | None:
    """Return how many seconds `Retry-After` asks to wait; None without one that makes sense."""
    value = _header(headers)
    if value is None:
        return None
    if value.isdigit():
        return float(value)
    try:
        at = parsedate_to_datetime(value.decode("latin-1"))
        # Dates are in UTC, also in the old form that does not say so (RFC 9110 5.6.7).
        seconds = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
    return max(0.0, seconds - wall_clock())


def _header(headers: Headers) -> bytes | None:
    return next((value for name, value in headers if name == b"retry-after"), None)
