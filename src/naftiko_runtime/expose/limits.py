"""What callers may ask of a listener."""

from __future__ import annotations

from dataclasses import dataclass

from naftiko_runtime.limits import DEFAULT_LIMITS


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one request.

    Attributes:
        body_bytes: How large a request body may be.
        body_seconds: How long it may take to arrive.
        call_seconds: How long a call may take as a whole.
        json_depth: How deep JSON may be nested.
        parameters: How many fields a query or a form may have.
    """

    body_bytes: int = DEFAULT_LIMITS.body_bytes
    body_seconds: float = DEFAULT_LIMITS.body_seconds
    call_seconds: float = 30.0
    json_depth: int = DEFAULT_LIMITS.json_depth
    parameters: int = DEFAULT_LIMITS.parameters
