"""The page that publishes what is promised."""

from __future__ import annotations

import re
from pathlib import Path

from naftiko_runtime.execute.upstream.message import UpstreamLimits
from naftiko_runtime.limits import DEFAULT_LIMITS
from naftiko_runtime.plan.resilience import CircuitBreaking, Concurrency, Retries
from naftiko_runtime.spec.resilience import Resilience

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "reliability.md").read_text()
ROWS = dict(re.findall(r"^\| `([\w.]+)`[^|]* \| ([^|]+) \|", PAGE, re.MULTILINE))


def test_every_test_that_is_named_exists() -> None:
    named = set(re.findall(r"`(tests/[\w/]+\.py)`", PAGE))
    assert len(named) > 5
    assert [one for one in sorted(named) if not (ROOT / one).is_file()] == []


def test_every_key_is_explained() -> None:
    assert {name.partition(".")[0] for name in ROWS} == set(
        Resilience.model_json_schema()["properties"]
    )


def test_the_published_defaults_are_those_that_apply() -> None:
    retries, breaking, concurrency = Retries(), CircuitBreaking(), Concurrency("")
    assert ROWS["timeouts.connect"] == f"{UpstreamLimits().connect_seconds:g} s"
    assert ROWS["retries.attempts"] == f"{retries.attempts}"
    assert ROWS["retries.backoff"] == f"{retries.backoff_seconds:g} s"
    assert ROWS["retries.maxBackoff"] == f"{retries.longest_backoff_seconds:g} s"
    assert ROWS["circuitBreaker.failures"] == f"{breaking.failures}"
    assert ROWS["circuitBreaker.window"] == f"{breaking.window_seconds:g} s"
    assert ROWS["circuitBreaker.open"] == f"{breaking.open_seconds:g} s"
    assert ROWS["concurrency.limit"].endswith(f" {DEFAULT_LIMITS.upstream_connections}")
    assert ROWS["concurrency.queue"] == f"{concurrency.queue}"
