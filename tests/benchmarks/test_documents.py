"""What measurements serve is sound."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.documents import body, capability
from naftiko_runtime.runtime import load


@pytest.mark.parametrize("is_shaped", [False, True])
def test_generated_capabilities_are_sound(tmp_path: Path, is_shaped: bool) -> None:
    file = tmp_path / "generated.yaml"
    file.write_text(capability(3, is_shaped=is_shaped))
    loaded = load(file)
    assert loaded.capability is not None
    assert [one.code for one in loaded.diagnostics] == []
    assert [len(plan.routes) for plan in loaded.capability.rest] == [3]
    assert [len(plan.tools) for plan in loaded.capability.mcp] == [3]


def test_a_generated_capability_is_as_large_as_asked() -> None:
    assert 50_000 <= len(capability(10, size=50_000)) < 51_000


def test_an_answer_is_as_large_as_asked() -> None:
    assert len(body(2048)) == 2048
    assert json.loads(body(2048))["data"]["owner"]["name"] == "ada"
