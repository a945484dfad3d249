"""Folders of skills: what they have to hold, and how much they may."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from naftiko_runtime.diagnostics import Diagnostics, Position
from naftiko_runtime.load.folders import ServedFile, walk

MAIN_FILE: Final = "SKILL.md"
MOST_FILES: Final = 2_000
"""How many files a skill may have."""
LARGEST_FILE_BYTES: Final = 10 * 1024 * 1024
LARGEST_SKILL_BYTES: Final = 64 * 1024 * 1024
"""How large the files of a skill may be together."""


class SkillTooLarge(Exception):
    """A skill has more files, or larger ones, than are served."""


def list_folder(folder: Path) -> list[ServedFile]:
    """Return the files of a skill, in the order of their paths.

    Args:
        folder: All links resolved; a folder that is not there has no files.

    Raises:
        SkillTooLarge: They are more than are served, or larger; the message tells which.
    """
    files = sorted(islice(walk(folder), MOST_FILES + 1), key=lambda one: one.parts)
    for problem in _excesses(files):
        raise SkillTooLarge(problem)
    return files


def report_folder(
    folder: Path, location: str, skill: str, at: Position, diagnostics: Diagnostics
) -> None:
    """Report what a skill's folder lacks, or has too much of.

    Args:
        folder: All links resolved.
        location: The folder, as the document names it.
        skill: Its name.
        at: Where the document names the folder.
        diagnostics: Takes what is wrong.
    """
    if not folder.is_dir():
        message = f"there is no folder at {location}; the skill '{skill}' has no files"
        diagnostics.warning("skill-location-missing", message, at)
        return
    try:
        names = {file.parts for file in list_folder(folder)}
    except SkillTooLarge as error:
        message = f"{error}; the files of the skill '{skill}' can't be listed or downloaded"
        diagnostics.warning("skill-too-large", message, at)
        return
    if (MAIN_FILE,) not in names:
        message = f"the skill '{skill}' has no {MAIN_FILE}, which clients look for first"
        diagnostics.warning("skill-file-missing", message, at)


def _excesses(files: list[ServedFile]) -> Iterator[str]:
    if len(files) > MOST_FILES:
        yield f"there are more than {MOST_FILES} files"
    for file in files:
        if file.size > LARGEST_FILE_BYTES:
            yield f"'{'/'.join(file.parts)}' is larger than {LARGEST_FILE_BYTES // 1024**2} MiB"
    if sum(file.size for file in files) > LARGEST_SKILL_BYTES:
        yield f"the files are larger than {LARGEST_SKILL_BYTES // 1024**2} MiB together"
