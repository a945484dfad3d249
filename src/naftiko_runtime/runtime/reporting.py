"""What a person is told on standard error while the runtime starts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Final

from naftiko_runtime.diagnostics import Diagnostic, Severity
from naftiko_runtime.diagnostics.rendering import render
from naftiko_runtime.runtime.sockets import PortInUse
from naftiko_runtime.secrecy import Secrecy

MANY_FILES: Final = 20
"""From how many files on it is shown how far their loading has come."""


def show(diagnostics: Sequence[Diagnostic], secrecy: Secrecy) -> None:
    """Write findings to standard error; pieces of information only where there is nothing else."""
    weighty = [one for one in diagnostics if one.severity is not Severity.INFO]
    shown = weighty or diagnostics
    if shown:
        colour = sys.stderr.isatty()
        print(render(shown, "text", colour, secrecy.mask), file=sys.stderr)  # noqa: T201


def port_in_use(error: PortInUse) -> Diagnostic:
    """Return what is said of a port that a listener can't have."""
    plan = error.plan
    return Diagnostic(
        Severity.ERROR,
        "port-in-use",
        str(error),
        plan.at,
        f"stop what uses it, or choose another with --{plan.kind}-port PORT (0 picks a free one)",
    )


def progress() -> Callable[[int, int], None] | None:
    """Return what shows on a terminal how far loading has come; None where there is no terminal."""
    return _progress if sys.stderr.isatty() else None


def _progress(done: int, total: int) -> None:
    if total >= MANY_FILES:
        end = "\n" if done == total else ""
        print(f"\rloading {done} of {total} files", end=end, file=sys.stderr, flush=True)  # noqa: T201
