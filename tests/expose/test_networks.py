"""What an address counts as."""

from __future__ import annotations

import pytest

from naftiko_runtime.expose.networks import network_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8::1", "2001:db8:0:0:ffff::3"),
        ("fe80::1%eth0", "fe80::2%eth1"),
        ("192.0.2.1", "::ffff:192.0.2.1"),
    ],
)
def test_these_count_as_one(one: str, other: str) -> None:
    assert network_of(one) == network_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8::1", "2001:db8:0:1::1"),
        ("192.0.2.1", "192.0.2.2"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2"),
        ("no:address", "no:other"),
        ("::1", "0"),
    ],
)
def test_these_count_as_two(one: str, other: str) -> None:
    assert network_of(one) != network_of(other)
