"""What a script's own errors are to callers, and to the log."""

from __future__ import annotations

import logging
from typing import Final

from naftiko_runtime.errors import ScriptFailed
from naftiko_runtime.execute.scripts.engine import failed
from naftiko_runtime.plan.scripts import ScriptSource

_KINDS: Final = frozenset(
    {
        "AssertionError",
        "AttributeError",
        "EvalError",
        "Exception",
        "Error",
        "IndexError",
        "KeyError",
        "LookupError",
        "ModuleNotFoundError",
        "NameError",
        "NotImplementedError",
        "OSError",
        "PermissionError",
        "RangeError",
        "RecursionError",
        "ReferenceError",
        "RuntimeError",
        "SyntaxError",
        "TypeError",
        "URIError",
        "ValueError",
        "ZeroDivisionError",
    }
)
"""The names that errors have of their language; others are the script's own words."""

_log = logging.getLogger("naftiko.scripts")


def script_error(source: ScriptSource, kind: str, line: int | None) -> ScriptFailed:
    """Return the error of a script that raised one.

    Neither callers nor the log learn its message, which may hold anything that the script knows.

    Args:
        source: The file that ran.
        kind: The name of the error.
        line: Where it was raised, from 1.
    """
    known = kind if kind in _KINDS else "error"
    _log.warning("%s: %s in line %s", source.file, known, line if line is not None else "?")
    return failed("it raised an error, of which the log says more")
