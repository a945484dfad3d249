"""Attacks, and what others notice of them."""

from __future__ import annotations

import pytest

from benchmarks import attack
from benchmarks.attack import Seen
from benchmarks.attackers import ATTACKS


@pytest.mark.parametrize("name", ATTACKS)
def test_every_attack_does_something_but_the_one_that_shows_what_is_chance(name: str) -> None:
    made = ATTACKS[name]()
    does_something = made.is_kept or made.payload or made.per_second
    assert bool(made.connections and does_something) is (name != "nothing")


@pytest.mark.parametrize("name", [one for one in ATTACKS if "JSON" in one or "MB" in one])
def test_bodies_are_as_long_as_they_say(name: str) -> None:
    head, _, body = ATTACKS[name]().payload.partition(b"\r\n\r\n")
    assert b"content-length: %d" % len(body) in head
    assert len(body) < 10 * 1024 * 1024, "larger ones are refused unread"


def test_one_window_that_was_disturbed_does_not_count() -> None:
    calm, disturbed = [0.001] * 100, [0.5] * 100
    windows = [Seen(calm), Seen(disturbed), Seen(calm)]
    assert attack._percentile(windows, 99) == 0.001
