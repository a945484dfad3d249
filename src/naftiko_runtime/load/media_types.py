"""What files are, by their extensions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from mimetypes import MimeTypes
from pathlib import Path
from types import MappingProxyType
from typing import Final

_OWN: Final = {
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


def media_type_of(name: str) -> str | None:
    """Return what a file is by its extension, the same on every system; None if it is unknown."""
    return _known().get(Path(name).suffix.lower())


@cache
def _known() -> Mapping[str, str]:
    return MappingProxyType(MimeTypes(filenames=()).types_map[True] | _OWN)
