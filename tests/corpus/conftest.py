"""Every capability file at hand: the project's own always, the public ones where they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.corpus.oracle.documents import all_files, title
from tests.corpus.subject import Subject, load


@pytest.fixture(scope="session", params=all_files(), ids=title)
def file(request: pytest.FixtureRequest) -> Path:
    """One capability file."""
    path: Path = request.param
    return path


@pytest.fixture(scope="session")
def subject(file: Path) -> Subject:
    """One capability file, loaded once for all tests over it."""
    return load(file)
