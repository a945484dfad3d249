"""What programs that embed the runtime may rely on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import naftiko_runtime
from naftiko_runtime import runtime
from naftiko_runtime.runtime.server import Runtime


def test_the_public_names_are_these() -> None:
    assert naftiko_runtime.__all__ == ["Runtime", "__version__", "load"]
    assert all(hasattr(naftiko_runtime, name) for name in naftiko_runtime.__all__)


def test_load_reads_a_file(tmp_path: Path) -> None:
    loaded = naftiko_runtime.load(tmp_path / "nothing.yaml")
    assert [one.code for one in loaded.diagnostics] == ["file-missing"]


def test_runtime_is_what_serves() -> None:
    assert naftiko_runtime.Runtime is Runtime
    assert runtime.Runtime is Runtime


@pytest.mark.parametrize("module", [naftiko_runtime, runtime])
def test_there_is_no_other_name(module: object) -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        getattr(module, "nothing")  # noqa: B009 - the name is no attribute, and mypy knows


def test_the_package_alone_imports_nothing_heavy() -> None:
    script = "import sys, naftiko_runtime; print(*sys.modules)"
    command = [sys.executable, "-c", script]
    modules = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    heavy = {"asyncio", "click", "mcp", "pydantic", "starlette", "uvicorn", "yaml"}
    assert heavy.isdisjoint(modules)


def test_load_works_whatever_was_imported_before() -> None:
    script = (
        "import naftiko_runtime.load.options, naftiko_runtime.runtime.loading;"
        "print(callable(naftiko_runtime.load))"
    )
    command = [sys.executable, "-c", script]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "True\n"
