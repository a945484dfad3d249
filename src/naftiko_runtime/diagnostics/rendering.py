"""Chooses how diagnostics are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeAlias, get_args

from naftiko_runtime.diagnostics.as_json import render_json
from naftiko_runtime.diagnostics.github import render_github
from naftiko_runtime.diagnostics.harmless import Mask, unmasked
from naftiko_runtime.diagnostics.sarif import render_sarif
from naftiko_runtime.diagnostics.text import render_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from naftiko_runtime.diagnostics.diagnostic import Diagnostic
    from naftiko_runtime.diagnostics.source_lines import SourceLines

Format: TypeAlias = Literal["text", "json", "github", "sarif"]
"""The name of a way to show diagnostics."""

FORMATS: Final[tuple[Format, ...]] = get_args(Format)


class _MachineFormat(Protocol):
    def __call__(self, diagnostics: Iterable[Diagnostic], *, mask: Mask) -> str: ...


_MACHINE_FORMATS: Final[dict[str, _MachineFormat]] = {
    "json": render_json,
    "github": render_github,
    "sarif": render_sarif,
}


def render(
    diagnostics: Iterable[Diagnostic],
    format: Format,  # noqa: A002 - the word of the `--format` option
    colour: bool = False,
    mask: Mask = unmasked,
    sources: SourceLines | None = None,
) -> str:
    """Return diagnostics in one of the `FORMATS`.

    Args:
        diagnostics: The findings, in the order in which they are to be shown.
        format: The form.
        colour: Whether text has ANSI colours; the other forms never have.
        mask: Hides secrets in every text of a finding and in every quoted source line.
        sources: Where text takes its quoted lines from; by default the files themselves.

    Returns:
        The whole output, without a line break at its end.
    """
    if format == "text":
        return render_text(diagnostics, colour=colour, mask=mask, sources=sources)
    return _MACHINE_FORMATS[format](diagnostics, mask=mask)
