"""Calls with missing, mistyped or unsafe arguments never reach upstream."""

from __future__ import annotations

import asyncio

import pytest

from tests.corpus.refusals import accepted_offences
from tests.corpus.subject import Subject


@pytest.mark.parametrize("face", ["rest", "mcp"])
def test_wrong_arguments_are_refused_by_name(subject: Subject, face: str) -> None:
    reports = asyncio.run(accepted_offences(subject, face))
    shown = "\n\n".join(reports[:8])
    assert not reports, f"{len(reports)} wrong calls got through; the first of them:\n\n{shown}"
