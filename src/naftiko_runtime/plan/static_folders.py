"""The files below a folder that a resource serves, listed when the document is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final
from urllib.parse import quote

from naftiko_runtime.load.folders import walk
from naftiko_runtime.load.media_types import media_type_of
from naftiko_runtime.plan.mcp_parts import StaticFile

MOST_FILES: Final = 10_000
"""How many files of one folder are listed; the others can be read all the same."""

_SAFE_IN_SEGMENT: Final = "!$&'()*+,;=:@"


def list_files(
    path: Path, uri: str, mime_type: str | None, most: int = MOST_FILES
) -> tuple[tuple[StaticFile, ...], bool]:
    """List what is served of a folder or file, in the order of paths.

    What a symbolic link brings in from elsewhere is left out, and so are names that are not
    served. Of linked folders nothing is listed, for they may lead round in circles.

    Args:
        path: The folder or file, all links resolved.
        uri: What the URIs start with, the slash included; where the path is a file, its URI.
        mime_type: What all files are; None goes by their extensions.
        most: How many files are listed at most.

    Returns:
        The files, and whether there are more than are listed.
    """
    found = [*islice(_files(path, uri, mime_type), most + 1)]
    return tuple(sorted(found[:most], key=lambda one: one.name.split("/"))), len(found) > most


def _files(path: Path, uri: str, mime_type: str | None) -> Iterator[StaticFile]:
    for file in walk(path):
        name = file.parts[-1] if file.parts else path.name
        yield StaticFile(
            uri + "/".join(quote(part, safe=_SAFE_IN_SEGMENT) for part in file.parts),
            "/".join(file.parts) or name,
            mime_type or media_type_of(name),
            file.size,
            file.changed,
        )
