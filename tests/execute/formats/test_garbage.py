"""The collection of garbage while bodies are read."""

from __future__ import annotations

import gc

import pytest

from naftiko_runtime.execute.formats.garbage import collected_later

LARGE = 1_000_000


def test_nothing_is_collected_while_a_large_body_is_read() -> None:
    with collected_later(LARGE):
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_small_body_changes_nothing() -> None:
    with collected_later(100):
        assert gc.isenabled()


def test_a_body_within_a_body_ends_nothing_early() -> None:
    with collected_later(LARGE):
        with collected_later(LARGE):
            pass
        assert not gc.isenabled()


def test_a_body_that_can_not_be_read_leaves_collection_on() -> None:
    with pytest.raises(ValueError, match="broken"), collected_later(LARGE):
        raise ValueError("broken")
    assert gc.isenabled()
