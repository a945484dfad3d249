"""The table of limits."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from naftiko_runtime.execute.upstream.message import UpstreamLimits
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.limits import DEFAULT_LIMITS, LimitRow, ServeLimits, limit_rows

DOCS = Path(__file__).parent.parent / "docs"


def test_every_limit_is_a_row() -> None:
    rows = list(limit_rows())
    assert [row.name for row in rows] == [one.name for one in fields(ServeLimits)]
    assert len({row.option for row in rows}) == len(rows)


def test_a_variable_is_named_after_its_option() -> None:
    assert LimitRow("a", "--max-json-depth", "count", 1, "").variable == "NAFTIKO_MAX_JSON_DEPTH"


def test_the_defaults_are_the_same_everywhere() -> None:
    assert UpstreamLimits().response_bytes == DEFAULT_LIMITS.response_bytes
    assert UpstreamLimits().connections == DEFAULT_LIMITS.upstream_connections
    shared = {one.name for one in fields(Limits)} & {one.name for one in fields(ServeLimits)}
    assert {name: getattr(Limits(), name) for name in shared} == {
        name: getattr(DEFAULT_LIMITS, name) for name in shared
    }


@pytest.mark.parametrize("row", list(limit_rows()), ids=lambda row: row.name)
def test_every_limit_is_documented(row: LimitRow) -> None:
    for page in ("commands/serve.md", "reliability.md"):
        assert f"`{row.option}" in (DOCS / page).read_text()
    assert f"`{row.variable}`" in (DOCS / "commands" / "serve.md").read_text()
