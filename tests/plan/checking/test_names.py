"""The names of arguments that MCP clients take."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naftiko_runtime.plan.checking import argument_names


def test_safe_names_stay_as_they_are() -> None:
    names = ["id", "page_token", "X-Version", "a.b", "x" * 64]
    assert list(argument_names(names).items()) == [(name, name) for name in names]


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("$select", "select"),
        ("@id", "id"),
        ("filter[name]", "filter_name"),
        ("filter[timestamp][start]", "filter_timestamp_start"),
        ("page size", "page_size"),
        ("größe", "gr_e"),
        ("日本", "argument"),
        ("x" * 65, "x" * 55 + "-9537c5fd"),
    ],
)
def test_other_names_are_made_safe(name: str, published: str) -> None:
    assert argument_names([name]) == {published: name}


def test_names_that_come_out_the_same_get_numbers_whatever_their_order() -> None:
    names = ["select", "$select", "@select", "select_2", "a[" * 40, "b"]
    published = argument_names(names)
    assert published["select"] == "select"
    assert published["select_2"] == "select_2"
    assert published["select_3"] == "$select"
    assert published["select_4"] == "@select"
    assert argument_names(names[::-1]) == published
    assert list(published.values()) == names


@given(st.lists(st.text(max_size=80) | st.sampled_from(["$a", "@a", "a", "a_2", "[a]"])))
def test_every_name_is_published_once_and_safely(names: list[str]) -> None:
    published = argument_names(names)
    assert sorted(published.values()) == sorted(set(names))
    assert all(re.fullmatch(r"[a-zA-Z0-9_.-]{1,64}", name) for name in published)
    assert argument_names(sorted(names)) == published
