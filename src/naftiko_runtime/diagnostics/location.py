"""Files as services name them that show findings beside a repository's sources."""

from __future__ import annotations

from pathlib import Path, PurePath
from urllib.parse import quote


def relative_path(file: str) -> str:
    """Return a file relative to the working directory if it lies below it, with slashes."""
    path, here = PurePath(file), Path.cwd()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


def relative_uri(file: str) -> str:
    """Return `relative_path` as an RFC 3986 reference; a file elsewhere has a `file:` URI."""
    path = relative_path(file)
    return PurePath(path).as_uri() if PurePath(path).is_absolute() else quote(path)
