"""Whether what was measured is what was to be reached."""

from __future__ import annotations

import pytest

from benchmarks.targets import TARGETS, Target

LEAST = Target("rate", "rate", 0.33, 0.45)
MOST = Target("time", "time", 5, 1, "ms", is_most=True)


@pytest.mark.parametrize(
    ("target", "figure", "verdict"),
    [
        (LEAST, 0.32, "**not met**"),
        (LEAST, 0.33, "met"),
        (LEAST, 0.45, "met, and stretch"),
        (MOST, 5.1, "**not met**"),
        (MOST, 5.0, "met"),
        (MOST, 1.0, "met, and stretch"),
    ],
)
def test_a_figure_is_held_against_target_and_stretch(
    target: Target, figure: float, verdict: str
) -> None:
    assert target.cells({target.figure: figure})[-1] == verdict


def test_what_was_not_measured_is_not_met_either() -> None:
    assert MOST.cells({}) == ("time", "at most 5 ms", "1 ms", "not measured", "-")


def test_every_figure_has_one_target() -> None:
    assert len({one.figure for one in TARGETS}) == len(TARGETS) == 21
