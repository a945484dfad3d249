"""The official MCP conformance suite, run against `everything.yaml`: see `make conformance`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import pytest

from tests.conformance.checks import Check, Run, not_applicable
from tests.conformance.node import Node

RUNS = (
    Run("conformance-stable", "2025-06-18"),
    Run("conformance-stable", "2025-11-25"),
    Run("conformance-alpha", "2025-03-26"),
    Run("conformance-alpha", "2025-06-18"),
    Run("conformance-alpha", "2025-11-25"),
    Run("conformance-alpha", "2026-07-28"),
)

Results: TypeAlias = Mapping[Run, Mapping[str, Check]]


@pytest.fixture(scope="module")
def results(node: Node, everything: str, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """What all checks of all runs came to."""
    return {run: run.checks(node, everything, tmp_path_factory.mktemp(str(run))) for run in RUNS}


@pytest.mark.parametrize("run", RUNS, ids=str)
def test_what_applies_passes(run: Run, results: Results) -> None:
    listed = not_applicable()
    failed = [
        f"{key}: {one.status.name} {one.message}"
        for key, one in results[run].items()
        if one.is_failed and key not in listed
    ]
    assert failed == [], "\n".join(failed)


@pytest.mark.parametrize("run", RUNS, ids=str)
def test_what_does_not_apply_does_not_pass(run: Run, results: Results) -> None:
    checks = results[run]
    passed = [key for key in not_applicable() if key in checks and checks[key].is_passed]
    assert passed == [], "these apply: take them off the list in not_applicable.yaml"


def test_nothing_is_listed_in_vain(results: Results) -> None:
    failed = {key for checks in results.values() for key, one in checks.items() if one.is_failed}
    assert not_applicable().keys() - failed == set()
