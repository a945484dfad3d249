"""Diagnostics as GitHub workflow commands, which become annotations of a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from naftiko_runtime.diagnostics.diagnostic import Diagnostic, Severity
from naftiko_runtime.diagnostics.harmless import Mask, harmless, unmasked
from naftiko_runtime.diagnostics.location import relative_path

if TYPE_CHECKING:
    from collections.abc import Iterable

_COMMAND: Final = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "notice",
}
_IN_MESSAGE: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTY: Final = _IN_MESSAGE | str.maketrans({":": "%3A", ",": "%2C"})


def render_github(diagnostics: Iterable[Diagnostic], *, mask: Mask = unmasked) -> str:
    """Return one workflow command a line: `::error file=,line=,col=,title=::message`.

    Args:
        diagnostics: The findings.
        mask: Hides secrets in every text.
    """
    return "\n".join(_command(harmless(one, mask)) for one in diagnostics)


def _command(diagnostic: Diagnostic) -> str:
    given = ",".join(f"{name}={value}" for name, value in _properties(diagnostic).items())
    message = "\n".join(_paragraphs(diagnostic)).translate(_IN_MESSAGE)
    return f"::{_COMMAND[diagnostic.severity]} {given}::{message}"


def _properties(diagnostic: Diagnostic) -> dict[str, str]:
    properties = {"title": diagnostic.code}
    if at := diagnostic.position:
        place = {"file": relative_path(at.file), "line": str(at.line), "col": str(at.column)}
        properties = place | properties
    return {name: value.translate(_IN_PROPERTY) for name, value in properties.items()}


def _paragraphs(diagnostic: Diagnostic) -> Iterable[str]:
    yield diagnostic.message
    if diagnostic.hint:
        yield f"help: {diagnostic.hint}"
    if diagnostic.unit:
        yield f"note: {diagnostic.unit} is left out"
