"""What look-ups find, and what mappings make of it: section 10 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.plan.expressions import Scope
from naftiko_runtime.plan.steps import LookupStep
from naftiko_runtime.values import Json
from tests.plan.orchestrations import CREW, planned, run_of


def found(
    folder: Path, keys: str, outputs: dict[str, Json], inputs: dict[str, Json] | None = None
) -> Json:
    """Return what a look-up in the output of the step `crew` finds."""
    steps = f"""
    steps:
    - {{type: call, name: crew, call: api.list-crew}}
    - {{type: lookup, name: found, index: crew, match: id, {keys}}}
    """
    (*_, step) = run_of(planned(folder, steps)).steps
    assert isinstance(step, LookupStep)
    return step.run(Scope(dict(inputs or {}), dict(outputs)))


def answer(folder: Path, mappings: str, outputs: dict[str, Json]) -> Json:
    """Return the answer that mappings build from the output of the step `crew`."""
    keys = f"""
    steps: [{{type: call, name: crew, call: api.list-crew}}]
    mappings: {mappings}
    """
    return run_of(planned(folder, keys)).answer(Scope(steps=dict(outputs)))


@pytest.mark.parametrize(
    ("lookup_value", "expected"),
    [
        pytest.param("1", "Ada", id="a-number-as-text"),
        pytest.param("'2'", "Bo", id="the-first-of-several"),
        pytest.param("'{{id}}'", "Bo", id="a-template"),
        pytest.param("tools.id", "Bo", id="a-reference"),
        pytest.param("'$.crew[0].id'", "Ada", id="a-path"),
        pytest.param("9", None, id="no-hit"),
        pytest.param("null", None, id="null-is-no-value"),
        pytest.param("'{{nothing}}'", None, id="absent-is-no-value"),
        pytest.param("{a: 1}", None, id="an-object-is-no-value"),
        pytest.param("[9, '2', 1]", ["Bo", "Ada"], id="a-list-of-values"),
        pytest.param("'$.crew[1:3].id'", ["Bo", "Bo"], id="a-path-to-many-values"),
        pytest.param("[9]", [], id="a-list-without-hits"),
    ],
)
def test_a_look_up_finds_the_first_entry_whose_field_has_the_value(
    tmp_path: Path, lookup_value: str, expected: Json
) -> None:
    hit = found(tmp_path, f"lookupValue: {lookup_value}", {"crew": CREW}, {"id": 2})
    hits = hit if isinstance(hit, list) else [hit]
    names = [one["name"] if isinstance(one, dict) else one for one in hits]
    assert (names if isinstance(hit, list) else names[0]) == expected


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        pytest.param({"id": 2, "name": "Bo"}, {"id": 2, "name": "Bo"}, id="one-object"),
        pytest.param(None, None, id="nothing"),
        pytest.param("text", None, id="text"),
    ],
)
def test_a_look_up_searches_what_is_no_list_as_one_entry(
    tmp_path: Path, output: Json, expected: Json
) -> None:
    assert found(tmp_path, "lookupValue: 2", {"crew": output}) == expected


def test_a_look_up_in_a_step_without_output_is_null(tmp_path: Path) -> None:
    assert found(tmp_path, "lookupValue: 2", {}) is None


@pytest.mark.parametrize(
    "outputs",
    [
        "[name, rank]",
        "[{name: name}, {name: rank, type: string}]",
        "{name: {type: string}, rank: {type: string}}",
    ],
    ids=["names", "parameters", "parameters-by-name"],
)
def test_a_hit_keeps_the_fields_that_the_look_up_names(tmp_path: Path, outputs: str) -> None:
    keys = f"lookupValue: 2, outputParameters: {outputs}"
    assert found(tmp_path, keys, {"crew": CREW}) == {"name": "Bo", "rank": None}


@pytest.mark.parametrize("outputs", ["[]", "[{type: string}]", "name"])
def test_a_hit_is_kept_whole_where_no_field_is_named(tmp_path: Path, outputs: str) -> None:
    keys = f"lookupValue: 2, outputParameters: {outputs}"
    assert found(tmp_path, keys, {"crew": CREW}) == {"id": 2, "name": "Bo"}


@pytest.mark.parametrize(
    ("mappings", "expected"),
    [
        pytest.param("[{targetName: a, value: $.crew}]", {"a": CREW}, id="all-of-a-step"),
        pytest.param("[{target: a, value: '$.crew[0].name'}]", {"a": "Ada"}, id="an-item"),
        pytest.param("[{target: a, value: '$.crew[0:2].name'}]", {"a": ["Ada", "Bo"]}, id="many"),
        pytest.param("[{target: a, value: '$[''crew''][0].name'}]", {"a": "Ada"}, id="in-brackets"),
        pytest.param("[{target: a, value: '$.*[1].name'}]", {"a": ["Bo"]}, id="of-any-step"),
        pytest.param("[{target: a, value: $..rank}]", {"a": ["mate"]}, id="at-any-depth"),
        pytest.param("[{target: a, value: '<{{crew.0.name}}>'}]", {"a": "<Ada>"}, id="a-template"),
        pytest.param("[{target: a, value: $.crew.nothing}]", {"a": None}, id="nothing-there"),
        pytest.param(
            "[{target: a, value: 5}, {target: b, value: x}]", {"a": 5, "b": "x"}, id="fixed"
        ),
        pytest.param("{target: a, value: 5}", {"a": 5}, id="one-mapping-alone"),
        pytest.param(
            "[{target: a.b.c, value: 1}, {target: a.d, value: 2}, {target: e, value: 3}]",
            {"a": {"b": {"c": 1}, "d": 2}, "e": 3},
            id="dotted-targets",
        ),
        pytest.param(
            "[{target: a, value: 1}, {target: a.b, value: 2}]", {"a": {"b": 2}}, id="in-a-scalar"
        ),
    ],
)
def test_mappings_build_the_answer(tmp_path: Path, mappings: str, expected: Json) -> None:
    assert answer(tmp_path, mappings, {"crew": CREW}) == expected
