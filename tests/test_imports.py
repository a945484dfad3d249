"""A module imports only from stages to its left: docs/architecture.md."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

import naftiko_runtime

_PACKAGE: Final = Path(naftiko_runtime.__file__).parent
_FOR_ALL: Final = frozenset({"_version", "diagnostics", "errors", "limits", "secrecy", "values"})
_STAGES: Final = ("load", "spec", "plan", "execute", "expose", "runtime", "cli")
_BESIDE: Final = {"observe": frozenset[str](), "settings": frozenset({"load", "observe"})}
"""Rooms off the way, with what they may look at; the last three stages may look at them."""

_MODULES: Final = sorted(_PACKAGE.rglob("*.py"))


def _room(name: str) -> str:
    return name.removeprefix("naftiko_runtime.").split(".")[0]


def _imported(module: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and the room of every import from the package, those in functions too."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            if node.module.startswith("naftiko_runtime."):
                yield node.lineno, _room(node.module)
            elif node.module == "naftiko_runtime":
                yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("naftiko_runtime."):
                    yield node.lineno, _room(alias.name)


def _may_import(importer: str, imported: str) -> bool:
    if imported in _FOR_ALL or importer == imported:
        return True
    if importer in _FOR_ALL:
        return False
    if importer in _BESIDE:
        return imported in _BESIDE[importer]
    if imported in _BESIDE:
        return importer in _STAGES[-3:]
    return _STAGES.index(imported) < _STAGES.index(importer)


@pytest.mark.parametrize("module", _MODULES, ids=lambda one: str(one.relative_to(_PACKAGE)))
def test_a_module_imports_only_from_stages_to_its_left(module: Path) -> None:
    room = module.relative_to(_PACKAGE).parts[0].removesuffix(".py")
    if room in ("__init__", "__main__"):
        return  # the faces of the whole: they show what they like
    back = [
        f"{module.relative_to(_PACKAGE)}:{line} imports {imported}"
        for line, imported in _imported(module)
        if not _may_import(room, imported)
    ]
    assert not back


def test_every_room_has_its_place() -> None:
    rooms = {one.relative_to(_PACKAGE).parts[0].removesuffix(".py") for one in _MODULES}
    known = {*_FOR_ALL, *_STAGES, *_BESIDE, "__init__", "__main__"}
    assert rooms <= known
