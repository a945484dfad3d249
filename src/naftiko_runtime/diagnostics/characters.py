"""Text from anywhere, made fit for a terminal: nothing in it acts, and its width is known."""

from __future__ import annotations

import unicodedata

_TAB = "    "
_ACTING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")  # written languages and emoji need them, and they only join
_COMBINING = frozenset({"Mn", "Me"})
_WIDE = frozenset("WF")


def shown(character: str) -> str:
    r"""Return what stands for one character: a tab is four spaces, a control is its escape.

    Controls are the characters that move the cursor, change colours or turn the direction of
    writing (Unicode categories Cc, Cf, Zl and Zp), and lone surrogates; they come out as `\x1b`
    or `\u202e`.
    """
    if character == "\t":
        return _TAB
    if unicodedata.category(character) in _ACTING and character not in _JOINERS:
        return character.encode("unicode_escape").decode("ascii")
    return character


def one_line(text: str) -> str:
    """Return a text on one line, each of its characters as `shown`."""
    lines = filter(None, map(str.strip, text.splitlines()))
    return "".join(map(shown, " ".join(lines)))


def width(text: str) -> int:
    """Return how many terminal columns a shown text takes (Unicode Standard Annex 11)."""
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if character in _JOINERS or unicodedata.category(character) in _COMBINING:
        return 0
    return 2 if unicodedata.east_asian_width(character) in _WIDE else 1
