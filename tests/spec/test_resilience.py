"""`x-resilience` as it is written."""

from __future__ import annotations

import pytest

from naftiko_runtime.spec.resilience import Resilience
from tests.spec.typed import block, document

DOCUMENT = """
naftiko: 1.0.0-alpha3
capability:
  consumes:
  - namespace: api
    baseUri: http://up.test
    x-resilience: {{{written}}}
"""


def odd(written: str) -> list[str]:
    _, found = document(DOCUMENT.format(written=written))
    return [f"{one.code}: {one.message}" for one in found]


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("5", 5.0), ("2.5", 2.5), ("250ms", 0.25), ("3s", 3.0), ("'3 s'", 3.0), ("2m", 120.0)],
)
def test_a_time_has_a_unit_or_is_in_seconds(written: str, seconds: float) -> None:
    timeouts = block(Resilience, f"timeouts: {{read: {written}}}").timeouts
    assert timeouts is not None
    assert timeouts.read == pytest.approx(seconds)


def test_what_is_left_out_is_none() -> None:
    found = block(Resilience, "timeouts: {connect: }\nretries:")
    assert found.timeouts is not None
    assert found.timeouts.connect is None
    assert found.retries is None


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("timeouts: {read: soon}", "'read' has to be a time such as 5, 2.5s or 250ms"),
        ("timeouts: {read: true}", "'read' has to be a time such as 5, 2.5s or 250ms"),
        ("timeouts: {read: 0}", "'read' has to be more than 0"),
        ("timeouts: {read: 100000}", "'read' has to be at most 86400"),
        ("timeouts: 5", "'timeouts' has to be a mapping"),
        ("retries: {attempts: 11}", "'attempts' has to be at most 10"),
        ("retries: {attempts: 0}", "'attempts' has to be at least 1"),
        ("retries: {attempts: true}", "'attempts' has to be a whole number"),
        ("retries: {attempts: many}", "'attempts' has to be a whole number"),
        ("retries: true", "'retries' has to be a mapping"),
        ("circuitBreaker: {failures: -1}", "'failures' has to be at least 0"),
        ("concurrency: {limit: 0}", "'limit' has to be at least 1"),
        ("rateLimit: {requests: 0}", "'requests' has to be at least 1"),
        ("idempotent: perhaps", "'idempotent' has to be true or false"),
    ],
)
def test_what_makes_no_sense_is_an_error(written: str, problem: str) -> None:
    assert odd(written) == [f"value-invalid: {problem}"]


def test_an_unknown_key_is_a_warning_with_a_hint() -> None:
    _, found = document(DOCUMENT.format(written="timeouts: {totl: 5}"))
    assert [(one.code, one.hint) for one in found] == [("key-unknown", "did you mean 'total'?")]
