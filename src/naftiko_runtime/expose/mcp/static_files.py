"""Files of folders that resources serve, found by URI."""

from __future__ import annotations

from collections.abc import Sequence

from naftiko_runtime.load.folders import read_below, read_parts
from naftiko_runtime.plan.mcp_parts import StaticFolder
from naftiko_runtime.plan.uri_templates import LONGEST_URI


def file_parts(folder: StaticFolder, uri: str) -> tuple[str, ...] | None:
    """Return the path of a file below its folder, part by part; None if the URI is none of it."""
    if uri == folder.uri:
        return ()
    if len(uri) > LONGEST_URI or not uri.startswith(folder.uri) or not folder.uri.endswith("/"):
        return None
    return read_parts(uri.removeprefix(folder.uri))


def read_file(folder: StaticFolder, parts: Sequence[str]) -> bytes | None:
    """Read a file; None where there is no regular file that may be served.

    Raises:
        FileTooLarge: It is larger than the folder's limit.
    """
    read = read_below(folder.path, parts, folder.largest)
    return read[1] if read is not None else None
