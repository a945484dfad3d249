"""From the document's steps and mappings to a plan: section 10 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.plan.expressions import Scope
from naftiko_runtime.plan.steps import StepsPlan
from tests.plan.orchestrations import CREW, planned, run_of


def test_the_kind_of_a_step_that_does_not_say_it_follows_from_its_keys(tmp_path: Path) -> None:
    keys = """
    steps:
    - {name: crew, call: api.list-crew}
    - {name: found, index: crew, match: id, lookupValue: 2}
    """
    kinds = [type(step).__name__ for step in run_of(planned(tmp_path, keys)).steps]
    assert kinds == ["CallStep", "LookupStep"]


def test_steps_without_a_name_are_numbered(tmp_path: Path) -> None:
    keys = """
    steps:
    - {type: call, call: api.list-crew}
    - {type: call, call: api.get-ship, with: {imo: '$.step-1[0].id'}}
    """
    assert [step.name for step in run_of(planned(tmp_path, keys)).steps] == ["step-1", "step-2"]


def test_steps_may_be_a_map_by_name(tmp_path: Path) -> None:
    keys = "steps: {crew: {call: api.list-crew}, found: {index: crew, match: id, lookupValue: 2}}"
    assert [step.name for step in run_of(planned(tmp_path, keys)).steps] == ["crew", "found"]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param(
            "[{name: a, call: api.list-crew}, {name: b, call: api.get-ship, with: {imo: rest.x}}]",
            [["a", "b"]],
            id="independent-calls",
        ),
        pytest.param(
            "[{name: a, call: api.list-crew}, {name: b, call: api.get-ship, with: {imo: $.a.x}}]",
            [["a"], ["b"]],
            id="a-call-that-needs-another",
        ),
        pytest.param(
            "[{name: a, call: api.list-crew}, {name: b, index: a, match: id, lookupValue: 1},"
            " {name: c, call: api.list-crew}]",
            [["a"], ["b"], ["c"]],
            id="a-look-up-between",
        ),
        pytest.param(
            "[{name: a, call: api.list-crew}, {name: a, call: api.list-crew},"
            " {name: b, call: api.list-crew}]",
            [["a"], ["a", "b"]],
            id="calls-of-one-name",
        ),
    ],
)
def test_consecutive_calls_that_need_nothing_of_each_other_are_one_stage(
    tmp_path: Path, steps: str, expected: list[list[str]]
) -> None:
    stages = run_of(planned(tmp_path, f"steps: {steps}")).stages
    assert [[step.name for step in stage] for stage in stages] == expected


def test_the_with_of_a_step_goes_before_the_units(tmp_path: Path) -> None:
    keys = """
    with: {imo: unit}
    steps: [{type: call, name: a, call: api.get-ship, with: {imo: step}}]
    """
    assert planned(tmp_path, keys).request(unit="m.run").target == b"/ships/step"


def test_the_with_of_the_unit_feeds_what_the_steps_does_not(tmp_path: Path) -> None:
    keys = """
    with: {imo: unit}
    steps: [{type: call, name: a, call: api.get-ship}]
    """
    assert planned(tmp_path, keys).request(unit="m.run").target == b"/ships/unit"


def test_the_inputs_of_a_look_up_are_the_units(tmp_path: Path) -> None:
    keys = """
    steps:
    - {name: crew, call: api.list-crew}
    - {name: found, index: crew, match: id, lookupValue: tools.id}
    """
    assert planned(tmp_path, keys).inputs("m.run") == {"id": False}


def test_the_inputs_of_mappings_are_the_units(tmp_path: Path) -> None:
    keys = """
    steps: [{name: crew, call: api.list-crew}]
    mappings: [{targetName: a, value: tools.x}, {targetName: b, value: '{{y}}'}]
    """
    assert planned(tmp_path, keys).inputs("m.run") == {"x": False, "y": False}


def test_a_mapping_to_no_step_is_a_warning_and_null(tmp_path: Path) -> None:
    keys = """
    steps: [{name: crew, call: api.list-crew}]
    mappings: [{targetName: a, value: $.crow.name}]
    """
    made = planned(tmp_path, keys)
    assert made.messages == [
        "warning reference-unknown 19: "
        "'$.crow.name' names no step of m.run; the value will be null",
        "warning step-unused 18: nothing takes the output of the step 'crew'",
    ]
    assert made.loaded.diagnostics[0].hint == "did you mean 'crew'?"
    action = made.units["m.run"].action
    assert isinstance(action, StepsPlan)
    assert action.answer(Scope(steps={"crew": CREW})) == {"a": None}


def test_a_mapping_whose_path_can_not_be_read_leaves_its_unit_out(tmp_path: Path) -> None:
    keys = """
    steps: [{name: crew, call: api.list-crew}]
    mappings: [{targetName: a, value: '$[['}]
    """
    made = planned(tmp_path, keys)
    assert made.messages == ["error jsonpath-invalid 19: '$[[': a bracket or a quote is not closed"]
    assert made.loaded.diagnostics[0].unit == "m.run"
    assert "m.run" not in made.units


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        pytest.param(
            "steps: [{name: a, call: api.list-crow}]",
            "operation-unknown 18: there is no consumed operation 'api.list-crow'",
            id="no-such-operation",
        ),
        pytest.param(
            "steps: [{name: a, type: call}]",
            "operation-unknown 18: there is no consumed operation ''",
            id="no-operation",
        ),
        pytest.param(
            "steps: [{call: api.list-crew}, {name: b, index: c, match: id, lookupValue: 1}]",
            "reference-unknown 18: the look-up 'b' searches 'c', which is no earlier step",
            id="no-such-step",
        ),
        pytest.param(
            "steps: [{name: a, type: lookup, lookupValue: 1}]",
            "value-missing 18: the look-up 'a' needs 'index' and 'match'",
            id="nothing-to-search",
        ),
        pytest.param(
            "steps: [{name: a, call: api.list-crew}, {name: b, index: a, match: id}]",
            "value-missing 18: the look-up 'b' needs 'lookupValue'",
            id="nothing-to-look-for",
        ),
        pytest.param(
            "steps: [{name: a, type: handler}]",
            "not-yet-supported 18: 'handler' steps are not supported yet",
            id="an-unknown-kind",
        ),
    ],
)
def test_a_unit_whose_steps_can_not_be_served_is_left_out_and_reported(
    tmp_path: Path, keys: str, message: str
) -> None:
    made = planned(tmp_path, keys)
    assert made.messages == [f"error {message}; m.run is left out"]
    assert made.loaded.diagnostics[0].unit == "m.run"
    assert list(made.units) == ["m.other"]
