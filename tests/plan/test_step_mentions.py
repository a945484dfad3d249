"""What steps say of one another: the order they run in, and whether they are of use."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.diagnostics import Diagnostics
from naftiko_runtime.plan.step_mentions import StepMentions
from naftiko_runtime.spec.actions import Action
from tests.load.reading import a_map
from tests.plan.orchestrations import DOCUMENT, planned
from tests.plan.planned import plan

CREW = "{name: crew, call: api.list-crew}"
SHIP_INPUT = "'{{ship}}'"
SHIP = "{name: ship, call: api.get-ship, with: {imo: %s}}"


def findings(folder: Path, steps: str, mappings: str = "", more: str = "") -> list[str]:
    """Return the findings about `m.run`, without their places."""
    keys = f"steps: [{steps}]\nmappings: [{mappings}]\n{more}"
    return [one.split(": ", 1)[1] for one in planned(folder, keys).messages]


@pytest.mark.parametrize(
    "reference", ["'{{crew.id}}'", "$.crew", "'$[\"crew\"].id'", "['{{crew[0]}}']"]
)
def test_a_step_can_not_refer_to_a_later_one(tmp_path: Path, reference: str) -> None:
    (found,) = findings(tmp_path, f"{SHIP % reference}, {CREW}")
    assert found.endswith("refers to the step 'crew', which has not run by then")


def test_every_reference_to_a_later_step_is_reported(tmp_path: Path) -> None:
    steps = f"{SHIP % '$.crew.id'}, {(SHIP % '$.crew.no').replace('ship', 'other')}, {CREW}"
    assert len(findings(tmp_path, steps)) == 2


def test_a_step_can_not_refer_to_itself(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, SHIP % "'{{ship.imo}}'")
    assert found == "'{{ship.imo}}' refers to the step 'ship', which has not run by then"


def test_the_bare_name_of_a_later_step_is_an_input(tmp_path: Path) -> None:
    made = planned(tmp_path, f"steps: [{SHIP % SHIP_INPUT}]")
    assert not made.messages
    assert made.inputs("m.run") == {"ship": True}


def test_the_earlier_of_two_steps_of_one_name_is_referred_to(tmp_path: Path) -> None:
    twice = SHIP.replace("name: ship", "name: crew") % "'{{crew.id}}'"
    assert not findings(tmp_path, f"{CREW}, {twice}")


@pytest.mark.parametrize(
    ("path", "hint"),
    [("$.crow.id", "did you mean 'crew'?"), ("$.fleet.id", "the steps before are: crew")],
)
def test_a_path_that_names_no_step_is_reported(tmp_path: Path, path: str, hint: str) -> None:
    keys = f"steps: [{CREW}, {SHIP % path}]\nmappings: [{{targetName: a, value: $}}]"
    (found,) = planned(tmp_path, keys).loaded.diagnostics
    assert found.message == f"'{path}' names no step that runs before; it is taken as plain text"
    assert found.hint == hint


def test_where_no_step_runs_before_a_path_names_none(tmp_path: Path) -> None:
    (found,) = planned(tmp_path, f"steps: [{SHIP % '$.a'}]").loaded.diagnostics
    assert found.hint == "no step runs before this one"


def test_a_step_that_reads_for_nothing_is_reported(tmp_path: Path) -> None:
    assert findings(tmp_path, f"{CREW}, {SHIP % 5}") == [
        "nothing takes the output of the step 'crew'"
    ]


def test_a_look_up_for_nothing_is_reported(tmp_path: Path) -> None:
    steps = f"{CREW}, {{name: found, index: crew, match: id, lookupValue: 1}}"
    assert findings(tmp_path, steps) == ["nothing takes the output of the step 'found'"]


@pytest.mark.parametrize(
    ("steps", "mappings"),
    [
        pytest.param(f"{CREW}, {SHIP % '$.crew.id'}", "", id="by-the-next-call"),
        pytest.param(CREW, "", id="as-the-answer"),
        pytest.param(CREW, "{targetName: a, value: $.crew}", id="by-a-mapping"),
        pytest.param(CREW, "{targetName: a, value: 'of {{crew.id}}'}", id="by-a-template"),
        pytest.param(CREW, "{targetName: a, value: [1, '{{$.crew.id}}']}", id="inside-a-list"),
        pytest.param(CREW, "{targetName: a, value: $}", id="by-the-root"),
        pytest.param(CREW, "{targetName: a, value: $..id}", id="by-a-descent"),
        pytest.param(CREW, "{targetName: a, value: $.*}", id="by-a-wildcard"),
    ],
)
def test_a_step_is_of_use_whose_output_something_takes(
    tmp_path: Path, steps: str, mappings: str
) -> None:
    assert not findings(tmp_path, steps, mappings)


@pytest.mark.parametrize(
    "outputs",
    [
        "[{name: a, value: 'of {{crew.id}}'}]",
        "[{name: a, type: object, properties: {b: {const: '{{crew.id}}'}}}]",
        "[{name: a, type: array, items: {type: string, value: '{{crew.id}}'}}]",
        "[{name: a, type: object, values: {type: string, value: '{{crew.id}}'}}]",
    ],
)
def test_a_step_is_of_use_that_an_output_mentions(tmp_path: Path, outputs: str) -> None:
    assert not findings(tmp_path, f"{CREW}, {SHIP % 5}", more=f"outputParameters: {outputs}")


def test_a_path_of_an_output_is_none_over_the_steps(tmp_path: Path) -> None:
    more = "outputParameters: [{type: string, mapping: $.crew.id}]"
    assert len(findings(tmp_path, f"{CREW}, {SHIP % 5}", more=more)) == 1


def test_a_step_that_writes_is_there_for_what_it_does(tmp_path: Path) -> None:
    text = DOCUMENT.replace("list-crew, method: GET", "list-crew, method: POST")
    made = plan(tmp_path, text % f"      steps: [{CREW}, {SHIP % 5}]")
    assert not made.messages


def test_where_a_script_runs_no_step_is_of_no_use() -> None:
    action = "{steps: [{name: crew, call: api.list-crew}, {name: s, type: script, file: s.py}]}"
    diagnostics = Diagnostics()
    StepMentions("m.run", Action.model_validate(a_map(action)), diagnostics).report_unused({})
    assert not diagnostics.found
