"""The capability files that the checks run over, as plain YAML values."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml

Block: TypeAlias = Mapping[str, Any]
"""A mapping of a document, as YAML has it."""

CHECKOUT: Final = Path(__file__).resolve().parents[3]
OWN_FILES: Final = (
    CHECKOUT / "capabilities" / "modelsync.yaml",
    CHECKOUT / "tests" / "corpus" / "wild.yaml",
)
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class UnknownConstruct(Exception):
    """A document says something that the oracle has no rule for: teach it before trusting it."""


def corpus_folder() -> Path | None:
    """Return the folder of public capability files, where this machine has it."""
    candidates = (above / "shared" / "corpus" for above in (CHECKOUT, *CHECKOUT.parents))
    return next((folder for folder in candidates if folder.is_dir()), None)


def corpus_files() -> list[Path]:
    """Return all public capability files, in a stable order."""
    folder = corpus_folder()
    return sorted(folder.rglob("*.yaml")) if folder is not None else []


def all_files() -> list[Path]:
    """Return the project's own files, and the public ones."""
    return [*OWN_FILES, *corpus_files()]


def title(file: Path) -> str:
    """Return the short name by which a test calls a file."""
    folder = corpus_folder()
    if folder is not None and file.is_relative_to(folder):
        return file.relative_to(folder).as_posix()
    return file.name


def read(file: Path) -> Block:
    """Read a capability file with the plain safe loader."""
    document = yaml.load(file.read_bytes(), Loader=_LOADER)
    if not isinstance(document, dict):
        raise UnknownConstruct(f"{file} is not a mapping")
    return document


def expect_keys(block: Block, known: frozenset[str], what: str) -> None:
    """Refuse a block with keys that the oracle has no rule for."""
    unknown = sorted(set(block) - known)
    if unknown:
        raise UnknownConstruct(f"{what} has keys without a rule here: {', '.join(unknown)}")
