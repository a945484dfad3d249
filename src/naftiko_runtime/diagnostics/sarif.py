"""Diagnostics as SARIF 2.1.0, which code scanning services read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from naftiko_runtime._version import __version__
from naftiko_runtime.diagnostics.codes import CODES
from naftiko_runtime.diagnostics.diagnostic import Diagnostic, Position, Severity
from naftiko_runtime.diagnostics.harmless import Mask, harmless, unmasked
from naftiko_runtime.diagnostics.location import relative_uri

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from naftiko_runtime.values import Json

_SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVEL: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render_sarif(diagnostics: Iterable[Diagnostic], *, mask: Mask = unmasked) -> str:
    """Return a SARIF log with one run, whose rules are the codes that were found.

    Args:
        diagnostics: The findings.
        mask: Hides secrets in every text.
    """
    found = [harmless(one, mask) for one in diagnostics]
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(found)]}
    return json.dumps(log, indent=2, ensure_ascii=False)


def _run(found: Sequence[Diagnostic]) -> dict[str, Json]:
    """Return a run object, SARIF section 3.14."""
    codes = sorted({one.code for one in found})
    driver: dict[str, Json] = {
        "name": "naftiko-runtime",
        "version": __version__,
        "rules": [_rule(code) for code in codes],
    }
    return {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, codes.index(one.code)) for one in found],
    }


def _rule(code: str) -> Json:
    """Return a reportingDescriptor object, SARIF section 3.49."""
    return {
        "id": code,
        "shortDescription": {"text": CODES.get(code, code)},
        "helpUri": f"docs/diagnostics/{code}.md",
    }


def _result(diagnostic: Diagnostic, rule: int) -> Json:
    """Return a result object, SARIF section 3.27."""
    hint = f" ({diagnostic.hint})" if diagnostic.hint else ""
    result: dict[str, Json] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": _LEVEL[diagnostic.severity],
        "message": {"text": diagnostic.message + hint},
    }
    if location := _location(diagnostic):
        result["locations"] = [location]
    return result


def _location(diagnostic: Diagnostic) -> dict[str, Json]:
    """Return a location object, SARIF section 3.28: the place and the unit, as far as known."""
    location: dict[str, Json] = {}
    if diagnostic.position:
        location["physicalLocation"] = _physical_location(diagnostic.position)
    if diagnostic.unit:
        location["logicalLocations"] = [{"fullyQualifiedName": diagnostic.unit}]
    return location


def _physical_location(position: Position) -> Json:
    return {
        "artifactLocation": {"uri": relative_uri(position.file)},
        "region": {"startLine": position.line, "startColumn": position.column},
    }
