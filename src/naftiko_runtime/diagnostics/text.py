"""Diagnostics for people: the finding, its place, the line with a caret, and how to mend it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import takewhile
from typing import Final, TypeAlias

from naftiko_runtime.diagnostics.diagnostic import Diagnostic, Position, Severity
from naftiko_runtime.diagnostics.excerpt import Excerpt, excerpt
from naftiko_runtime.diagnostics.harmless import Mask, harmless, unmasked
from naftiko_runtime.diagnostics.source_lines import SourceLines

_QUOTED_COLUMNS: Final = 100
_SHOWN_PLACES: Final = 3
_BOLD: Final = "1"
_BLUE: Final = "1;34"
_COLOUR_OF: Final = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.INFO: "1;36"}

_Paint: TypeAlias = Callable[[str, str], str]


def render_text(
    diagnostics: Iterable[Diagnostic],
    *,
    colour: bool = False,
    mask: Mask = unmasked,
    sources: SourceLines | None = None,
) -> str:
    """Return diagnostics as a compiler shows them, with a closing summary line.

    What is said of several files in the same words is shown once, with its other places.

    Args:
        diagnostics: The findings, in the order in which they are to be shown.
        colour: Whether to use ANSI colours (ECMA-48 SGR).
        mask: Hides secrets in every text, quoted source lines included.
        sources: Where quoted lines come from; by default the files themselves.

    Returns:
        The text without a line break at its end; an empty one if there are no findings.
    """
    found = list(diagnostics)
    if not found:
        return ""
    paint = _painted if colour else _plain
    lines = sources or SourceLines()
    blocks = [
        _block(one, _quoted(one.position, lines, mask), mask, paint, _elsewhere(others, mask))
        for one, *others in _said_once(found)
    ]
    return "\n\n".join([*blocks, _summary(found)])


def _said_once(found: Iterable[Diagnostic]) -> Iterable[list[Diagnostic]]:
    """Return findings that say the same of several files together, in order."""
    blocks: list[list[Diagnostic]] = []
    said: dict[Diagnostic, list[Diagnostic]] = {}
    for one in found:
        words = replace(one, position=None)
        if words in said and _file(said[words][0]) != _file(one):
            said[words].append(one)
        else:
            said[words] = [one]
            blocks.append(said[words])
    return blocks


def _file(diagnostic: Diagnostic) -> str | None:
    return diagnostic.position.file if diagnostic.position else None


def _elsewhere(others: list[Diagnostic], mask: Mask) -> str | None:
    """Return the places of findings that are not shown by themselves."""
    places = [str(harmless(one, mask).position) for one in others if one.position]
    more = f" and {len(places) - _SHOWN_PLACES} more" if len(places) > _SHOWN_PLACES else ""
    return ", ".join(places[:_SHOWN_PLACES]) + more if places else None


def _block(
    diagnostic: Diagnostic, quoted: Excerpt | None, mask: Mask, paint: _Paint, elsewhere: str | None
) -> str:
    safe = harmless(diagnostic, mask)
    colour = _COLOUR_OF[safe.severity]
    lines = [paint(f"{safe.severity}[{safe.code}]", colour) + paint(f": {safe.message}", _BOLD)]
    gutter = ""
    if safe.position:
        gutter = " " * len(str(safe.position.line))
        lines.append(paint(f"{gutter}-->", _BLUE) + f" {safe.position}")
        if quoted:
            lines += _quotation(quoted, safe.position.line, gutter, colour, paint)
    sign = paint(f"{gutter} =", _BLUE)
    notes = _notes(safe, elsewhere)
    lines += [f"{sign} {paint(f'{word}:', _BOLD)} {said}" for word, said in notes]
    return "\n".join(lines)


def _quotation(
    quoted: Excerpt, line: int, gutter: str, colour: str, paint: _Paint
) -> tuple[str, str, str]:
    return (
        paint(f"{gutter} |", _BLUE),
        paint(f"{line} |", _BLUE) + f" {quoted.text}".rstrip(),
        paint(f"{gutter} |", _BLUE) + " " * (quoted.caret + 1) + paint("^", colour),
    )


def _notes(diagnostic: Diagnostic, elsewhere: str | None) -> Iterable[tuple[str, str]]:
    if diagnostic.hint:
        yield "help", diagnostic.hint
    if diagnostic.unit and "left out" not in diagnostic.message:
        yield "note", f"{diagnostic.unit} is left out"
    if elsewhere:
        yield "note", f"the same at {elsewhere}"


def _quoted(position: Position | None, sources: SourceLines, mask: Mask) -> Excerpt | None:
    line = sources.line(position.file, position.line) if position else None
    if position is None or line is None:
        return None
    masked = mask(line)
    # Up to the caret both are masked alike, unless it points into a secret: then to its start.
    before = mask(line[: max(0, position.column - 1)])
    return excerpt(masked, _length_in_common(masked, before), _QUOTED_COLUMNS)


def _length_in_common(one: str, other: str) -> int:
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _summary(found: list[Diagnostic]) -> str:
    count = Counter(one.severity for one in found)
    said = ", ".join(_counted(count[one], one.value) for one in Severity if count[one])
    files = {one.position.file for one in found if one.position}
    return f"{said} in {_counted(len(files), 'file')}" if files else said


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _painted(text: str, style: str) -> str:
    return f"\x1b[{style}m{text}\x1b[0m"


def _plain(text: str, _style: str) -> str:
    return text
