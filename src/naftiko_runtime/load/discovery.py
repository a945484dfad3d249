"""Which files a user means: files as they are, folders by what lies in them, globs."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from naftiko_runtime.values import record

_SUFFIXES: Final = (".yaml", ".yml")
_BLOCK_KEY: Final = re.compile(rb"^(?:\xef\xbb\xbf)?[\"']?capability[\"']?[ \t]*:", re.MULTILINE)
_FLOW_KEY: Final = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*\{.*?[\"']?capability[\"']?\s*:", re.DOTALL)


def capability_files(paths: Iterable[Path]) -> list[Path]:
    """Return the capability files that paths stand for, each file once.

    - A file is taken whatever is in it, so that what is wrong with it can be said. So is a path
      that does not exist.
    - A folder stands for every `*.yaml` and `*.yml` file in it and in the folders below it that
      has a `capability`, in the order of their paths. A file that only holds sections which others
      import is no capability and is left out, as is any other YAML. Folders whose names start with
      a dot are not entered.
    - A path that does not exist and holds `*`, `?` or `[` is a glob, `**` included; what it fits
      is taken as if it were written out.

    Args:
        paths: In the order in which the user wrote them, which is the order of the result.
    """
    found: dict[Path, Path] = {}
    for file in _expand(paths):
        if file.is_written_out or holds_capability(file.path):
            found.setdefault(file.path.resolve(), file.path)
    return list(found.values())


def eligible_files(paths: Iterable[Path]) -> list[Path]:
    """Return the files that paths stand for, also those without a capability so far.

    Args:
        paths: As for `capability_files`.
    """
    return list(dict.fromkeys(file.path for file in _expand(paths)))


@record
class _File:
    """A file, and whether it is wanted whatever is in it."""

    path: Path
    is_written_out: bool


def _expand(paths: Iterable[Path]) -> Iterator[_File]:
    for path in paths:
        yield from _expand_one(path)


def _expand_one(path: Path) -> Iterator[_File]:
    if path.is_dir():
        yield from (_File(file, is_written_out=False) for file in _yaml_files(path))
    elif path.exists() or not glob.has_magic(str(path)):
        yield _File(path, is_written_out=True)
    else:
        fitting = sorted(Path(one) for one in glob.glob(str(path), recursive=True))  # noqa: PTH207 - a glob may be absolute
        for one in fitting or [path]:
            yield from _expand_one(one) if one.is_dir() else [_File(one, is_written_out=True)]


def _yaml_files(folder: Path) -> Iterator[Path]:
    """Yield YAML files below a folder, sorted; links to folders are not followed."""
    files: list[Path] = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        files += [Path(parent, name) for name in names if name.endswith(_SUFFIXES)]
    return (file for file in sorted(files) if file.is_file())


def holds_capability(file: Path) -> bool:
    """Return whether the root of a YAML file has a `capability`, by the look of its text.

    Reading it properly would fail where the file is broken; then, too, it is wanted, to say so.
    A file that can't be read is wanted for the same reason.
    """
    try:
        text = file.read_bytes()
    except OSError:
        return True
    return bool(_BLOCK_KEY.search(text) or _FLOW_KEY.match(text))
