"""From MCP adapters to tools: sections 1 and 9 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.plan.mcp import safe_name
from naftiko_runtime.values import Json
from tests.plan.units_building import Compiled, an_api, an_mcp, call_of, one_call, read

OPERATIONS = "{name: a}, {name: b, description: Of the API}, {name: c, method: POST}"


def _tools(folder: Path, tools: str, adapter: str = "", more: str = "") -> Compiled:
    return read(folder, an_api(OPERATIONS), an_mcp(tools, adapter), more)


def _hints(folder: Path, method: str, says: str = "") -> dict[str, Json]:
    return one_call(folder, unit=says, method=method).tool.annotations


def test_an_adapter_says_where_and_what_it_is(tmp_path: Path) -> None:
    adapter = "address: 127.0.0.1, port: 3001, description: Ships, transport: stdio, ttlMs: 500"
    (plan,) = _tools(tmp_path, "{name: t, call: api.a}", adapter).capability.mcp
    assert (plan.namespace, plan.address, plan.port) == ("agent", "127.0.0.1", 3001)
    assert (plan.description, plan.transport, plan.ttl_ms) == ("Ships", "stdio", 500)


def test_an_adapter_is_served_over_http_unless_it_says_otherwise(tmp_path: Path) -> None:
    (plan,) = _tools(tmp_path, "{name: t, call: api.a}").capability.mcp
    assert (plan.transport, plan.address, plan.port) == ("http", None, None)


def test_tools_are_in_document_order(tmp_path: Path) -> None:
    made = _tools(tmp_path, "{name: z, call: api.a}, {name: a, call: api.b}")
    assert [tool.name for tool in made.tools] == ["z", "a"]


def test_a_tool_has_its_label_as_title_and_its_own_description(tmp_path: Path) -> None:
    tool = _tools(tmp_path, "{name: t, label: Tee, description: Own, call: api.b}").tool
    assert (tool.title, tool.description) == ("Tee", "Own")


def test_a_tool_without_a_description_has_the_consumed_operations(tmp_path: Path) -> None:
    tool = _tools(tmp_path, "{name: t, call: api.b}").tool
    assert (tool.title, tool.description) == (None, "Of the API")


def test_a_tool_that_calls_an_unknown_operation_is_left_out_alone(tmp_path: Path) -> None:
    made = _tools(tmp_path, "{name: t, call: api.aa}, {name: u, call: api.c}")
    assert made.messages == [
        "error operation-unknown: there is no consumed operation 'api.aa'; agent.t is left out"
    ]
    assert made.tool.name == "u"
    assert call_of(made.tool.operation).address == "api.c"


def test_a_tool_whose_steps_can_not_run_is_left_out_alone(tmp_path: Path) -> None:
    steps = "steps: [{name: s, type: call, call: api.nothing}]"
    made = _tools(tmp_path, f"{{name: t, {steps}}}, {{name: u, call: api.c}}")
    assert [tool.name for tool in made.tools] == ["u"]
    assert made.messages[0].startswith("error operation-unknown: ")


def test_a_tool_with_an_unknown_ref_is_left_out_alone(tmp_path: Path) -> None:
    made = _tools(tmp_path, "{name: t, ref: shared.f}, {name: u, call: api.c}")
    assert [tool.name for tool in made.tools] == ["u"]
    assert made.messages[0].startswith("error reference-unknown: ")


def test_a_tool_with_steps_does_not_call_besides_them(tmp_path: Path) -> None:
    steps = "steps: [{name: s, type: call, call: api.a}]"
    made = _tools(tmp_path, f"{{name: t, call: api.nothing, {steps}}}, {{name: u, call: api.c}}")
    assert [tool.name for tool in made.tools] == ["t", "u"]
    assert not made.messages


def test_a_tool_that_says_nothing_answers_an_empty_object(tmp_path: Path) -> None:
    made = _tools(tmp_path, "{name: t}")
    assert made.messages == [
        "warning operation-without-action: the tool 't' has nothing to do; it answers an empty "
        "object"
    ]
    assert made.tool.operation.action is None


def test_a_tool_of_fixed_values_has_something_to_do(tmp_path: Path) -> None:
    made = _tools(tmp_path, "{name: t, outputParameters: [{name: a, type: string, value: x}]}")
    assert not made.messages


@pytest.mark.parametrize("kind", ["resources", "prompts"])
def test_what_can_not_be_served_besides_tools_is_left_out_alone(tmp_path: Path, kind: str) -> None:
    made = _tools(tmp_path, "{name: t, call: api.a}", f"{kind}: [{{name: r}}]")
    (message,) = made.messages
    assert message.startswith("error ")
    assert message.endswith("agent.r is left out")
    assert made.tool.name == "t"


def test_later_tools_of_one_name_get_a_number(tmp_path: Path) -> None:
    made = _tools(tmp_path, ", ".join(f"{{name: t, call: api.{name}}}" for name in "abc"))
    assert [tool.name for tool in made.tools] == ["t", "t-2", "t-3"]
    assert made.messages == [
        f"warning tool-duplicate: there are two tools 't'; the later one is published as 't-{n}'"
        for n in (2, 3)
    ]


def test_long_names_of_one_text_are_numbered_within_what_clients_take(tmp_path: Path) -> None:
    made = _tools(tmp_path, ", ".join(f"{{name: {'x' * 64}, call: api.{name}}}" for name in "ab"))
    assert [tool.name for tool in made.tools] == ["x" * 64, "x" * 62 + "-2"]


@pytest.mark.parametrize("name", ["get-ship", "get_ship.v2", "x" * 64])
def test_a_name_that_clients_take_stays(name: str) -> None:
    assert safe_name(name) == name


def test_a_name_with_other_characters_is_published_with_underscores(tmp_path: Path) -> None:
    made = _tools(tmp_path, "{name: get ship/é, call: api.a}")
    assert made.tool.name == "get_ship__"
    assert made.messages == [
        "info tool-name-shortened: clients take no tool name like 'get ship/é'; it is published as "
        "'get_ship__'"
    ]


@pytest.mark.parametrize(("says", "name"), [("label: Ship, ", "Ship"), ("", "tool")])
def test_a_tool_without_a_name_is_called_by_its_label(tmp_path: Path, says: str, name: str) -> None:
    made = _tools(tmp_path, f"{{{says}call: api.a}}")
    assert made.tool.name == name
    assert not made.messages


def test_a_long_name_keeps_its_start_and_differs_from_its_neighbours() -> None:
    names = {safe_name("x" * 64 + end) for end in ("a", "b")}
    assert len(names) == 2
    assert all(len(name) == 64 and name.startswith("x" * 53 + "-") for name in names)


def test_a_long_name_is_the_same_at_every_start() -> None:
    assert safe_name("x" * 65) == "x" * 53 + "-9537c5fdf1"


@pytest.mark.parametrize(
    ("method", "hints"),
    [
        ("GET", {"readOnlyHint": True, "idempotentHint": True}),
        ("HEAD", {"readOnlyHint": True, "idempotentHint": True}),
        ("PUT", {"readOnlyHint": False, "idempotentHint": True}),
        ("DELETE", {"readOnlyHint": False, "idempotentHint": True, "destructiveHint": True}),
        ("POST", {"readOnlyHint": False}),
        ("PATCH", {"readOnlyHint": False}),
    ],
)
def test_a_tool_without_hints_has_those_of_the_consumed_method(
    tmp_path: Path, method: str, hints: dict[str, Json]
) -> None:
    assert _hints(tmp_path, method) == hints


def test_hints_are_exactly_those_given(tmp_path: Path) -> None:
    api, tools = an_api("{name: a, method: DELETE}"), "{name: t, call: api.a, hints: {%s}}"
    given = {
        "readOnly: true": {"readOnlyHint": True},
        "destructive: false, openWorld: true": {"destructiveHint": False, "openWorldHint": True},
        "idempotent: false": {"idempotentHint": False},
        "": {},
    }
    for hints, expected in given.items():
        assert read(tmp_path, api, an_mcp(tools % hints)).tool.annotations == expected


def test_a_tool_with_steps_has_no_hints_of_a_method(tmp_path: Path) -> None:
    steps = "steps: [{name: s, type: call, call: api.a}]"
    assert _tools(tmp_path, f"{{name: t, {steps}}}").tool.annotations == {}


@pytest.mark.parametrize(
    ("semantics", "hints", "annotations"),
    [
        ("safe: true", "", {"readOnlyHint": True, "destructiveHint": False}),
        ("safe: false", "", {"readOnlyHint": False}),
        ("idempotent: true", "", {"idempotentHint": True}),
        (
            "safe: true, idempotent: false",
            "hints: {destructive: true}",
            {"readOnlyHint": True, "destructiveHint": True, "idempotentHint": False},
        ),
        ("cacheable: true", "", {"readOnlyHint": False}),
    ],
)
def test_a_functions_semantics_become_hints_below_those_given(
    tmp_path: Path, semantics: str, hints: str, annotations: dict[str, Json]
) -> None:
    function = f"{{name: f, call: api.c, semantics: {{{semantics}}}}}"
    more = f"aggregates: [{{namespace: shared, functions: [{function}]}}]"
    made = _tools(tmp_path, f"{{name: t, ref: shared.f, {hints}}}", more=more)
    assert made.tool.annotations == annotations


def test_argument_names_that_clients_reject_are_mapped_back(tmp_path: Path) -> None:
    made = one_call(tmp_path, "inputParameters: [{name: 'filter[name]'}, {name: limit}]")
    assert made.tool.arguments == {"filter_name": "filter[name]"}
    properties = made.tool.input_schema["properties"]
    assert isinstance(properties, dict)
    assert list(properties) == ["filter_name", "limit"]
