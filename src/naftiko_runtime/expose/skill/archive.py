"""Skills as zip archives, packed while they are sent."""

from __future__ import annotations

import re
import time
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import quote

from naftiko_runtime.execute.upstream.message import Headers
from naftiko_runtime.expose.skill.conditions import tag_of, validators
from naftiko_runtime.load.folders import ServedFile, read_below

_NOT_PLAIN: Final = re.compile(r"[^A-Za-z0-9._-]")
_READABLE: Final = 0o644 << 16
_EARLIEST: Final = 315532800
"""1980, where the dates of the format begin, in seconds since the epoch."""
_LATEST: Final = 4354819198
_SECOND: Final = 1_000_000_000


def archive_headers(skill: str, files: Sequence[ServedFile]) -> Headers:
    """Return the headers of an archive.

    Args:
        skill: The skill's name.
        files: What is in it.
    """
    facts = repr([(file.parts, file.size, file.changed) for file in files])
    changed = max((file.changed for file in files), default=0)
    return (
        (b"content-type", b"application/zip"),
        (b"content-disposition", _disposition(f"{skill}.zip")),
        *validators(changed, tag_of(facts.encode())),
    )


def _disposition(name: str) -> bytes:
    """Return the name that a client gives the file, RFC 6266."""
    plain = _NOT_PLAIN.sub("_", name)
    extended = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return f'attachment; filename="{plain}"{extended}'.encode()


def pack(folder: Path, files: Sequence[ServedFile], largest: int) -> Iterator[bytes]:
    """Yield the bytes of an archive, file by file. It is the same for the same files.

    A file that has gone since it was listed is not in the archive.

    Args:
        folder: The skill's, all links resolved.
        files: What to pack, in order.
        largest: How many bytes a file may have.

    Raises:
        FileTooLarge: A file has grown beyond that since it was listed.
    """
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            read = read_below(folder, file.parts, largest)
            if read is not None:
                archive.writestr(_entry(read[0]), read[1])
                yield sink.take()
    yield sink.take()


def _entry(file: ServedFile) -> zipfile.ZipInfo:
    changed = min(max(file.changed // _SECOND, _EARLIEST), _LATEST)
    entry = zipfile.ZipInfo("/".join(file.parts), time.gmtime(changed)[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = _READABLE
    return entry


class _Sink:
    """Keeps what is written until it is taken; there is no way back in it."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: bytes, /) -> int:
        self._written.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: all that is written is there already."""

    def close(self) -> None:
        """Do nothing: there is nothing to give back."""

    def take(self) -> bytes:
        taken = b"".join(self._written)
        self._written.clear()
        return taken
