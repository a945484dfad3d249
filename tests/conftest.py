"""What all tests share: golden files, and the loop that asynchronous tests run on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

GOLDENS = Path(__file__).parent / "goldens"

Golden: TypeAlias = Callable[[str, str], None]
"""Checks a text against the golden file of a name, such as `plan/seed.schema.json`."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-goldens",
        action="store_true",
        help="write what the tests get into the golden files instead of comparing",
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compare a text with a golden file, or write it there when --update-goldens is given."""

    def check(name: str, got: str) -> None:
        file = GOLDENS / name
        if request.config.getoption("--update-goldens"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(f"{got}\n".encode())
        hint = "if the change is meant, run pytest with --update-goldens and read the difference"
        assert file.is_file(), f"there is no golden file {name}; {hint}"
        expected = file.read_bytes().decode()
        assert f"{got}\n" == expected, f"tests/goldens/{name} differs; {hint}"

    return check


@pytest.fixture
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio, which the runtime itself runs on."""
    return "asyncio"
