"""The lines of source files, for quoting."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

_YAML_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")  # as libyaml counts lines
_MOST_BYTES: Final = 16 * 1024 * 1024  # what is longer is refused, and quoted from its start alone
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class SourceLines:
    """Source files by line, each read once, when the first of its lines is asked for."""

    def __init__(self, never_quoted: Collection[str] = ()) -> None:
        """Start with nothing read.

        Args:
            never_quoted: The files whose lines are not to be had, such as files of secrets: what
                stands in them is not known to any mask until they have been read soundly.
        """
        self._never_quoted = frozenset(never_quoted)
        self._files: dict[str, list[str]] = {}

    def line(self, file: str, number: int) -> str | None:
        """Return a line without its line break, or None if there is no such line or file.

        Args:
            file: The path, as a `Position` has it.
            number: From 1.
        """
        if file in self._never_quoted:
            return None
        if file not in self._files:
            self._files[file] = _lines(Path(file))
        lines = self._files[file]
        return lines[number - 1] if 1 <= number <= len(lines) else None


def _lines(path: Path) -> list[str]:
    try:
        text = _start_of(path) if path.is_file() else None
    except OSError:
        text = None
    return [] if text is None else _YAML_LINE_BREAK.split(_decoded(text))


def _start_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MOST_BYTES)


def _decoded(text: bytes) -> str:
    encoding = "utf-16" if text.startswith(_UTF_16) else "utf-8-sig"
    return text.decode(encoding, errors="replace")
