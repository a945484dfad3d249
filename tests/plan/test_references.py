"""References and templates: section 3 of the behaviour."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from naftiko_runtime.values import Json
from tests.plan.planned import VALUES, Planned, one_tool, plan

JSON_OF_ONE = "body: {type: json, data: {v: '{{v}}'}}"

ORCHESTRATION = """
naftiko: 1.0.0-alpha3
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://upstream.test
    resources:
    - path: /notes
      operations:
      - {name: list, method: GET}
      - {name: send, method: POST, body: {type: json, data: {v: '{{v}}'}}}
  exposes:
  - type: mcp
    namespace: %s
    tools:
    - name: run
      description: Run it
      steps:
      - {type: call, name: %s, call: api.list}
      - type: call
        name: send
        call: api.send
        with:
          v: %s
"""


def value_sent(planned: Planned, arguments: dict[str, Json] | None = None) -> Json:
    """Return the only member of the body that is sent; nothing is wrong with the document."""
    assert not planned.messages
    body: dict[str, Json] = json.loads(planned.request(arguments).body or b"{}")
    return body.get("v", "(absent)")


@pytest.mark.parametrize(
    "reference",
    [
        "rest.x",
        "tools.x",
        "mcp.x",
        "resources.x",
        "prompts.x",
        "m.x",
        "rest.path.x",
        "rest.query.x",
        "rest.header.x",
        "rest.cookie.x",
        "rest.body.x",
        "'{{x}}'",
        "'{{ x }}'",
        "'{{{x}}}'",
        "'{{rest.x}}'",
        "'{{tools.x}}'",
        "'{{m.x}}'",
        "'{{rest.body.x}}'",
    ],
)
def test_each_form_of_a_reference_means_the_callers_input(tmp_path: Path, reference: str) -> None:
    planned = one_tool(tmp_path, JSON_OF_ONE, f"with: {{v: {reference}}}")
    assert value_sent(planned, {"x": "a b"}) == "a b"


@pytest.mark.parametrize("value", [5, False, "5", [1, "a"], {"a": [{}]}])
def test_a_template_of_one_placeholder_keeps_the_type_of_the_value(
    tmp_path: Path, value: Json
) -> None:
    planned = one_tool(tmp_path, JSON_OF_ONE, "with: {v: ['{{x}}']}")
    assert value_sent(planned, {"x": value}) == [value]


@pytest.mark.parametrize(
    "name", ["$select", "filter[name]", "@id", "X-Polytomic-Version", "a b", "a.b", "é", "body.x"]
)
def test_names_of_inputs_hold_any_character(tmp_path: Path, name: str) -> None:
    planned = one_tool(tmp_path, JSON_OF_ONE, f"with: {{v: '{{{{{name}}}}}'}}")
    assert list(planned.inputs()) == [name.removeprefix("body.")]


def test_a_place_in_a_reference_is_part_of_the_name_where_the_parameter_has_it_too(
    tmp_path: Path,
) -> None:
    planned = one_tool(
        tmp_path,
        "inputParameters: [{name: query.x, in: query}]",
        "with: {query.x: rest.query.x}",
    )
    assert planned.request({"query.x": 1}).target == b"/notes?query.x=1"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("5", 5, id="number"),
        pytest.param("true", True, id="boolean"),
        pytest.param("null", None, id="null"),
        pytest.param("[1, tools.x, 'a {{x}}']", [1, 7, "a 7"], id="list"),
        pytest.param("{a: {b: tools.x}}", {"a": {"b": 7}}, id="mapping"),
        pytest.param("{'k-{{x}}': 1}", {"k-7": 1}, id="the-name-of-a-member"),
        pytest.param("hello", "hello", id="text"),
        pytest.param("restful.x", "restful.x", id="text-like-a-face"),
        pytest.param("rest", "rest", id="a-face-alone"),
        pytest.param("rest.", "rest.", id="a-face-and-a-dot"),
        pytest.param("m.", "m.", id="a-namespace-and-a-dot"),
        pytest.param("$.nowhere.x", "$.nowhere.x", id="a-path-to-no-step"),
        pytest.param("'$5'", "$5", id="a-price"),
        pytest.param("'{x}'", "{x}", id="single-braces"),
        pytest.param("''", "", id="empty"),
    ],
)
def test_any_other_value_is_itself(tmp_path: Path, value: str, expected: Json) -> None:
    planned = one_tool(tmp_path, JSON_OF_ONE, f"with: {{v: {value}}}")
    known: dict[str, Json] = {"x": 7} if "x" in planned.inputs() else {}
    assert value_sent(planned, known) == expected


@pytest.mark.parametrize("reference", ["tools.x", "'{{x}}'"])
def test_a_reference_to_an_input_that_is_left_out_is_absent(tmp_path: Path, reference: str) -> None:
    planned = one_tool(tmp_path, JSON_OF_ONE, f"with: {{v: {reference}}}")
    assert value_sent(planned) == "(absent)"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (None, ""),
        (5, "5"),
        (1.5, "1.5"),
        ([1, "é"], '[1,"é"]'),
        ({"a": None}, '{"a":null}'),
        (2**70, "1180591620717411303424"),
        ([2**70, "é"], '[1180591620717411303424,"é"]'),
    ],
)
def test_inside_a_longer_text_a_value_is_written_as_text(
    tmp_path: Path, value: Json, text: str
) -> None:
    planned = one_tool(tmp_path, JSON_OF_ONE, "with: {v: '<{{x}}>'}")
    assert value_sent(planned, {"x": value}) == f"<{text}>"


def test_a_brace_that_only_one_side_has_is_text(tmp_path: Path) -> None:
    planned = one_tool(tmp_path, JSON_OF_ONE, "with: {v: '{{{x}} {{x}}}'}")
    assert value_sent(planned, {"x": 1}) == "{1 1}"


@pytest.mark.parametrize("name", ["", " ", "#each", "/each", "^none", "!note", ">part", "&raw"])
def test_what_is_no_name_is_reported_and_empty(tmp_path: Path, name: str) -> None:
    planned = one_tool(tmp_path, JSON_OF_ONE, f"with: {{v: 'a{{{{{name}}}}}b'}}")
    (message,) = planned.messages
    assert message.startswith("warning template-invalid 23: ")
    assert planned.request().body == b'{"v":"ab"}'


@pytest.mark.parametrize("name", ["TOKEN", "secrets.TOKEN"])
def test_a_bound_variable_is_its_value(tmp_path: Path, name: str) -> None:
    planned = one_tool(tmp_path, JSON_OF_ONE, f"with: {{v: '{{{{{name}}}}}'}}")
    document = planned.loaded.path.read_text().replace("- keys:", "- namespace: secrets\n  keys:")
    assert value_sent(plan(tmp_path, document, VALUES)) == 's3c"ret'


def test_a_variable_goes_before_an_input_whose_name_is_only_spelled_like_it(
    tmp_path: Path,
) -> None:
    planned = one_tool(
        tmp_path,
        """
        inputParameters: [{name: token, in: query}]
        body: {type: json, data: {v: '{{TOKEN}}'}}
        """,
    )
    assert value_sent(planned, {"token": "x"}) == 's3c"ret'


def test_a_name_that_only_the_environment_knows_is_taken_from_it_with_a_warning(
    tmp_path: Path,
) -> None:
    planned = one_tool(tmp_path, JSON_OF_ONE, "with: {v: '{{from-outside}}'}")
    assert planned.request().body == b'{"v":"outside"}'
    assert planned.messages == [
        "warning variable-unbound 23: "
        "'{{from-outside}}' is no bound variable; it is looked up in the environment"
    ]


def test_a_name_of_the_environment_that_it_does_not_have_is_reported(tmp_path: Path) -> None:
    planned = one_tool(tmp_path, JSON_OF_ONE, "with: {v: '{{env.NOWHERE}}'}")
    assert [one.split(":")[0] for one in planned.messages] == [
        "warning variable-unbound 23",
        "warning variable-missing 23",
    ]


@pytest.mark.parametrize(
    "outputs",
    [
        pytest.param("outputParameters: [{name: a, value: '{{from-outside}}'}]", id="outputs"),
        pytest.param(
            "steps: [{type: call, name: s, call: api.send}]\n"
            "mappings: [{targetName: a, value: '{{from-outside}}'}]",
            id="mappings",
        ),
        pytest.param(
            "steps:\n"
            "- {type: call, name: s, call: api.send}\n"
            "- {type: lookup, name: l, index: s, match: a, lookupValue: '{{from-outside}}'}\n"
            "mappings: [{targetName: a, value: $.l}]",
            id="look-ups",
        ),
        pytest.param("with: {v: '{{from-outside}}'}", id="with"),
    ],
)
def test_an_input_goes_before_the_environment(tmp_path: Path, outputs: str) -> None:
    inputs = "inputParameters: {v: {required: false}, from-outside: {required: false}}\n"
    planned = one_tool(tmp_path, JSON_OF_ONE, inputs + outputs)
    assert not planned.messages


@pytest.mark.parametrize(
    ("step", "reference"),
    [
        ("list", "'{{list.items.0.id}}'"),
        ("list", "'{{ $.list.items[0].id }}'"),
        ("list", "$.list.items[0].id"),
        ("list", "$.list['items'][0]['id']"),
        ("list", "$['list'].items[0].id"),
        ("list", "'$[\"list\"].items[0].id'"),
        ("my-list", "'{{my-list.items.0.id}}'"),
        ("my.list", "$.my.list.items[0].id"),
        ("my.list", "$.['my.list'].items[0].id"),
        ("my.list", "'{{my.list.items.0.id}}'"),
        ("m", "'{{m.items.0.id}}'"),
    ],
)
def test_each_form_of_a_path_means_the_output_of_a_step(
    tmp_path: Path, step: str, reference: str
) -> None:
    planned = plan(tmp_path, ORCHESTRATION % ("m", step, reference))
    outputs: dict[str, Json] = {step: {"items": [{"id": 7}]}}
    assert planned.request(unit="m.run", steps=outputs).body == b'{"v":7}'
    assert not planned.messages


def test_a_step_alone_is_all_of_its_output(tmp_path: Path) -> None:
    planned = plan(tmp_path, ORCHESTRATION % ("m", "list", "'{{list}}'"))
    assert planned.request(unit="m.run", steps={"list": [1]}).body == b'{"v":[1]}'


def test_a_path_that_leads_to_many_values_is_a_list(tmp_path: Path) -> None:
    planned = plan(tmp_path, ORCHESTRATION % ("m", "list", "'$.list[*].id'"))
    outputs: dict[str, Json] = {"list": [{"id": 1}, {"id": 2}]}
    assert planned.request(unit="m.run", steps=outputs).body == b'{"v":[1,2]}'


@pytest.mark.parametrize("outputs", [{}, {"list": {"x": 1}}])
def test_what_a_step_does_not_have_is_absent(tmp_path: Path, outputs: dict[str, Json]) -> None:
    planned = plan(tmp_path, ORCHESTRATION % ("m", "list", "$.list.y"))
    assert planned.request(unit="m.run", steps=outputs).body == b"{}"


def test_of_steps_whose_names_begin_alike_the_longest_name_is_meant(tmp_path: Path) -> None:
    text = (ORCHESTRATION % ("m", "a.b", "$.a.b.c.d")).replace(
        "      steps:\n",
        "      steps:\n"
        "      - {type: call, name: a, call: api.list}\n"
        "      - {type: call, name: a.b.c, call: api.list}\n",
    )
    outputs: dict[str, Json] = {
        "a": {"b": {"c": {"d": 1}}},
        "a.b": {"c": {"d": 2}},
        "a.b.c": {"d": 3},
    }
    planned = plan(tmp_path, text)
    assert planned.request(unit="m.run", steps=outputs).body == b'{"v":3}'


def test_a_step_can_be_named_like_a_face_and_does_not_hide_the_callers_inputs(
    tmp_path: Path,
) -> None:
    planned = plan(tmp_path, ORCHESTRATION % ("m", "rest", "'{{rest.x}}'"))
    assert planned.request({"x": 1}, "m.run", {"rest": {"x": 2}}).body == b'{"v":1}'


def test_outside_of_templates_the_namespace_means_inputs_also_where_a_step_has_its_name(
    tmp_path: Path,
) -> None:
    planned = plan(tmp_path, ORCHESTRATION % ("list", "list", "list.x"))
    assert planned.request({"x": 1}, "list.run", {"list": {"x": 2}}).body == b'{"v":1}'


def test_a_path_of_a_step_that_can_not_be_read_is_an_error(tmp_path: Path) -> None:
    planned = plan(tmp_path, ORCHESTRATION % ("m", "list", "'$.list[[1]'"))
    assert "m.run" not in planned.units
    (message,) = planned.messages
    assert message.startswith("error jsonpath-invalid 25: '$.list[[1]': ")


def test_a_step_that_comes_later_can_not_be_referred_to(tmp_path: Path) -> None:
    planned = plan(tmp_path, ORCHESTRATION % ("m", "list", "$.send.x"))
    assert [one.split(":")[0] for one in planned.messages] == ["error step-later 25"]
    assert "m.run" not in planned.units


def test_names_in_bodies_are_compared_without_regard_to_spelling(tmp_path: Path) -> None:
    planned = one_tool(
        tmp_path,
        """
        inputParameters: [{name: ship_id, in: query}]
        body: {type: json, data: {v: '{{ship-id}}'}}
        """,
        "with: {ship_id: tools.Ship-Id}",
    )
    request = planned.request({"Ship-Id": 5})
    assert (request.target, request.body) == (b"/notes?ship_id=5", b'{"v":5}')
