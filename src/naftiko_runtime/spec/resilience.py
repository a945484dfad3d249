"""`x-resilience`: what happens when an upstream API is slow, busy or broken.

The block may stand on a consumed API, a resource and an operation; the inner one wins, field by
field.
"""

from __future__ import annotations

import re
from typing import Annotated, Final, TypeAlias

from pydantic import BeforeValidator, Field

from naftiko_runtime.load.nodes import START, Map
from naftiko_runtime.spec.block import Block, whole_number
from naftiko_runtime.spec.spellings import Spelled, matching, unless_off

_DURATION: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*(ms|s|m)?")
_UNITS: Final = {None: 1.0, "ms": 0.001, "s": 1.0, "m": 60.0}


def _duration(raw: object) -> object:
    if raw is None:
        return None
    match = None if isinstance(raw, bool) else _DURATION.fullmatch(str(raw).strip())
    if match is None:
        raise ValueError("has to be a time such as 5, 2.5s or 250ms")
    return float(match[1]) * _UNITS[match[2]]


Seconds: TypeAlias = Annotated[
    float | None,
    Field(None, gt=0, le=86_400),
    BeforeValidator(_duration),
    matching(_DURATION.pattern),
]
"""A time in seconds; written as a number of them, or with `ms`, `s` or `m` behind it."""

Count: TypeAlias = Annotated[
    int | None, Field(None, ge=0, le=1_000_000), BeforeValidator(whole_number)
]
"""A whole number."""

Positive: TypeAlias = Annotated[
    int | None, Field(None, ge=1, le=1_000_000), BeforeValidator(whole_number)
]
"""A whole number, at least one."""


class Timeouts(Block):
    """How long things may take; never longer than the call as a whole may."""

    connect: Seconds
    read: Seconds
    total: Seconds


class Retries(Block):
    """How often a request is tried, and how long the pauses are. One attempt: no retries."""

    attempts: Annotated[int | None, Field(None, ge=1, le=10), BeforeValidator(whole_number)]
    backoff: Seconds
    max_backoff: Seconds = Field(None, validation_alias="maxBackoff")


class CircuitBreaker(Block):
    """When an upstream is left alone, and for how long. No failures: never."""

    failures: Count
    window: Seconds
    open: Seconds


class Concurrency(Block):
    """How many requests may run at once, and how many may wait for their turn."""

    limit: Positive
    queue: Count


class RateLimit(Block):
    """How many requests may go upstream in a time: a bucket of tokens."""

    requests: Positive
    per: Seconds
    burst: Positive


def _attempts(raw: object) -> object:
    return _only("attempts", 1) if _is_off(raw) else raw


def _failures(raw: object) -> object:
    return _only("failures", 0) if _is_off(raw) else raw


def _is_off(raw: object) -> bool:
    return raw is False or raw == "off"


def _only(key: str, value: int) -> Map:
    block = Map("", START)
    block[key] = value
    return block


class Resilience(Block):
    """The whole block; what it leaves out is taken from the level outside, then from the defaults.

    `retries` and `circuitBreaker` may be `off`.
    """

    idempotent: bool | None = None
    timeouts: Timeouts | None = None
    retries: Annotated[Retries | None, BeforeValidator(_attempts), Spelled(unless_off)] = None
    circuit_breaker: Annotated[
        CircuitBreaker | None,
        Field(None, validation_alias="circuitBreaker"),
        BeforeValidator(_failures),
        Spelled(unless_off),
    ]
    concurrency: Concurrency | None = None
    rate_limit: RateLimit | None = Field(None, validation_alias="rateLimit")
