"""The part of a source line that is quoted, and where its caret goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naftiko_runtime.diagnostics.characters import shown, width
from naftiko_runtime.values import record

if TYPE_CHECKING:
    from collections.abc import Iterable

_CUT = "…"


@record
class Excerpt:
    """A source line as it is shown.

    Attributes:
        text: What is shown of the line.
        caret: How many terminal columns stand before the caret.
    """

    text: str
    caret: int


def excerpt(line: str, column: int, room: int) -> Excerpt:
    """Return a line, cut down to the part around a column if it is too long.

    Args:
        line: The source line, without its line break.
        column: The character that the caret points to, from 0; past the end means the end.
        room: How many terminal columns there are, not counting the marks of a cut.
    """
    column = min(column, len(line))
    before = [shown(one) for one in reversed(line[max(0, column - room) : column])]
    after = [shown(one) for one in line[column : column + room]]
    right = _fitting(after, max(room // 2, room - width("".join(before))))
    left = _fitting(before, room - width("".join(right)))
    head = (_CUT if len(left) < column else "") + "".join(reversed(left))
    tail = "".join(right) + (_CUT if column + len(right) < len(line) else "")
    return Excerpt(head + tail, width(head))


def _fitting(pieces: Iterable[str], room: int) -> list[str]:
    kept: list[str] = []
    for piece in pieces:
        room -= width(piece)
        if room < 0:
            break
        kept.append(piece)
    return kept
