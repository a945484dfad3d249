"""Which files a user means: files as they are, folders by what lies in them, globs."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from naftiko_runtime.load.contents import start_of
from naftiko_runtime.load.yaml_reader import MAX_BYTES
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
      a dot are not entered. An empty folder that is named like a file stands for that file, which
      can't be read.
    - A path that does not exist and holds `*`, `?` or `[` is a glob, `**` included; what it fits
      is taken as if it were written out.

    Args:
        paths: In the order in which the user wrote them, which is the order of the result.
    """
    found: dict[str, Path] = {}
    for file in _expand(paths):
        if file.is_written_out or holds_capability(file.path):
            real = os.path.realpath(file.path)  # Path.resolve fails on circles
            found.setdefault(real, file.path)
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
    is_folder = path.is_dir()
    files = list(_yaml_files(path)) if is_folder else []
    if files or (is_folder and path.suffix not in _SUFFIXES):
        yield from (_File(file, is_written_out=False) for file in files)
    elif is_folder or path.exists() or not glob.has_magic(str(path)):
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
        text = start_of(file, MAX_BYTES)
    except OSError:
        return True
    return bool(_BLOCK_KEY.search(text) or _FLOW_KEY.match(text))
