"""The tutorial's capabilities and a stand-in for its APIs; without them, nothing is tested here."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.tutorial.folder import tutorial_folder
from tests.tutorial.serving import Served, served
from tests.tutorial.stand_in import Apis, StandIn, read_apis

Serve: TypeAlias = Callable[[str], AbstractAsyncContextManager[Served]]
"""Serves a file by its name, for as long as an `async with` block lasts."""


@pytest.fixture(scope="session")
def tutorial() -> Path:
    """The folder of the tutorial."""
    folder = tutorial_folder()
    if folder is None:
        pytest.skip("the tutorial is not on this machine")
    return folder


@pytest.fixture(scope="session")
def apis(tutorial: Path) -> Apis:
    """What the tutorial's APIs answer."""
    return read_apis(tutorial)


@pytest.fixture
def upstream(apis: Apis) -> StandIn:
    """The stand-in, which has not been asked anything yet."""
    return StandIn(apis)


@pytest.fixture
def step(tutorial: Path, upstream: StandIn) -> Serve:
    """What serves a step of the tutorial."""
    return partial(_served_in, tutorial, upstream)


@pytest.fixture
def later(tutorial: Path, upstream: StandIn, tmp_path: Path) -> Serve:
    """What serves a capability of `later/`, which lies beside the tutorial's shared files."""
    folder = tmp_path / "tutorial"
    shutil.copytree(Path(__file__).with_name("later"), folder)
    shutil.copytree(tutorial / "shared", folder / "shared")
    return partial(_served_in, folder, upstream)


def _served_in(folder: Path, upstream: StandIn, name: str) -> AbstractAsyncContextManager[Served]:
    return served(folder / name, upstream)
