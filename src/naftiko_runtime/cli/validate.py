"""`naftiko validate`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import click

from naftiko_runtime.cli.options import FILES, loading, require_files
from naftiko_runtime.cli.terminal import may_colour
from naftiko_runtime.diagnostics import Diagnostic, Severity
from naftiko_runtime.diagnostics.rendering import FORMATS, Format, render
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.runtime.loading import load as load_file
from naftiko_runtime.secrecy import Secrecy

_EPILOG: Final = """\b
Examples:
  naftiko validate capability.yaml
  naftiko validate capabilities/ --strict
  naftiko validate capabilities/ --format sarif > findings.sarif

The exit status is 0 if everything is sound, 1 if there are errors (with --strict also if there
are warnings), and 2 if the command itself was not understood.
"""
_MANY: Final = 10


@click.command("validate", epilog=_EPILOG)
@FILES
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="Show findings to people, to programs, or in code review.",
)
@click.option("--strict", is_flag=True, help="Let warnings fail the check, too.")
@loading
def command(*, paths: tuple[Path, ...], format_: Format, strict: bool, load: LoadOptions) -> None:
    """Check capability files without serving them.

    FILE is a capability file, a folder of them, or a pattern such as 'apis/*.yaml'. Findings are
    printed with the place that they are about; all of them at once.
    """
    findings = _check(require_files(paths), load)
    mask = Secrecy(findings.secrets).mask
    text = render(findings.diagnostics, format_, colour=may_colour(sys.stdout), mask=mask)
    if format_ == "text":
        text = "\n\n".join(filter(None, [text, findings.summary(strict=strict)]))
    if text:
        click.echo(text)
    raise SystemExit(1 if findings.failed(strict=strict) else 0)


@dataclass(slots=True)
class _Findings:
    """What was found in all files.

    Attributes:
        diagnostics: Of all files, in their order.
        worst: How bad it is in each file; None for a file without findings that count.
        secrets: Values that may not be shown.
    """

    diagnostics: list[Diagnostic] = field(default_factory=list)
    worst: list[Severity | None] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)

    def failed(self, *, strict: bool) -> bool:
        """Return whether any file fails the check."""
        return any(_fails(one, strict=strict) for one in self.worst)

    def summary(self, *, strict: bool) -> str:
        """Return the closing line."""
        total = len(self.worst)
        failing = sum(_fails(one, strict=strict) for one in self.worst)
        files = "1 file" if total == 1 else f"{total} files"
        if not failing:
            return f"{files} checked: sound"
        return f"{files} checked: {failing} not sound" + (" (strict)" if strict else "")


def _fails(worst: Severity | None, *, strict: bool) -> bool:
    return worst is Severity.ERROR or (strict and worst is Severity.WARNING)


def _check(files: Sequence[Path], load: LoadOptions) -> _Findings:
    findings = _Findings()
    for file in _with_progress(files):
        loaded = load_file(file, load)
        findings.diagnostics += loaded.diagnostics
        severities = {one.severity for one in loaded.diagnostics}
        weighty = (Severity.ERROR, Severity.WARNING)
        findings.worst.append(next((one for one in weighty if one in severities), None))
        findings.secrets |= loaded.secrets
    return findings


def _with_progress(files: Sequence[Path]) -> Iterator[Path]:
    """Yield files; where a person waits for many, show on standard error how far it is."""
    if len(files) < _MANY or not sys.stderr.isatty():
        yield from files
        return
    with click.progressbar(files, label="Checking", file=sys.stderr) as waiting:
        yield from waiting
