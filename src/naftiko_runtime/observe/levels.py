"""What a process has in hand, as it is measured."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Levels:
    """What a process has in hand at a moment.

    Attributes:
        version: The runtime's.
        capabilities: The names of the capabilities that are served.
        connections: How many connections of callers are open.
        calls: How many calls run.
        circuits: For each origin with a circuit breaker, whether it is left alone now.
    """

    version: str
    capabilities: Collection[str]
    connections: int
    calls: int
    circuits: Mapping[str, bool]
