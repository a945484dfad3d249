"""What tracing needs besides what is always installed."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

_EXTRA: Final = "naftiko-runtime[tracing]"
_NEEDED: Final = ("opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http")


def missing_tracing_extra() -> str | None:
    """Return the extra that tracing needs, if it is not installed."""
    return None if all(map(_is_installed, _NEEDED)) else _EXTRA


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # what it is a part of is not there either
        return False
