"""Open files: as many as are needed, or fewer connections."""

from __future__ import annotations

import logging
import resource

import pytest

from naftiko_runtime.limits import ServeLimits
from naftiko_runtime.runtime import descriptors
from naftiko_runtime.runtime.descriptors import allow_descriptors, fit_to_descriptors

LIMITS = ServeLimits(connections=1000, upstream_connections=100)


class System:
    """The system's limits on open files."""

    def __init__(self, soft: int, hard: int, *, willing: bool = True) -> None:
        self.limits = soft, hard
        self._willing = willing

    def get(self, _: int) -> tuple[int, int]:
        return self.limits

    def set(self, _: int, limits: tuple[int, int]) -> None:
        if not self._willing:
            raise ValueError("not permitted")
        self.limits = limits


def system(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, *, willing: bool = True
) -> System:
    """Stand in for the system."""
    stand_in = System(soft, hard, willing=willing)
    monkeypatch.setattr(resource, "getrlimit", stand_in.get)
    monkeypatch.setattr(resource, "setrlimit", stand_in.set)
    return stand_in


def test_a_soft_limit_is_raised_as_far_as_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = system(monkeypatch, 1024, 4096)
    assert allow_descriptors(2000) == 2000
    assert stand_in.limits == (2000, 4096)


def test_a_soft_limit_is_raised_no_further_than_the_hard_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stand_in = system(monkeypatch, 1024, 4096)
    assert allow_descriptors(5000) == 4096
    assert stand_in.limits == (4096, 4096)


@pytest.mark.parametrize("soft", [2000, resource.RLIM_INFINITY])
def test_a_limit_that_is_high_enough_stays(monkeypatch: pytest.MonkeyPatch, soft: int) -> None:
    stand_in = system(monkeypatch, soft, resource.RLIM_INFINITY)
    assert allow_descriptors(2000) == 2000
    assert stand_in.limits == (soft, resource.RLIM_INFINITY)


def test_without_a_hard_limit_any_number_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    system(monkeypatch, 1024, resource.RLIM_INFINITY)
    assert allow_descriptors(100_000) == 100_000


def test_a_system_that_is_not_willing_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    system(monkeypatch, 1024, 4096, willing=False)
    assert allow_descriptors(2000) == 1024


def test_limits_that_fit_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    system(monkeypatch, 1024, 4096)
    assert fit_to_descriptors(LIMITS) is LIMITS


@pytest.mark.parametrize(("allowed", "connections"), [(1024, 796), (400, 172), (100, 1)])
def test_with_too_few_files_fewer_connections_are_taken(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    allowed: int,
    connections: int,
) -> None:
    system(monkeypatch, allowed, allowed)
    caplog.set_level(logging.WARNING, descriptors.__name__)
    assert fit_to_descriptors(LIMITS).connections == connections
    assert f"at most {connections} connections of callers are taken" in caplog.text


def test_few_connections_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = ServeLimits(connections=10, upstream_connections=1000)
    system(monkeypatch, 400, 400)
    assert fit_to_descriptors(limits) is limits
