"""Diagnostics for programs: a JSON list of objects that all have the same keys."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from naftiko_runtime.diagnostics.harmless import Mask, harmless, unmasked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from naftiko_runtime.diagnostics.diagnostic import Diagnostic
    from naftiko_runtime.values import Json


def render_json(diagnostics: Iterable[Diagnostic], *, mask: Mask = unmasked) -> str:
    """Return diagnostics as a JSON list (RFC 8259).

    Args:
        diagnostics: The findings.
        mask: Hides secrets in every text.

    Returns:
        A list of objects with the keys `severity`, `code`, `message`, `file`, `line`, `column`,
        `hint` and `unit`, in this order; what a finding does not have is null.
    """
    found = [_object(harmless(one, mask)) for one in diagnostics]
    return json.dumps(found, indent=2, ensure_ascii=False)


def _object(diagnostic: Diagnostic) -> dict[str, Json]:
    position = diagnostic.position
    return {
        "severity": diagnostic.severity.value,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "file": position.file if position else None,
        "line": position.line if position else None,
        "column": position.column if position else None,
        "hint": diagnostic.hint,
        "unit": diagnostic.unit,
    }
