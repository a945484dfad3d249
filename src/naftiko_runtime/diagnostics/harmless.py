"""Diagnostics made fit to be shown: secrets masked, and every text on one line.

The mask comes first, on the text as it was, because an escaped secret would no longer be found;
and it is not laid over finished output, where it could tear JSON or an escape apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from naftiko_runtime.diagnostics.characters import one_line

if TYPE_CHECKING:
    from naftiko_runtime.diagnostics.diagnostic import Diagnostic, Position

Mask: TypeAlias = Callable[[str], str]
"""Returns a text with `***` in place of every secret value that it holds."""


def unmasked(text: str) -> str:
    """Return the text itself: the mask of one who has no secrets."""
    return text


def harmless(diagnostic: Diagnostic, mask: Mask) -> Diagnostic:
    """Return a diagnostic of which every text can be shown anywhere.

    Severity and code stay as they are: they are the runtime's own words.
    """
    return replace(
        diagnostic,
        message=one_line(mask(diagnostic.message)),
        position=_harmless_position(diagnostic.position, mask),
        hint=_harmless_text(diagnostic.hint, mask),
        unit=_harmless_text(diagnostic.unit, mask),
    )


def _harmless_text(text: str | None, mask: Mask) -> str | None:
    return None if text is None else one_line(mask(text))


def _harmless_position(position: Position | None, mask: Mask) -> Position | None:
    return None if position is None else position._replace(file=one_line(mask(position.file)))
