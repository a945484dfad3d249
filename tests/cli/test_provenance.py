from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.cli.provenance import describe, provenance
from naftiko_runtime.execute.requests import assemble
from naftiko_runtime.load.variables import Variable
from naftiko_runtime.plan.calls import CallPlan
from naftiko_runtime.plan.expressions import Scope
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
from naftiko_runtime.values import Json
from tests.documents import ONE_OPERATION, load, tool

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


@pytest.mark.parametrize("place", ["query", "cookie"])
@pytest.mark.parametrize(
    ("given", "source"), [({}, "authentication"), ({"key": "x"}, "input 'key'")]
)
def test_a_key_is_told_once_whoever_brings_it(
    tmp_path: Path, place: str, given: dict[str, Json], source: str
) -> None:
    proof = f"authentication: {{type: apikey, key: key, value: v, placement: {place}}}"
    text = ONE_OPERATION.replace("    resources:\n", f"    {proof}\n    resources:\n", 1)
    text = text.replace("name: detail, in: query, type: boolean", f"name: key, in: {place}")
    call = tool(load(tmp_path, text), "get-ship").operation.action
    assert isinstance(call, CallPlan)
    scope = Scope({"imo": "1", **given})
    told = provenance(call, scope, assemble(call, scope))
    sources = [one.source for one in told if one.part == f"{place} key"]
    assert [one for one in sources if not one.startswith("not sent")] == [source]
