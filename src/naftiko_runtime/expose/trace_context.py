"""Which trace a request belongs to, as its caller tells: W3C Trace Context."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from opentelemetry.context import Context

from naftiko_runtime.execute.upstream.traced_client import W3C
from naftiko_runtime.expose.callers import RawHeaders

UNIT: Final = "naftiko.unit"
"""What a span calls the exposed unit that answers: `namespace.name`, as the access log has it."""

_PARENT: Final = "traceparent"
_STATE: Final = "tracestate"
_LONGEST: Final = 512
"""How long either may be; W3C asks no more of anybody."""


def context_of(headers: RawHeaders) -> Context:
    """Return the context that the headers of a request tell of; an empty one if they tell of none.

    Of several `traceparent` nobody knows which is right, so that there is none; several
    `tracestate` are one.
    """
    parents = [value for name, value in headers if name == b"traceparent"]
    if len(parents) != 1:
        return Context()
    states = [value for name, value in headers if name == b"tracestate"]
    return _context(parents[0].decode("latin-1"), b",".join(states).decode("latin-1"))


def context_in(meta: Mapping[str, object]) -> Context | None:
    """Return the context that the `_meta` of an MCP message tells of; None if it tells of none."""
    parent, state = meta.get(_PARENT), meta.get(_STATE, "")
    if not (isinstance(parent, str) and isinstance(state, str)):
        return None
    return _context(parent, state) or None


def _context(parent: str, state: str) -> Context:
    if len(parent) > _LONGEST:
        return Context()
    told = {_PARENT: parent}
    if state and len(state) <= _LONGEST:
        told[_STATE] = state
    return W3C.extract(told, Context())
