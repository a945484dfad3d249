"""What feeds each part of an upstream request: sections 3 to 5 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.execute.requests import assemble
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.expressions import Scope
from naftiko_runtime.plan.steps import CallStep, StepsPlan
from naftiko_runtime.values import Json
from tests.plan.units_building import Compiled, a_rest, an_api, an_mcp, one_call, read

BIND = "binds: [{namespace: vault, keys: {TOKEN: TOKEN}}]"
TOKEN = LoadOptions(environment={"TOKEN": "t"})


def _fed(folder: Path, with_: str, consumed: str = "{name: q, in: query}") -> Compiled:
    return one_call(
        folder,
        f"inputParameters: [{consumed}]",
        f"with: {{{with_}}}",
        more=BIND,
        options=TOKEN,
    )


@pytest.mark.parametrize(
    ("value", "target"),
    [
        ("rest.a", "?q=x"),
        ("tools.a", "?q=x"),
        ("mcp.a", "?q=x"),
        ("face.a", "?q=x"),
        ("rest.query.a", "?q=x"),
        ("'{{a}}'", "?q=x"),
        ("'{{rest.a}}-{{a}}'", "?q=x-x"),
        ("'{{TOKEN}}'", "?q=t"),
        ("'{{vault.TOKEN}}'", "?q=t"),
        ("5", "?q=5"),
        ("false", "?q=false"),
        ("[1, '{{a}}']", "?q=1&q=x"),
        ("{k: '{{a}}'}", "?q%5Bk%5D=x"),
        ("plain", "?q=plain"),
        ("null", ""),
    ],
)
def test_with_feeds_a_parameter(tmp_path: Path, value: str, target: str) -> None:
    assert _fed(tmp_path, f"q: {value}").target(a="x") == f"/v1/things{target}"


def test_a_reference_to_what_the_caller_left_out_is_not_sent(tmp_path: Path) -> None:
    assert _fed(tmp_path, "q: rest.a").target() == "/v1/things"


def test_with_goes_before_the_callers_input_of_the_same_name(tmp_path: Path) -> None:
    made = one_call(
        tmp_path,
        "inputParameters: [{name: q, value: fixed}]",
        "inputParameters: [{name: a}, {name: q}], with: {q: rest.a}",
    )
    assert made.target(a="with", q="own") == "/v1/things?q=with"


def test_the_callers_input_goes_before_the_fixed_value(tmp_path: Path) -> None:
    made = one_call(
        tmp_path, "inputParameters: [{name: q, value: fixed}]", "inputParameters: [{name: q}]"
    )
    assert made.target(q="own") == "/v1/things?q=own"
    assert made.target() == "/v1/things?q=fixed"


def test_the_fixed_value_stands_in_for_a_reference_that_is_absent(tmp_path: Path) -> None:
    made = _fed(tmp_path, "q: rest.a", "{name: q, value: fixed}")
    assert (made.target(a="x"), made.target()) == ("/v1/things?q=x", "/v1/things?q=fixed")


def test_a_parameter_with_a_fixed_value_is_no_input(tmp_path: Path) -> None:
    made = one_call(tmp_path, "inputParameters: [{name: q, value: fixed}]")
    assert not made.inputs
    assert made.target(q="own") == "/v1/things?q=fixed"


def test_a_fixed_value_may_hold_bound_variables(tmp_path: Path) -> None:
    made = _fed(tmp_path, "", "{name: q, value: 'k-{{TOKEN}}'}")
    assert made.target() == "/v1/things?q=k-t"
    assert not made.messages


def test_a_fixed_value_may_hold_variables_of_the_environment(tmp_path: Path) -> None:
    parameters = "inputParameters: [{name: q, value: '{{KEY}}'}]"
    made = one_call(tmp_path, parameters, options=LoadOptions(environment={"KEY": "k"}))
    assert made.target() == "/v1/things?q=k"
    assert "warning variable-unbound: '{{KEY}}' is no bound variable" in made.messages[0]


def test_a_variable_of_a_fixed_value_that_has_no_value_is_reported(tmp_path: Path) -> None:
    made = one_call(tmp_path, "inputParameters: [{name: q, value: '{{KEY}}'}]")
    assert not made.inputs
    assert made.messages[-1] == (
        "warning variable-missing: the variable 'KEY' has no value; calls that need it will fail"
    )


def test_a_fixed_value_may_refer_to_an_input(tmp_path: Path) -> None:
    made = one_call(tmp_path, "inputParameters: [{name: q, value: 'k-{{rest.x}}'}]")
    assert list(made.inputs) == ["x"]
    assert made.target(x="1") == "/v1/things?q=k-1"


@pytest.mark.parametrize("key", ["page_size", "Page-Size", "PAGE.SIZE"])
def test_a_with_key_may_be_spelled_otherwise(tmp_path: Path, key: str) -> None:
    made = _fed(tmp_path, f"{key}: 5", "{name: page-size, in: query}")
    assert made.target() == "/v1/things?page-size=5"
    assert not made.messages


def test_a_with_key_that_is_exactly_one_parameter_feeds_no_other(tmp_path: Path) -> None:
    made = _fed(tmp_path, "a_b: 1", "{name: a-b, in: query}, {name: a_b, in: query}")
    assert made.target() == "/v1/things?a_b=1"
    assert made.target(**{"a-b": 2}) == "/v1/things?a-b=2&a_b=1"


def test_a_with_key_that_nothing_takes_is_a_warning(tmp_path: Path) -> None:
    made = _fed(tmp_path, "pagesise: 5", "{name: pagesize, in: query}")
    assert set(made.messages) == {
        "warning parameter-unused: 'api.op' has no parameter 'pagesise'; it is not sent"
    }
    assert made.hints[0] == "did you mean 'pagesize'?"


def test_a_reference_to_an_undeclared_input_is_a_warning_and_one_more_input(
    tmp_path: Path,
) -> None:
    made = one_call(
        tmp_path,
        "inputParameters: [{name: q}]",
        "inputParameters: [{name: limit}], with: {q: rest.limitt}",
    )
    assert set(made.messages) == {
        "warning reference-unknown: 'limitt' is not among the declared inputs; it is taken as one "
        "more"
    }
    assert made.hints[0] == "did you mean 'limit'?"
    assert made.target(limitt=5) == "/v1/things?q=5"


@pytest.mark.parametrize("path", ["/users/{id}", "/users/{{id}}", "/users/{ID}"])
def test_a_path_variable_is_fed_by_with_in_any_spelling(tmp_path: Path, path: str) -> None:
    made = one_call(tmp_path, unit="with: {id: rest.user}", path=path, exposed="/{user}")
    assert made.target(user="7") == "/v1/users/7"


def test_a_path_parameter_of_another_spelling_fills_the_variable(tmp_path: Path) -> None:
    made = one_call(
        tmp_path,
        "inputParameters: [{name: user-id, in: path, value: me}]",
        path="/users/{user_id}",
        exposed="/x",
    )
    assert made.target() == "/v1/users/me"


def test_a_doubled_path_variable_is_a_bound_variable(tmp_path: Path) -> None:
    made = one_call(tmp_path, path="/{{TOKEN}}/{id}", exposed="/x/{id}", more=BIND, options=TOKEN)
    assert list(made.inputs) == ["id"]
    assert made.target(id="1") == "/v1/t/1"


def test_a_bound_variable_of_a_path_without_a_value_is_reported(tmp_path: Path) -> None:
    made = one_call(tmp_path, path="/{{TOKEN}}", exposed="/x", more=BIND)
    assert made.messages == [
        "warning variable-missing: the variable 'TOKEN' has no value; calls that need it will fail"
    ]


def test_with_goes_before_a_bound_variable_of_the_path(tmp_path: Path) -> None:
    made = one_call(
        tmp_path, unit="with: {TOKEN: w}", path="/{{TOKEN}}", exposed="/x", more=BIND, options=TOKEN
    )
    assert made.target() == "/v1/w"


@pytest.mark.parametrize("variable", ["{{rest.id}}", "{{face.id}}", "{{tools.id}}"])
def test_a_path_may_refer_to_an_input(tmp_path: Path, variable: str) -> None:
    api = an_api("{name: op}", path=f"/users/{variable}")
    made = read(tmp_path, api, a_rest("{name: op, call: api.op}", path="/x/{id}"))
    assert list(made.inputs) == ["id"]
    assert made.target(id="7") == "/v1/users/7"


def test_a_path_may_refer_to_a_variable_by_its_namespace(tmp_path: Path) -> None:
    made = one_call(tmp_path, path="/{{vault.TOKEN}}", exposed="/x", more=BIND, options=TOKEN)
    assert made.target() == "/v1/t"


def _body(folder: Path, consumed: str, unit: str, arguments: dict[str, Json]) -> bytes | None:
    return one_call(folder, consumed, unit, method="POST").sends(**arguments).body


BODY_FIELDS = "inputParameters: [{name: a, in: body}, {name: b, in: body}]"


def test_several_body_parameters_are_the_fields_of_an_object(tmp_path: Path) -> None:
    assert _body(tmp_path, BODY_FIELDS, "", {"a": 1, "b": [2]}) == b'{"a":1,"b":[2]}'


def test_a_parameter_named_body_is_the_whole_body(tmp_path: Path) -> None:
    consumed = "inputParameters: [{name: body, in: body}]"
    assert _body(tmp_path, consumed, "", {"body": [1]}) == b"[1]"


def test_a_body_fed_by_with_is_the_whole_body_and_none_of_its_fields_is_an_input(
    tmp_path: Path,
) -> None:
    made = one_call(tmp_path, BODY_FIELDS, "with: {body: rest.payload}", method="POST")
    assert list(made.inputs) == ["payload"]
    assert made.sends(payload={"a": 1}).body == b'{"a":1}'
    assert not made.messages


def test_a_body_of_the_operation_goes_before_body_parameters(tmp_path: Path) -> None:
    consumed = f"{BODY_FIELDS}, body: {{type: json, data: {{c: '{{{{a}}}}'}}}}"
    assert _body(tmp_path, consumed, "", {"a": 1}) == b'{"c":1}'


def test_a_json_body_without_data_takes_a_parameter_named_body(tmp_path: Path) -> None:
    consumed = "inputParameters: [{name: body, in: body}], body: {type: json}"
    assert _body(tmp_path, consumed, "with: {body: rest.it}", {"it": "text"}) == b'"text"'


def test_a_json_body_without_data_takes_the_fields_that_are_declared(tmp_path: Path) -> None:
    consumed = f"{BODY_FIELDS}, body: {{type: json}}"
    assert _body(tmp_path, consumed, "", {"a": 1, "b": 2}) == b'{"a":1,"b":2}'


def test_a_template_means_what_with_feeds_its_names_with(tmp_path: Path) -> None:
    consumed = "body: {type: json, data: {x: '{{name}}'}}"
    made = one_call(tmp_path, consumed, "with: {name: rest.full_name}", method="POST")
    assert list(made.inputs) == ["full_name"]
    assert made.sends(full_name="Ada").body == b'{"x":"Ada"}'
    assert not made.messages


def test_without_a_body_none_is_sent(tmp_path: Path) -> None:
    request = one_call(tmp_path, method="POST").sends()
    assert request.body is None
    assert b"content-type" not in dict(request.headers)


def _step(folder: Path, step: str, unit: str) -> str:
    """Return the target of a step that calls an operation with a parameter."""
    api = an_api("{name: op, inputParameters: [{name: q, in: query, value: fixed}]}")
    steps = f"steps: [{{name: s, type: call, call: api.op, {step}}}]"
    made = read(folder, api, an_mcp(f"{{name: t, {steps}, {unit}}}"))
    assert not made.messages
    action = made.tool.operation.action
    assert isinstance(action, StepsPlan)
    (one,) = action.steps
    assert isinstance(one, CallStep)
    return assemble(one.call, Scope()).target.decode()


def test_a_steps_with_goes_before_its_units(tmp_path: Path) -> None:
    assert _step(tmp_path, "with: {q: step}", "with: {q: unit, other: x}") == "/v1/things?q=step"


def test_a_units_with_feeds_what_the_steps_does_not(tmp_path: Path) -> None:
    assert _step(tmp_path, "", "with: {q: unit, other: x}") == "/v1/things?q=unit"


def test_a_step_without_any_with_has_the_fixed_value(tmp_path: Path) -> None:
    assert _step(tmp_path, "", "") == "/v1/things?q=fixed"


def test_a_body_that_mentions_what_the_declared_inputs_lack_is_reported(tmp_path: Path) -> None:
    made = one_call(
        tmp_path,
        "body: {type: json, data: {a: '{{nmae}}', b: '{{name}}', c: '{{other}}'}}",
        "inputParameters: [{name: name}]",
        method="POST",
    )
    found = [one for one in made.loaded.diagnostics if one.code == "reference-unknown"]
    assert {one.hint for one in found} == {"did you mean 'name'?"}
    assert {one.message for one in found} == {
        "'nmae' is not among the declared inputs; the body goes without it"
    }


@pytest.mark.parametrize(
    ("body", "text"), [("'{{nmae}}'", "'{{nmae}}'"), ("{type: text, data: 'a {{nmae}}'}", "'a {{")]
)
def test_what_is_said_of_a_body_is_said_where_it_stands(
    tmp_path: Path, body: str, text: str
) -> None:
    made = one_call(tmp_path, f"body: {body}", "inputParameters: [{name: name}]", method="POST")
    found = [one for one in made.loaded.diagnostics if one.code == "reference-unknown"]
    assert found
    for one in found:
        assert one.position is not None
        line = Path(one.position.file).read_text().splitlines()[one.position.line - 1]
        assert line[one.position.column - 1 :].startswith(text)
