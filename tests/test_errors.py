"""What can go wrong in a call: section 7 of the behaviour."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from naftiko_runtime import errors
from naftiko_runtime.errors import CallError, InputProblem, InvalidInput, UpstreamError


def tree(kind: type[CallError]) -> Iterator[type[CallError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from tree(child)


KINDS = [kind for kind in tree(CallError) if kind.__module__ == errors.__name__]


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in KINDS]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)+", code) for code in codes)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_stands_in_the_tree_of_the_docstring(kind: type[CallError]) -> None:
    assert re.search(rf"\b{kind.__name__}\b", errors.__doc__ or "")


def test_the_docstring_shows_no_error_that_is_gone() -> None:
    shown = re.findall(r"── (\w+)", errors.__doc__ or "")
    assert set(shown) == {kind.__name__ for kind in KINDS} - {"CallError"}


def test_all_that_upstream_does_wrong_is_an_upstream_error() -> None:
    named = {kind for kind in KINDS if kind.__name__.startswith("Upstream")}
    of_the_tree = {kind for kind in tree(UpstreamError) if kind.__module__ == errors.__name__}
    assert named == of_the_tree


def test_an_error_says_its_detail() -> None:
    error = errors.UpstreamTimeout("no answer within 30 s")
    assert (error.detail, str(error)) == ("no answer within 30 s",) * 2


def test_invalid_input_names_all_problems_at_once() -> None:
    problems = (InputProblem("/a", "'a' is missing"), InputProblem("/b", "'b' is no number"))
    error = InvalidInput(problems)
    assert error.problems == problems
    assert error.detail == "'a' is missing; 'b' is no number"
