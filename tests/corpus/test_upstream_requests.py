"""Every exposed unit sends upstream exactly what an independent reading of its file says."""

from __future__ import annotations

import asyncio
from typing import Final

import pytest

from tests.corpus.agreement import disagreements
from tests.corpus.subject import Subject

_SHOWN: Final = 8


@pytest.mark.parametrize("face", ["rest", "mcp"])
def test_every_unit_sends_the_request_that_its_author_meant(subject: Subject, face: str) -> None:
    reports = asyncio.run(disagreements(subject, face))
    shown = "\n\n".join(reports[:_SHOWN])
    assert not reports, f"{len(reports)} calls are wrong; the first of them:\n\n{shown}"
