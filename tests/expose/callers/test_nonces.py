"""Nonces: signed, short-lived, each count good once, and nothing grows without bound."""

from __future__ import annotations

import pytest

from naftiko_runtime.expose.callers.nonces import Nonces, NonceUse
from tests.expose.callers.identity_server import ManualClock

FRESH, STALE, REPLAYED = NonceUse.FRESH, NonceUse.STALE, NonceUse.REPLAYED


@pytest.mark.parametrize(
    ("counts", "last"),
    [
        ([1, 2], FRESH),
        ([1, 1], REPLAYED),
        ([2, 1], FRESH),
        ([2, 1, 1], REPLAYED),
        ([1, 65, 1], REPLAYED),
        ([1, 65, 2], FRESH),
        ([1, 66, 2], FRESH),
        ([1, 66, 1], REPLAYED),
        ([1, 100, 99], FRESH),
        ([1, 100, 30], REPLAYED),
        ([1, 2**32 - 1, 2], REPLAYED),
        ([0], REPLAYED),
        ([64, 0], REPLAYED),
    ],
)
def test_requests_may_overtake_one_another_but_no_count_is_good_twice(
    counts: list[int], last: NonceUse
) -> None:
    nonces = Nonces()
    nonce = nonces.issue()
    uses = [nonces.use(nonce, count) for count in counts]
    assert uses[-1] is last


@pytest.mark.parametrize("nonce", ["", "x", "ä", "A" * 43, "A" * 100, "="])
def test_what_was_not_issued_here_is_stale(nonce: str) -> None:
    assert Nonces().use(nonce, 1) is STALE
    assert Nonces().use(Nonces().issue(), 1) is STALE


def test_what_had_to_make_room_is_stale_with_all_that_is_older() -> None:
    clock = ManualClock()
    nonces = Nonces(most_used=2, clock=clock)
    issued = []
    for _ in range(4):
        issued.append(nonces.issue())
        clock.now += 1
    never_used, first, second, third = issued
    assert [nonces.use(one, 1) for one in (first, second, third)] == [FRESH] * 3
    assert nonces.use(first, 2) is STALE
    assert nonces.use(never_used, 1) is STALE
    assert [nonces.use(one, 2) for one in (second, third)] == [FRESH] * 2


def test_processes_that_share_a_key_take_each_others_nonces() -> None:
    one, other = Nonces(key=b"k"), Nonces(key=b"k")
    assert other.use(one.issue(), 1) is FRESH
