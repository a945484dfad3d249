"""What all tests share: golden files, the loop of asynchronous tests, and an environment."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeAlias

import pytest
from hypothesis import HealthCheck, settings

GOLDENS = Path(__file__).parent / "goldens"

Golden: TypeAlias = Callable[[str, str], None]
"""Checks a text against the golden file of a name, such as `plan/seed.schema.json`."""

_UNHURRIED = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)
_PATIENT = settings(deadline=None, suppress_health_check=_UNHURRIED)
settings.register_profile("short", _PATIENT, max_examples=50, derandomize=True)
settings.register_profile("fuzz", _PATIENT, max_examples=5_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))

_STEERING: Final = re.compile(r"(naftiko|otel|polytomic)_\w+|(no|force)_color", re.IGNORECASE)
_NEVER_BY_PROXY: Final = "127.0.0.1,localhost,::1"


def pytest_configure() -> None:
    """Have an environment that steers no command and no client, nor what they start."""
    for name in filter(_STEERING.fullmatch, [*os.environ]):
        del os.environ[name]
    os.environ.update(no_proxy=_NEVER_BY_PROXY, NO_PROXY=_NEVER_BY_PROXY)


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


@pytest.fixture(autouse=True)
def _loggers_as_before() -> Iterator[None]:
    """Undo what a command that ran in this process has made of the log."""
    root, own = logging.getLogger(), logging.getLogger("naftiko")
    handlers, levels = root.handlers[:], (root.level, own.level)
    yield
    root.handlers = handlers
    root.setLevel(levels[0])
    own.setLevel(levels[1])


@pytest.fixture
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio, which the runtime itself runs on."""
    return "asyncio"
