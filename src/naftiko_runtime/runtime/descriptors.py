"""Open files: as many as connections may need, or fewer connections."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace
from typing import Final

from naftiko_runtime.limits import ServeLimits

_log: Final = logging.getLogger("naftiko.runtime")
_OTHER: Final = 128
"""What files, listeners and the event loop need."""


def fit_to_descriptors(limits: ServeLimits) -> ServeLimits:
    """Have the system allow as many open files as the limits need; else return tighter ones.

    A process that runs out of them could accept nothing and call nobody.
    """
    needed = limits.connections + limits.upstream_connections + _OTHER
    allowed = allow_descriptors(needed)
    if allowed >= needed:
        return limits
    connections = max(1, allowed - min(limits.upstream_connections, allowed // 4) - _OTHER)
    if connections >= limits.connections:
        return limits
    message = "the system allows %d open files: at most %d connections of callers are taken"
    _log.warning(message, allowed, connections)
    return replace(limits, connections=connections)


def allow_descriptors(needed: int) -> int:
    """Raise the soft limit on open files if it is too low; return what it is then."""
    try:
        import resource
    except ImportError:  # not a POSIX system
        return needed
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    infinite = resource.RLIM_INFINITY
    if soft == infinite or soft >= needed:
        return needed
    wanted = needed if hard == infinite else min(needed, hard)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return soft
