"""The files below a folder that a resource serves, listed when the document is loaded."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice
from mimetypes import MimeTypes
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

from naftiko_runtime.plan.mcp_parts import StaticFile

MOST_FILES: Final = 10_000
"""How many files of one folder are listed; the others can be read all the same."""

_SAFE_IN_SEGMENT: Final = "!$&'()*+,;=:@"
_OWN_TYPES: Final = {
    ".csv": "text/csv",
    ".gz": "application/gzip",
    ".js": "text/javascript",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".markdown": "text/markdown",
    ".md": "text/markdown",
    ".toml": "application/toml",
    ".ts": "text/x-typescript",
    ".txt": "text/plain",
    ".webp": "image/webp",
    ".xml": "application/xml",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
}


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


def mime_type_of(name: str) -> str | None:
    """Return what a file is by its extension, the same on every system; None if it is unknown."""
    return _known_types().get(Path(name).suffix.lower())


def is_served(name: str) -> bool:
    """Return whether a file or folder of this name may be served.

    Hidden ones are not: they hold what is not meant for others, `.env` and `.git` above all. Nor
    are names that some system takes for a path, or that can not be written in a URI.
    """
    if not name or name.startswith(".") or "/" in name or "\\" in name:
        return False
    return name.isprintable()


@cache
def _known_types() -> Mapping[str, str]:
    return MappingProxyType(MimeTypes(filenames=()).types_map[True] | _OWN_TYPES)


def _files(path: Path, uri: str, mime_type: str | None) -> Iterator[StaticFile]:
    for file in [path] if path.is_file() else _walk(path):
        about = _status(file, path)
        if about is not None:
            parts = file.relative_to(path).parts
            yield StaticFile(
                uri + "/".join(quote(part, safe=_SAFE_IN_SEGMENT) for part in parts),
                "/".join(parts) or file.name,
                mime_type or mime_type_of(file.name),
                about.st_size,
                about.st_mtime_ns,
            )


def _walk(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(filter(is_served, folders))
        yield from (Path(folder, name) for name in sorted(filter(is_served, files)))


def _status(file: Path, root: Path) -> os.stat_result | None:
    """Return what the system says of a regular file; None where it is not to be served."""
    try:
        real = file.resolve(strict=True)
        about = real.stat()
    except (OSError, RuntimeError):  # gone meanwhile, or a link to itself
        return None
    return about if real.is_relative_to(root) and stat.S_ISREG(about.st_mode) else None
