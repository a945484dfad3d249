"""Files and folders that a document names by a `location`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from naftiko_runtime.load.contents import start_of

_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]*):(?://)?", re.IGNORECASE)


def split_location(location: str, folder: Path) -> tuple[str, Path]:
    """Return the scheme of a location, empty where it has none, and its path.

    `file:///./x`, `file://./x` and `x` start from the folder; a path in a `file:` URI is
    percent-decoded, RFC 8089.
    """
    scheme = _SCHEME.match(location)
    if scheme is None:
        return "", folder / location
    name = scheme[1].lower()
    path = location[scheme.end() :]
    relative = path.removeprefix("/") if path.startswith("/./") else path
    return name, folder / (unquote(relative) if name == "file" else relative)


def read_text(file: Path, most: int) -> str:
    r"""Return the text of a file, without a byte order mark and with `\n` between its lines.

    Args:
        file: The file.
        most: How many bytes it may have.

    Raises:
        ValueError: It can't be had; the message says why.
    """
    try:
        content = start_of(file, most + 1)
    except OSError as error:
        raise ValueError(f"it can't be read: {error.strerror}") from error
    if len(content) > most:
        raise ValueError(f"it is larger than {most // 1024} KiB")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ValueError("it is no UTF-8 text") from error
