"""The values of terms while a call runs: sections 2, 3 and 5 of the behaviour."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naftiko_runtime.errors import VariableMissing
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.expressions import Scope, compile_term, to_json, to_text
from naftiko_runtime.plan.folding import NameIndex
from naftiko_runtime.plan.terms import FirstOf, InputReference, ListOf, Literal, MapOf, Term, Text
from naftiko_runtime.values import ABSENT, Json, Value
from tests.plan.planned import ONE_TOOL, one_tool, plan

A, B = InputReference("a"), InputReference("b")

JSON_VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def value_of(term: Term, **inputs: Json) -> Value:
    """Return the value of a term in a call that has the inputs `a` and `b` at most."""
    names = NameIndex((name, name) for name in ("a", "b"))
    return compile_term(term, names)(Scope(inputs))


@pytest.mark.parametrize(
    ("inputs", "target"),
    [
        pytest.param({"x": "mine"}, b"/notes?x=mine", id="the-callers-value"),
        pytest.param({}, b"/notes?x=fixed", id="the-fixed-value"),
    ],
)
def test_the_callers_input_goes_before_a_fixed_value(
    tmp_path: Path, inputs: dict[str, Json], target: bytes
) -> None:
    planned = one_tool(
        tmp_path,
        "inputParameters: [{name: x, in: query, value: fixed}]",
        "inputParameters: [{name: x, type: string, required: false}]",
    )
    assert planned.request(inputs).target == target


def test_the_first_choice_that_has_a_value_is_taken_also_if_it_is_null() -> None:
    assert value_of(FirstOf((A, B, Literal(1))), b=None) is None


def test_of_choices_without_a_value_nothing_is_left() -> None:
    assert value_of(FirstOf((A, B))) is ABSENT


def test_a_reference_to_what_is_no_input_is_absent() -> None:
    assert value_of(InputReference("c"), a=1) is ABSENT


def test_a_name_that_is_spelled_otherwise_is_the_input_all_the_same() -> None:
    assert value_of(InputReference("A"), a=1) == 1


def test_absent_items_and_members_are_left_out() -> None:
    assert value_of(ListOf((A, B)), b=2) == [2]
    assert value_of(MapOf((("x", A), ("y", B), (A, B))), b=2) == {"y": 2}


def test_members_may_be_named_by_values() -> None:
    assert value_of(MapOf(((A, B), (Text((Literal("k"), A)), B))), a=1, b=2) == {"1": 2, "k1": 2}


def test_an_optional_text_is_absent_with_its_reference_and_a_text_otherwise() -> None:
    assert value_of(Text((A,), optional=True)) is ABSENT
    assert value_of(Text((A,), optional=True), a=5) == "5"


def test_only_what_references_bring_is_escaped() -> None:
    term = Text((Literal("<"), A))
    evaluate = compile_term(term, NameIndex([("a", "a")]), lambda text: text.replace("<", "&lt;"))
    assert evaluate(Scope({"a": "<"})) == "<&lt;"


def test_nothing_is_written_as_empty_text() -> None:
    assert (to_text(ABSENT), to_text(None)) == ("", "")


@given(JSON_VALUES)
def test_json_is_compact_and_keeps_every_value(value: Json) -> None:
    written = to_json(value)
    assert json.loads(written) == value
    assert written.decode() == to_text(value) or value is None or isinstance(value, str)


def test_a_call_that_needs_a_variable_without_a_value_says_how_to_set_it(tmp_path: Path) -> None:
    text = ONE_TOOL % ("        body: 'token={{TOKEN}}'", "")
    planned = plan(tmp_path, text, LoadOptions())
    with pytest.raises(VariableMissing) as raised:
        planned.request()
    assert raised.value.detail == (
        "the variable TOKEN has no value: set the environment variable TOKEN"
    )
