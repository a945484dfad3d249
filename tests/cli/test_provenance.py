from __future__ import annotations

import pytest

from naftiko_runtime.cli.provenance import describe
from naftiko_runtime.load.variables import Variable
from naftiko_runtime.plan.jsonpath import compile_path
from naftiko_runtime.plan.terms import (
    FirstOf,
    InputReference,
    ListOf,
    Literal,
    StepReference,
    Term,
    Text,
    VariableReference,
)

KEY = VariableReference(Variable("KEY", None, ""))
ID = InputReference("id")


@pytest.mark.parametrize(
    ("term", "words"),
    [
        (Literal({"a": 1}), 'the fixed value {"a": 1}'),
        (Literal("x" * 50), 'the fixed value "' + "x" * 39 + "…"),
        (ID, "input 'id'"),
        (StepReference("first", compile_path("$")), "output of step 'first'"),
        (KEY, "variable 'KEY'"),
        (FirstOf((ID, Literal(5))), "input 'id', else the fixed value 5"),
        (Text((Literal("a-"), ID, KEY, ID)), "a template with input 'id', variable 'KEY'"),
        (ListOf((Literal("a"),)), "a fixed text"),
    ],
)
def test_terms_are_described(term: Term, words: str) -> None:
    assert describe(term) == words
