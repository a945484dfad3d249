"""What a unit does and answers, with what it inherits: sections 6 and 10 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.calls import CallPlan
from naftiko_runtime.plan.expressions import Scope
from naftiko_runtime.plan.operations import Operation
from naftiko_runtime.plan.steps import StepsPlan
from naftiko_runtime.values import Json
from tests.plan.units_building import Compiled, an_api, an_mcp, read, sent_by

_SHIPS = (
    "{name: get, inputParameters: [{name: q, in: query}], "
    "outputParameters: [{name: size, type: number, mapping: $.s}]}"
)
_STEP = "steps: [{name: s, type: call, call: api.get}]"


def _unit(folder: Path, says: str, function: str = "") -> Compiled:
    more = f"aggregates: [{{namespace: fleet, functions: [{function}]}}]" if function else ""
    return read(folder, an_api(_SHIPS), an_mcp(f"{{name: t, {says}}}"), more)


def _answer(operation: Operation, decoded: Json, **inputs: Json) -> Json:
    return operation.outputs.shape(decoded, Scope(inputs))


def test_a_unit_is_known_by_its_adapter_and_name(tmp_path: Path) -> None:
    operation = _unit(tmp_path, "call: api.get").tool.operation
    assert operation.address == "agent.t"
    assert operation.at.line == 2


def test_a_call_is_the_action_of_a_unit(tmp_path: Path) -> None:
    assert isinstance(_unit(tmp_path, "call: api.get").tool.operation.action, CallPlan)


def test_steps_are_the_action_of_a_unit(tmp_path: Path) -> None:
    assert isinstance(_unit(tmp_path, _STEP).tool.operation.action, StepsPlan)


def test_a_unit_that_can_not_run_is_left_out_and_reported(tmp_path: Path) -> None:
    made = _unit(tmp_path, "steps: [{name: s, type: call, call: api.lost}]")
    assert made.tools == []
    assert [one.unit for one in made.loaded.diagnostics] == ["agent.t"]


def test_a_unit_that_can_not_run_is_fatal_where_strictness_is_asked_for(tmp_path: Path) -> None:
    tool = an_mcp("{name: t, call: api.lost}")
    assert read(tmp_path, an_api(_SHIPS), tool, options=LoadOptions(strict=True)).is_refused


@pytest.mark.parametrize("action", ["call: api.get", _STEP])
def test_a_unit_without_outputs_answers_what_the_consumed_ones_shape(
    tmp_path: Path, action: str
) -> None:
    operation = _unit(tmp_path, action).tool.operation
    assert _answer(operation, {"s": "12", "more": 1}) == {"size": 12}


def test_a_units_own_outputs_shape_its_answer(tmp_path: Path) -> None:
    outputs = "outputParameters: [{name: z, type: string, mapping: $.s}]"
    operation = _unit(tmp_path, f"call: api.get, {outputs}").tool.operation
    assert _answer(operation, {"s": 12}) == {"z": "12"}


def test_mappings_make_the_answer_whatever_the_last_call_says(tmp_path: Path) -> None:
    mappings = "mappings: [{targetName: z, value: $.s.size}]"
    operation = _unit(tmp_path, f"{_STEP}, {mappings}").tool.operation
    assert _answer(operation, {"z": 5}) == {"z": 5}


def test_a_mock_answers_typed_values_with_inputs_in_them(tmp_path: Path) -> None:
    outputs = "[{name: n, type: number, value: '5'}, {name: g, type: string, value: 'hi {{who}}'}]"
    operation = _unit(
        tmp_path, f"inputParameters: [{{name: who}}], outputParameters: {outputs}"
    ).tool.operation
    assert _answer(operation, None, who="Ada") == {"n": 5, "g": "hi Ada"}


def test_a_mapping_to_an_output_that_is_not_declared_is_a_warning(tmp_path: Path) -> None:
    declared = "outputParameters: [{name: captain, type: object}]"
    mappings = "mappings: [{targetName: captian.name, value: $.s}, {target: captain, value: 1}]"
    made = _unit(tmp_path, f"{_STEP}, {declared}, {mappings}")
    assert made.messages == [
        "warning output-undeclared: agent.t maps to 'captian', which is not among its outputs"
    ]
    assert made.hints == ["did you mean 'captain'?"]


def test_mappings_may_go_anywhere_where_no_outputs_are_declared(tmp_path: Path) -> None:
    assert not _unit(tmp_path, f"{_STEP}, mappings: [{{targetName: a.b, value: $.s}}]").messages


def test_a_function_is_called_with_the_units_inputs(tmp_path: Path) -> None:
    function = "{name: f, call: api.get, with: {q: fleet.ship}}"
    operation = _unit(tmp_path, "ref: fleet.f", function).tool.operation
    assert [one.name for one in operation.inputs] == ["ship"]
    assert sent_by(operation, {"ship": "7"}).target == b"/v1/things?q=7"


def test_a_units_with_feeds_the_inputs_of_its_function(tmp_path: Path) -> None:
    function = "{name: f, call: api.get, with: {q: fleet.ship}}"
    made = _unit(tmp_path, "ref: fleet.f, with: {ship: 'no-{{imo}}'}", function)
    operation = made.tool.operation
    assert [one.name for one in operation.inputs] == ["imo"]
    assert sent_by(operation, {"imo": "7"}).target == b"/v1/things?q=no-7"


@pytest.mark.parametrize(
    ("template", "hint"),
    [("{{shp}}", "did you mean 'ship'?"), ("{{nobody}}", "declare it under 'inputParameters'")],
)
def test_a_fixed_value_that_mentions_what_nothing_brings_is_reported(
    tmp_path: Path, template: str, hint: str
) -> None:
    says = "inputParameters: [{name: ship}], outputParameters: [{name: a, value: 'Hi %s'}]"
    made = _unit(tmp_path, says % template)
    (found,) = made.loaded.diagnostics
    assert found.code == "reference-unknown"
    assert (
        found.message == f"'{template.strip('{}')}' is no input, step or variable; it is left empty"
    )
    assert found.hint == hint


def test_a_fixed_value_may_mention_the_output_of_a_step(tmp_path: Path) -> None:
    says = f"{_STEP}, outputParameters: [{{name: a, value: 'size {{{{s.size}}}}'}}]"
    made = _unit(tmp_path, says)
    assert not made.messages
    shape = made.tool.operation.outputs.shape
    assert shape(None, Scope({}, {"s": {"size": 5}})) == {"a": "size 5"}
