"""Functions of aggregates, and the units that refer to them: section 10 of the behaviour."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from naftiko_runtime.plan.adapters import Tool
from naftiko_runtime.values import Json
from tests.plan.planned import Planned, plan

DOCUMENT = """
naftiko: 1.0.0-alpha3
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://upstream.test
    resources:
    - path: /ships/{imo}
      operations:
      - name: get-ship
        method: GET
        inputParameters: [{name: detail, in: query}]
    - {path: /crew, operations: [{name: list-crew, method: GET}]}
    - {path: /ports, operations: [{name: list-ports, method: GET}]}
  aggregates:
  - label: Fleet
    namespace: fleet
    functions:
%s
  exposes:
  - type: mcp
    namespace: m
    tools:
%s
  - type: rest
    namespace: r
    resources:
    - path: /ships
      operations: [{name: rest-ship, method: GET, ref: fleet.ship}]
"""

CALL = "- {name: ship, description: Its ship, call: api.get-ship, with: {imo: fleet.number}}"


def planned(folder: Path, functions: str, tools: str = "[]") -> Planned:
    """Plan tools that refer to functions; the aggregate of the functions is `fleet`."""
    parts = [
        textwrap.indent(textwrap.dedent(part).strip("\n"), "     ") for part in (functions, tools)
    ]
    return plan(folder, DOCUMENT % tuple(parts))


def tool(folder: Path, functions: str, keys: str = "") -> Tool:
    """Return the tool `t`, which refers to `fleet.ship` and says this besides."""
    made = planned(folder, functions, f"- {{name: t, ref: fleet.ship{', ' if keys else ''}{keys}}}")
    assert not made.messages
    return made.capability.mcp[0].tools[0]


def target(
    folder: Path, functions: str, keys: str = "", arguments: dict[str, Json] | None = None
) -> bytes:
    """Return the target of the request of such a tool."""
    made = planned(folder, functions, f"- {{name: t, ref: fleet.ship{', ' if keys else ''}{keys}}}")
    assert not made.messages
    return made.request(arguments, "m.t").target


def test_a_unit_inherits_what_the_function_does_and_says(tmp_path: Path) -> None:
    function = """
    - name: ship
      label: A ship
      description: Finds a ship
      call: api.get-ship
      with: {imo: fleet.number}
      inputParameters: [{name: number, type: integer, description: Its number}]
      outputParameters: [{name: flag, type: string, mapping: $.flag}]
    """
    inherited = tool(tmp_path, function)
    assert (inherited.title, inherited.description) == ("A ship", "Finds a ship")
    assert inherited.input_schema["properties"] == {
        "number": {"type": "integer", "description": "Its number"}
    }
    assert inherited.output_schema is not None


def test_rest_operations_inherit_alike(tmp_path: Path) -> None:
    made = planned(tmp_path, CALL)
    (route,) = made.capability.rest[0].routes
    assert route.description == "Its ship"
    assert made.request({"number": "7"}, "r.rest-ship").target == b"/ships/7"


def test_functions_are_called_flows_by_the_successor(tmp_path: Path) -> None:
    made = planned(tmp_path, CALL)
    text = made.loaded.path.read_text().replace("functions:", "flows:")
    assert plan(tmp_path, text).request({"number": "7"}, "r.rest-ship").target == b"/ships/7"


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        pytest.param("label: Mine", ("Mine", "Its crew", b"/crew"), id="label"),
        pytest.param("description: Mine", ("Crew", "Mine", b"/crew"), id="description"),
        pytest.param("call: api.list-ports", ("Crew", "Its crew", b"/ports"), id="call"),
        pytest.param(
            "steps: [{name: a, call: api.list-ports}]", ("Crew", "Its crew", b"/ports"), id="steps"
        ),
    ],
)
def test_what_the_unit_says_itself_goes_before_field_by_field(
    tmp_path: Path, keys: str, expected: tuple[str, str, bytes]
) -> None:
    function = "- {name: ship, label: Crew, description: Its crew, call: api.list-crew}"
    own = tool(tmp_path, function, keys)
    assert (own.title, own.description, target(tmp_path, function, keys)) == expected


@pytest.mark.parametrize(
    ("keys", "arguments", "expected"),
    [
        pytest.param("", {"number": "7"}, b"/ships/7", id="no-with-of-the-units"),
        pytest.param("with: {number: tools.id}", {"id": "7"}, b"/ships/7", id="an-input"),
        pytest.param("with: {number: '9'}", {}, b"/ships/9", id="a-constant"),
        pytest.param("with: {number: 'a-{{number}}'}", {"number": "7"}, b"/ships/a-7", id="itself"),
        pytest.param("with: {imo: tools.id}", {"id": "7"}, b"/ships/7", id="the-same-key"),
        pytest.param(
            "with: {imo: 'a-{{tools.imo}}'}", {"imo": "7"}, b"/ships/a-7", id="the-same-key-itself"
        ),
        pytest.param(
            "with: {number: '9', detail: all}", {}, b"/ships/9?detail=all", id="a-key-of-the-call"
        ),
    ],
)
def test_the_with_of_a_unit_feeds_the_function(
    tmp_path: Path, keys: str, arguments: dict[str, Json], expected: bytes
) -> None:
    assert target(tmp_path, CALL, keys, arguments) == expected


def test_a_function_without_with_is_fed_by_the_name_of_the_parameter(tmp_path: Path) -> None:
    function = "- {name: ship, description: d, call: api.get-ship}"
    assert target(tmp_path, function, "with: {imo: tools.id}", {"id": "7"}) == b"/ships/7"
    assert target(tmp_path, function, "", {"imo": "7"}) == b"/ships/7"


@pytest.mark.parametrize(
    "step",
    [
        "{type: call, name: s, call: api.get-ship, with: {imo: fleet.imo}}",
        "{type: call, name: s, call: api.get-ship, with: {imo: '{{imo}}'}}",
        "{type: call, name: s, call: api.get-ship}",
    ],
    ids=["a-reference", "a-template", "the-same-name"],
)
def test_the_steps_of_a_function_are_fed_by_the_unit(tmp_path: Path, step: str) -> None:
    function = f"- {{name: ship, description: d, steps: [{step}]}}"
    assert target(tmp_path, function, "with: {imo: tools.id}", {"id": "7"}) == b"/ships/7"


def test_the_with_of_a_function_feeds_its_steps(tmp_path: Path) -> None:
    function = """
    - name: ship
      description: d
      with: {imo: fleet.number}
      steps: [{type: call, name: s, call: api.get-ship}]
    """
    assert target(tmp_path, function, "", {"number": "7"}) == b"/ships/7"
    assert target(tmp_path, function, "with: {imo: tools.id}", {"id": "7"}) == b"/ships/7"


def test_mappings_are_inherited_with_the_steps(tmp_path: Path) -> None:
    function = """
    - name: ship
      description: d
      steps: [{type: call, name: s, call: api.list-crew}]
      mappings: [{targetName: first, value: '$.s[0]'}]
    """
    assert tool(tmp_path, function).operation.outputs.structured


@pytest.mark.parametrize(
    ("semantics", "hints", "expected"),
    [
        pytest.param(
            "{safe: true}", "", {"readOnlyHint": True, "destructiveHint": False}, id="safe"
        ),
        pytest.param("{safe: false}", "", {"readOnlyHint": False}, id="not-safe"),
        pytest.param("{idempotent: true}", "", {"idempotentHint": True}, id="idempotent"),
        pytest.param(
            "{cacheable: true}",
            "",
            {"readOnlyHint": True, "idempotentHint": True},
            id="cacheable-says-nothing-of-them",
        ),
        pytest.param(
            "{safe: true}",
            "hints: {destructive: true, openWorld: false}",
            {"readOnlyHint": True, "destructiveHint": True, "openWorldHint": False},
            id="hints-go-before",
        ),
    ],
)
def test_semantics_become_hints(
    tmp_path: Path, semantics: str, hints: str, expected: dict[str, Json]
) -> None:
    function = CALL.replace("{name", f"{{semantics: {semantics}, name")
    assert tool(tmp_path, function, hints).annotations == expected


def test_without_semantics_hints_come_from_the_method(tmp_path: Path) -> None:
    assert tool(tmp_path, CALL).annotations == {"readOnlyHint": True, "idempotentHint": True}


def test_a_unit_that_names_no_function_is_left_out_and_the_rest_is_served(tmp_path: Path) -> None:
    made = planned(
        tmp_path, CALL, "- {name: bad, ref: fleet.shop}\n- {name: good, ref: fleet.ship}"
    )
    assert list(made.units) == ["m.good", "r.rest-ship"]
    (finding,) = made.loaded.diagnostics
    assert made.messages == [
        "error reference-unknown 25: there is no function 'fleet.shop'; m.bad is left out"
    ]
    assert (finding.unit, finding.hint) == ("m.bad", "did you mean 'fleet.ship'?")


@pytest.mark.parametrize(
    ("functions", "hint"),
    [(CALL, "the functions are: fleet.ship"), ("[]", "the functions are: none")],
)
def test_without_a_near_name_the_known_functions_are_told(
    tmp_path: Path, functions: str, hint: str
) -> None:
    made = planned(tmp_path, functions, "- {name: bad, ref: x}")
    assert made.loaded.diagnostics[0].hint == hint


def test_of_two_functions_of_one_address_the_first_is_taken(tmp_path: Path) -> None:
    second = "\n- {name: ship, description: Other, call: api.list-crew}"
    made = planned(tmp_path, CALL + second)
    assert made.messages == [
        "warning function-duplicate 21: "
        "there are two functions 'fleet.ship'; the first one is taken"
    ]
    assert made.capability.rest[0].routes[0].description == "Its ship"
