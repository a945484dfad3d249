"""What is found inside of terms: what a value in a document refers to."""

from __future__ import annotations

from naftiko_runtime.load.variables import Variable
from naftiko_runtime.plan.jsonpath import compile_path
from naftiko_runtime.plan.terms import (
    FirstOf,
    InputReference,
    ListOf,
    Literal,
    MapOf,
    StepReference,
    Term,
    Text,
    VariableReference,
    input_references,
    leaves,
    subterms,
)

A, B, C, D = (InputReference(name) for name in "abcd")
STEP = StepReference("s", compile_path("$"))
VARIABLE = VariableReference(Variable("V", "v", "set it"))
LIST = ListOf((B, Literal(1)))
TEXT = Text((Literal("x"), C))
MAP: Term = MapOf((("k", A), (TEXT, LIST), ("m", FirstOf((D, STEP, VARIABLE)))))


def test_a_term_comes_before_what_is_inside_it() -> None:
    assert list(subterms(TEXT)) == [TEXT, Literal("x"), C]


def test_leaves_are_the_references_and_literals_in_their_order() -> None:
    assert list(leaves(MAP)) == [A, Literal("x"), C, B, Literal(1), D, STEP, VARIABLE]


def test_a_reference_is_the_only_leaf_of_itself() -> None:
    assert list(leaves(A)) == [A]


def test_the_inputs_of_a_term_are_found_wherever_they_are() -> None:
    assert list(input_references(MAP)) == [A, C, B, D]
