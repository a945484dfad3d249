"""Files of folders that resources serve: found by URI, and read without leaving the folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import unquote_to_bytes

from naftiko_runtime.plan.mcp_parts import StaticFolder
from naftiko_runtime.plan.static_folders import is_served
from naftiko_runtime.plan.uri_templates import LONGEST_URI

MOST_PARTS: Final = 64
"""How deep below its folder a file may be."""


class FileTooLarge(Exception):
    """A file has more bytes than may be read."""


def file_parts(folder: StaticFolder, uri: str) -> tuple[str, ...] | None:
    """Return the path of a file below its folder, part by part; None where the URI is none of it.

    Each part is percent-decoded once, and has to be a name that is served. So there is no way up,
    no way to hidden files, and no second way to write a separator.
    """
    if uri == folder.uri:
        return ()
    if len(uri) > LONGEST_URI or not uri.startswith(folder.uri) or not folder.uri.endswith("/"):
        return None
    try:
        parts = tuple(map(_decoded, uri.removeprefix(folder.uri).split("/")))
    except UnicodeError:
        return None
    return parts if len(parts) <= MOST_PARTS and all(map(is_served, parts)) else None


def read_file(folder: StaticFolder, parts: Sequence[str]) -> bytes | None:
    """Read a file; None where there is no regular file that may be served.

    Symbolic links are followed within the folder. What they come to is then opened part by part,
    no link among them, so that a link that is put there meanwhile leads nowhere.

    Raises:
        FileTooLarge: It is larger than the folder's limit.
    """
    try:
        real = folder.path.joinpath(*parts).resolve(strict=True)
        if not real.is_relative_to(folder.path):
            return None
        descriptor = _open(folder.path, real.relative_to(folder.path).parts)
    except (OSError, RuntimeError, ValueError):
        return None
    try:
        return _content(descriptor, folder.largest)
    finally:
        os.close(descriptor)


def _content(descriptor: int, largest: int) -> bytes | None:
    """Return what an open file holds; None where it is no regular file."""
    about = os.fstat(descriptor)
    if not stat.S_ISREG(about.st_mode):
        return None
    if about.st_size > largest:
        raise FileTooLarge
    with os.fdopen(descriptor, "rb", closefd=False) as file:
        content = file.read(largest + 1)  # it may grow while it is read
    if len(content) > largest:
        raise FileTooLarge
    return content


def _decoded(part: str) -> str:
    if "?" in part or "#" in part:
        raise UnicodeError("a query or a fragment is no part of a path")
    return unquote_to_bytes(part).decode()


def _open(root: Path, parts: Sequence[str]) -> int:
    """Open what is below a folder, or the root itself if it is a file, without following links."""
    at_end = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    if not parts:
        return os.open(root, at_end)
    directory = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC
    descriptor = os.open(root, directory)
    try:
        for part in parts[:-1]:
            below = os.open(part, directory, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = below
        return os.open(parts[-1], at_end, dir_fd=descriptor)
    finally:
        os.close(descriptor)
