"""Folders whose files callers may have: which of them, and how none other is ever read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import unquote_to_bytes

from naftiko_runtime.values import record

MOST_PARTS: Final = 64
"""How deep below its folder a file may be."""


class FileTooLarge(Exception):
    """A file has more bytes than may be read."""


@record
class ServedFile:
    """A file below a folder.

    Attributes:
        parts: Its path below the folder, part by part.
        size: In bytes.
        changed: When its content last changed, in nanoseconds since the epoch.
    """

    parts: tuple[str, ...]
    size: int
    changed: int


def is_served(name: str) -> bool:
    """Return whether a file or folder of this name may be served.

    Hidden ones are not: they hold what is not meant for others, `.env` and `.git` above all. Nor
    are names that some system takes for a path, or that can not be written in a URI.
    """
    if not name or name.startswith(".") or "/" in name or "\\" in name:
        return False
    return name.isprintable()


def read_parts(path: str) -> tuple[str, ...] | None:
    """Return the parts of a file's path, as a request has it; None where no file can have it.

    Each part is percent-decoded once, and has to be a name that is served. So there is no way up,
    no way to hidden files, and no second way to write a separator.

    Args:
        path: Percent-encoded, relative to the folder, without query and fragment.
    """
    parts = path.split("/", MOST_PARTS)
    try:
        decoded = tuple(unquote_to_bytes(part).decode() for part in parts)
    except UnicodeError:
        return None
    is_plain = len(parts) <= MOST_PARTS and "?" not in path and "#" not in path
    return decoded if is_plain and all(map(is_served, decoded)) else None


def walk(root: Path) -> Iterator[ServedFile]:
    """Yield the files of a folder, those of a folder together, in the order of their names.

    A file in the place of a folder stands for itself, without parts.

    What a symbolic link brings in from elsewhere is left out, and so are names that are not
    served. Of linked folders nothing is listed, for they may lead round in circles.

    Args:
        root: The folder, all links resolved.
    """
    for file in [root] if root.is_file() else _files(root):
        about = _status(file, root)
        if about is not None:
            yield ServedFile(file.relative_to(root).parts, about.st_size, about.st_mtime_ns)


def _files(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(filter(is_served, folders))
        yield from (Path(folder, name) for name in sorted(filter(is_served, files)))


def read_below(root: Path, parts: Sequence[str], most: int) -> tuple[ServedFile, bytes] | None:
    """Read a file; None where there is no regular file that may be served.

    Symbolic links are followed within the folder. What they come to is then opened part by part,
    no link among them, so that a link that is put there meanwhile leads nowhere.

    Args:
        root: The folder, all links resolved; a file stands for itself, without parts.
        parts: The file's path below it.
        most: How many bytes it may have.

    Raises:
        FileTooLarge: It has more.
    """
    try:
        real = root.joinpath(*parts).resolve(strict=True)
        if not real.is_relative_to(root):
            return None
        descriptor = _open(root, real.relative_to(root).parts)
    except (OSError, RuntimeError, ValueError):
        return None
    try:
        return _read(descriptor, tuple(parts), most)
    finally:
        os.close(descriptor)


def _read(descriptor: int, parts: tuple[str, ...], most: int) -> tuple[ServedFile, bytes] | None:
    """Return what an open file holds; None where it is no regular file."""
    about = os.fstat(descriptor)
    if not stat.S_ISREG(about.st_mode):
        return None
    if about.st_size > most:
        raise FileTooLarge
    with os.fdopen(descriptor, "rb", closefd=False) as file:
        content = file.read(most + 1)  # it may grow while it is read
    if len(content) > most:
        raise FileTooLarge
    return ServedFile(parts, len(content), about.st_mtime_ns), content


def _status(file: Path, root: Path) -> os.stat_result | None:
    """Return what the system says of a regular file; None where it is not to be served."""
    try:
        real = file.resolve(strict=True)
        about = real.stat()
    except (OSError, RuntimeError):  # gone meanwhile, or a link to itself
        return None
    return about if real.is_relative_to(root) and stat.S_ISREG(about.st_mode) else None


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
