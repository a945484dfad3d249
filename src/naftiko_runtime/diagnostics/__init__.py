"""Findings about documents, and how they are shown."""

from naftiko_runtime.diagnostics.diagnostic import (
    Diagnostic,
    Diagnostics,
    Position,
    Severity,
    did_you_mean,
)

__all__ = ["Diagnostic", "Diagnostics", "Position", "Severity", "did_you_mean"]
