"""Sizes as documents write them."""

from __future__ import annotations

import pytest

from naftiko_runtime.diagnostics import Diagnostics, Position
from naftiko_runtime.load.nodes import Node
from naftiko_runtime.plan.sizes import DEFAULT_BINARY_BYTES, read_size

AT = Position("a.yaml", 1, 1)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, DEFAULT_BINARY_BYTES),
        (512, 512),
        ("512", 512),
        ("7B", 7),
        ("2 KiB", 2048),
        ("1.5MiB", 1_572_864),
        ("1GiB", 1024**3),
    ],
)
def test_sizes_are_numbers_with_units(value: Node, expected: int) -> None:
    diagnostics = Diagnostics()
    assert read_size(value, AT, diagnostics) == expected
    assert not list(diagnostics)


@pytest.mark.parametrize("value", ["much", "10MB", "-1", "", True])
def test_what_is_no_size_is_reported_and_the_default_taken(value: Node) -> None:
    diagnostics = Diagnostics()
    assert read_size(value, AT, diagnostics) == DEFAULT_BINARY_BYTES
    assert [one.code for one in diagnostics] == ["value-invalid"]
