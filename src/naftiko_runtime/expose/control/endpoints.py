"""Where the endpoints of control adapters are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from naftiko_runtime.plan.adapters import ControlPlan

LIVE: Final = "/health/live"
READY: Final = "/health/ready"
STATUS: Final = "/status"
METRICS: Final = "/metrics"
RELOAD: Final = "/config/reload"
SCRIPTING: Final = "/scripting"
TRACES: Final = "/traces"
TRACE: Final = "/traces/{id}"
"""Stands for the paths of all traces."""

PATHS: Final = frozenset({LIVE, READY, STATUS, METRICS, RELOAD, SCRIPTING, TRACES})
"""All of them."""


def endpoints_of(plan: ControlPlan) -> Iterator[tuple[str, str]]:
    """Yield the method and path of every endpoint that an adapter has."""
    if plan.health:
        yield from (("GET", LIVE), ("GET", READY))
    if plan.info:
        yield "GET", STATUS
    if plan.metrics:
        yield "GET", METRICS
    if plan.traces:
        yield from (("GET", TRACES), ("GET", TRACE))
    if plan.reload:
        yield "POST", RELOAD
    if plan.scripting is not None:
        yield "GET", SCRIPTING
