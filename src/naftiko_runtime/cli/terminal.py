"""What commands print, and whether it may be coloured."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import TextIO

import click

from naftiko_runtime.diagnostics import Diagnostic
from naftiko_runtime.diagnostics.rendering import render
from naftiko_runtime.secrecy import Secrecy


def may_colour(stream: TextIO) -> bool:
    """Return whether a stream takes colours: a terminal, unless `NO_COLOR` is set."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def print_findings(diagnostics: Sequence[Diagnostic], secrecy: Secrecy) -> None:
    """Print diagnostics on standard error, and an empty line behind them."""
    if diagnostics:
        text = render(diagnostics, "text", colour=may_colour(sys.stderr), mask=secrecy.mask)
        click.echo(f"{text}\n", err=True)


def columns(rows: Iterable[Sequence[str]], indent: str = "  ") -> list[str]:
    """Return rows as lines whose columns stand below each other, two blanks apart."""
    table = [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        indent + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]


def bold(text: str) -> str:
    """Return a heading as terminals show it; `click.echo` drops the style where it has no place."""
    return click.style(text, bold=True)
