"""What callers may ask of a listener."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one request.

    Attributes:
        body_bytes: How large a request body may be.
        call_seconds: How long a call may take as a whole.
    """

    body_bytes: int = 10 * 1024 * 1024
    call_seconds: float = 30.0
