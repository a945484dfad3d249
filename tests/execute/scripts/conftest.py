from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from naftiko_runtime.execute.scripts import Scripts


@pytest.fixture
async def scripts(anyio_backend: str) -> AsyncIterator[Scripts]:
    """Engines whose processes end with the test."""
    opened = Scripts()
    yield opened
    await opened.aclose()
