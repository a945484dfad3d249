"""Inputs of exposed units: section 4 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.plan.inputs import Place
from naftiko_runtime.values import ABSENT, Json
from tests.plan.units_building import Compiled, a_rest, an_api, one_call, read


def _declared(folder: Path, declared: str, consumed: str = "", unit: str = "") -> Compiled:
    inputs = f"inputParameters: [{declared}], {unit}"
    parameters = f"inputParameters: [{consumed}]"
    return one_call(folder, parameters, inputs, method="POST")


def _inferred(folder: Path, consumed: str, unit: str = "") -> Compiled:
    return one_call(folder, f"inputParameters: [{consumed}]", unit)


def _body(folder: Path, declared: str) -> Compiled:
    unit = f"inputParameters: [{declared}]" if declared else ""
    return one_call(folder, "body: {type: json}", unit, method="POST", path="/things/{id}")


def test_declared_inputs_are_the_inputs(tmp_path: Path) -> None:
    made = _declared(tmp_path, "{name: a}", "{name: a, in: query}, {name: b, in: query}")
    assert list(made.inputs) == list(made.tool_inputs) == ["a"]


def test_an_input_keeps_what_the_document_says_of_it(tmp_path: Path) -> None:
    declared = "{name: a, in: header, type: integer, description: d, default: 5}"
    one = _declared(tmp_path, declared, "{name: a, type: string, description: c}").inputs["a"]
    assert (one.place, one.type, one.description, one.default) == (Place.HEADER, "integer", "d", 5)


def test_an_input_without_words_has_those_of_the_parameter_it_feeds(tmp_path: Path) -> None:
    one = _declared(tmp_path, "{name: a}", "{name: a, type: boolean, description: c}").inputs["a"]
    assert (one.type, one.description) == ("boolean", "c")


def test_an_input_that_only_feeds_a_part_of_a_parameter_has_any_type(tmp_path: Path) -> None:
    made = _inferred(tmp_path, "{name: q, type: integer}", "with: {q: 'a{{rest.x}}b'}")
    assert made.inputs["x"].type is None


@pytest.mark.parametrize(
    ("says", "default"),
    [
        ("value: 5", 5),
        ("value: [a]", ["a"]),
        ("default: x, value: y", "x"),
        ("value: $USD", "$USD"),
        ("value: $.a", ABSENT),
        ("value: '$'", ABSENT),
        ("type: string", ABSENT),
    ],
)
def test_a_value_is_a_default_unless_it_is_a_jsonpath(
    tmp_path: Path, says: str, default: Json
) -> None:
    assert _declared(tmp_path, f"{{name: a, in: body, {says}}}").inputs["a"].default == default


@pytest.mark.parametrize("path", ["$.order.id", "$['order']['id']"])
def test_a_jsonpath_picks_a_body_input_from_the_body(tmp_path: Path, path: str) -> None:
    picked = _declared(tmp_path, f'{{name: a, in: body, value: "{path}"}}').inputs["a"].body_path
    assert picked is not None
    assert picked.find({"order": {"id": 7}}) == 7


def test_a_jsonpath_that_does_not_parse_is_an_error(tmp_path: Path) -> None:
    made = _declared(tmp_path, "{name: a, in: body, value: '$.a['}")
    assert made.is_refused
    assert set(made.messages) == {
        "error jsonpath-invalid: '$.a[': a bracket or a quote is not closed"
    }


@pytest.mark.parametrize(
    ("declared", "consumed", "required"),
    [
        ("", "required: true", True),
        ("", "required: false", False),
        ("", "", False),
        ("required: false", "required: true", False),
        ("required: true", "", True),
    ],
)
def test_a_declared_input_is_as_required_as_the_parameter_it_feeds(
    tmp_path: Path, declared: str, consumed: str, required: bool
) -> None:
    made = _declared(tmp_path, f"{{name: a, {declared}}}", f"{{name: a, {consumed}}}")
    assert made.inputs["a"].required is required


def test_a_declared_input_that_feeds_nothing_is_required(tmp_path: Path) -> None:
    assert _declared(tmp_path, "{name: a}").inputs["a"].required


@pytest.mark.parametrize("name", ["Accept", "content-type", "User-Agent"])
def test_a_header_that_the_runtime_has_itself_is_never_required(tmp_path: Path, name: str) -> None:
    made = _inferred(tmp_path, f"{{name: {name}, in: header, required: true}}")
    assert not made.inputs[name].required


def test_inputs_are_inferred_in_the_order_of_the_document(tmp_path: Path) -> None:
    made = one_call(
        tmp_path,
        "inputParameters: [{name: q, in: query}, {name: fixed, value: 1}, {name: fed}]",
        "with: {fed: rest.given}",
        path="/things/{id}",
    )
    assert list(made.inputs) == ["id", "given", "q"]


def test_a_path_variable_is_required_text(tmp_path: Path) -> None:
    made = one_call(tmp_path, path="/things/{id}")
    for one in (made.inputs["id"], made.tool_inputs["id"]):
        assert (one.type, one.required) == ("string", True)
    assert made.inputs["id"].place is Place.PATH


def test_a_path_variable_has_the_type_that_is_declared(tmp_path: Path) -> None:
    made = one_call(
        tmp_path, "inputParameters: [{name: id, in: path, type: integer}]", path="/things/{id}"
    )
    assert made.inputs["id"].type == "integer"


def test_a_declared_path_variable_without_a_type_is_text(tmp_path: Path) -> None:
    made = one_call(
        tmp_path, "inputParameters: [{name: id, in: path, description: d}]", path="/things/{id}"
    )
    assert (made.inputs["id"].type, made.inputs["id"].description) == ("string", "d")


def test_an_exposed_path_variable_that_feeds_nothing_is_an_input(tmp_path: Path) -> None:
    one = one_call(tmp_path, exposed="/x/{unused}").inputs["unused"]
    assert (one.place, one.type, one.required) == (Place.PATH, "string", True)


@pytest.mark.parametrize("exposed", ["user-id", "user_id", "User.Id", "USER_ID"])
def test_spellings_of_one_path_variable_are_one_input(tmp_path: Path, exposed: str) -> None:
    made = one_call(tmp_path, path="/users/{user_id}", exposed=f"/u/{{{exposed}}}")
    assert list(made.inputs) == [exposed]
    assert list(made.tool_inputs) == ["user_id"]
    assert made.target(**{exposed: "7"}) == "/v1/users/7"


def test_a_declared_input_bears_the_name_of_the_exposed_path(tmp_path: Path) -> None:
    made = one_call(
        tmp_path,
        unit="inputParameters: [{name: user_id, description: d}], with: {user_id: rest.user_id}",
        path="/users/{user_id}",
        exposed="/u/{user-id}",
    )
    assert {name: one.description for name, one in made.inputs.items()} == {"user-id": "d"}
    assert made.target(**{"user-id": "7"}) == "/v1/users/7"


def test_path_variables_of_other_names_are_fed_by_position(tmp_path: Path) -> None:
    made = one_call(tmp_path, path="/users/{user}/posts/{post}", exposed="/{a}/{b}")
    assert list(made.inputs) == ["a", "b"]
    assert made.target(a="1", b="2") == "/v1/users/1/posts/2"


def test_a_variable_that_has_its_namesake_is_fed_by_no_position(tmp_path: Path) -> None:
    made = one_call(tmp_path, path="/{a}/{b}", exposed="/{b}/{c}")
    assert [(one.name, one.place) for one in made.inputs.values()] == [
        ("b", Place.PATH),
        ("c", Place.PATH),
        ("a", Place.QUERY),
    ]
    assert made.target(a="1", b="2", c="3") == "/v1/1/2"


def test_paths_with_unequal_numbers_of_variables_have_no_positions(tmp_path: Path) -> None:
    made = one_call(tmp_path, path="/users/{user}", exposed="/{a}/{b}")
    assert made.inputs["user"].place is Place.QUERY
    assert made.target(a="1", b="2", user="3") == "/v1/users/3"


def test_a_consumed_path_variable_that_the_exposed_path_lacks_is_a_required_query_input(
    tmp_path: Path,
) -> None:
    one = one_call(tmp_path, path="/users/{user}", exposed="/x").inputs["user"]
    assert (one.place, one.type, one.required) == (Place.QUERY, "string", True)


def test_a_reference_by_the_consumed_name_means_the_variable_at_its_position(
    tmp_path: Path,
) -> None:
    made = one_call(
        tmp_path, unit="with: {user: rest.user}", path="/users/{user}", exposed="/u/{a}"
    )
    assert list(made.inputs) == ["a"]
    assert made.target(a="7") == "/v1/users/7"


def test_a_template_around_a_reference_is_fed_by_no_position(tmp_path: Path) -> None:
    made = one_call(
        tmp_path, unit="with: {user: 'u-{{rest.user}}'}", path="/users/{user}", exposed="/u/{a}"
    )
    assert list(made.inputs) == ["a", "user"]


def test_a_path_parameter_that_the_consumed_path_lacks_has_no_position(tmp_path: Path) -> None:
    made = one_call(
        tmp_path,
        "inputParameters: [{name: lost, in: path}]",
        path="/users/{user}",
        exposed="/u/{a}",
    )
    assert list(made.inputs) == ["a", "lost"]
    assert made.target(a="7", lost="x") == "/v1/users/7"


def test_declared_inputs_are_found_in_any_spelling(tmp_path: Path) -> None:
    made = _declared(tmp_path, "{name: page-size, in: query}", "{name: page_size}")
    assert made.target(**{"page-size": 5}) == "/v1/things?page_size=5"


def test_an_input_that_is_exactly_one_parameter_feeds_no_other(tmp_path: Path) -> None:
    made = _inferred(tmp_path, "{name: a-b}, {name: a_b}")
    assert list(made.inputs) == ["a-b", "a_b"]
    assert made.target(**{"a-b": 1, "a_b": 2}) == "/v1/things?a-b=1&a_b=2"


def test_a_declared_input_that_is_exactly_one_parameter_feeds_no_other(tmp_path: Path) -> None:
    made = _declared(tmp_path, "{name: a_b}", "{name: a-b}, {name: a_b}")
    assert made.target(a_b=2) == "/v1/things?a_b=2"


def test_two_declared_inputs_may_differ_in_spelling_alone(tmp_path: Path) -> None:
    made = _declared(tmp_path, "{name: a-b}, {name: a_b}", "{name: a-b}, {name: a_b}")
    assert made.target(**{"a-b": 1, "a_b": 2}) == "/v1/things?a-b=1&a_b=2"


@pytest.mark.parametrize("declared", ["{name: a, in: cookie}", "{name: other}"])
def test_a_parameter_that_no_declared_input_feeds_is_not_sent(
    tmp_path: Path, declared: str
) -> None:
    made = _declared(tmp_path, declared, "{name: b, in: query}")
    assert made.target() == "/v1/things"


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("query", Place.QUERY),
        ("header", Place.HEADER),
        ("cookie", Place.COOKIE),
        ("body", Place.BODY),
    ],
)
def test_an_inferred_input_is_where_the_parameter_is(
    tmp_path: Path, place: str, expected: Place
) -> None:
    assert _inferred(tmp_path, f"{{name: a, in: {place}}}").inputs["a"].place is expected


def test_a_reference_may_say_where_the_input_is(tmp_path: Path) -> None:
    made = _inferred(tmp_path, "{name: a, in: query}", "with: {a: rest.header.X-A}")
    assert made.inputs["X-A"].place is Place.HEADER


@pytest.mark.parametrize(
    ("method", "place"),
    [
        ("POST", Place.BODY),
        ("PUT", Place.BODY),
        ("PATCH", Place.BODY),
        ("DELETE", Place.QUERY),
        ("GET", Place.QUERY),
    ],
)
def test_what_only_a_template_mentions_is_an_optional_input_of_any_type(
    tmp_path: Path, method: str, place: Place
) -> None:
    made = one_call(tmp_path, "body: {type: json, data: {a: '{{x}}'}}", method=method)
    one = made.inputs["x"]
    assert (one.place, one.type, one.required) == (place, None, False)


@pytest.mark.parametrize(("method", "place"), [("POST", Place.BODY), ("GET", Place.QUERY)])
@pytest.mark.parametrize("value", ["rest.x", "'{{rest.x}}'", "'a {{x}} b'", "{k: ['{{x}}']}"])
def test_an_input_that_with_leads_into_a_template_stands_where_those_of_templates_do(
    tmp_path: Path, method: str, place: Place, value: str
) -> None:
    consumed = "body: {type: json, data: {a: '{{y}}'}}"
    made = one_call(tmp_path, consumed, f"with: {{y: {value}}}", method=method)
    assert made.inputs["x"].place is place


def test_an_input_that_a_template_and_a_parameter_share_is_the_parameters(tmp_path: Path) -> None:
    made = one_call(
        tmp_path,
        "inputParameters: [{name: x, in: header, required: true}], "
        "body: {type: json, data: {a: '{{x}}'}}",
        method="POST",
    )
    one = made.inputs["x"]
    assert (one.place, one.required) == (Place.HEADER, True)


def test_a_json_body_without_data_is_the_input_body(tmp_path: Path) -> None:
    made = _body(tmp_path, "")
    one = made.inputs["body"]
    assert (one.place, one.whole_body, one.required, one.type) == (Place.BODY, True, False, None)
    assert made.sends(id="1", body=[1]).body == b"[1]"
    assert made.sends(id="1").body is None


def test_a_declared_body_is_the_whole_body(tmp_path: Path) -> None:
    made = _body(tmp_path, "{name: id}, {name: body, type: object}")
    assert list(made.inputs) == ["id", "body"]
    assert made.inputs["body"].whole_body
    assert made.sends(id="1", body={"a": 1}).body == b'{"a":1}'


@pytest.mark.parametrize("place", [", in: body", ""])
def test_declared_inputs_that_feed_nothing_else_are_the_fields_of_the_callers_body(
    tmp_path: Path, place: str
) -> None:
    made = _body(tmp_path, f"{{name: id}}, {{name: a{place}}}, {{name: b{place}}}")
    assert [one.place for one in made.inputs.values()] == [Place.PATH, Place.BODY, Place.BODY]
    assert made.sends(id="1", a=[1], b="x").body == b'{"a":[1],"b":"x"}'
    assert made.sends(id="1", b="x").body == b'{"b":"x"}'


def test_a_body_that_no_declared_input_gives_is_the_callers_as_it_came(tmp_path: Path) -> None:
    made = _body(tmp_path, "{name: id, in: path}, {name: q, in: query}")
    assert list(made.inputs) == ["id", "q", "body"]
    assert made.sends(id="1", q="2", body={"a": 1}).body == b'{"a":1}'


def test_an_input_named_body_in_the_body_takes_all_of_it(tmp_path: Path) -> None:
    made = _declared(tmp_path, "{name: body, in: body}, {name: other, in: body}")
    assert [one.whole_body for one in made.inputs.values()] == [True, False]


def test_a_reference_to_a_body_that_nothing_declares_takes_the_body(tmp_path: Path) -> None:
    made = one_call(tmp_path, unit="with: {body: rest.body}", method="POST")
    assert (made.inputs["body"].place, made.inputs["body"].whole_body) == (Place.BODY, True)
    assert made.sends(body={"a": 1}).body == b'{"a":1}'


def test_declared_inputs_of_several_levels_keep_the_order_of_the_outer_ones(
    tmp_path: Path,
) -> None:
    made = read(
        tmp_path,
        an_api("{name: op}"),
        a_rest(
            "{name: op, call: api.op, inputParameters: [{name: c}, {name: a, type: integer}]}",
            adapter="inputParameters: [{name: a, type: string}, {name: b}]",
        ),
    )
    assert [(one.name, one.type) for one in made.inputs.values()] == [
        ("a", "integer"),
        ("b", None),
        ("c", None),
    ]


@pytest.mark.parametrize("key", ["value", "default"])
def test_a_default_that_does_not_fit_its_type_is_reported(tmp_path: Path, key: str) -> None:
    made = _declared(tmp_path, f"{{name: n, type: integer, {key}: x}}", "{name: n, in: query}")
    assert {one.message for one in made.loaded.diagnostics} == {
        "'x' can't be converted to integer; it is passed on as it is"
    }


@pytest.mark.parametrize("default", ["5", "'5'", "5.0"])
def test_a_default_that_can_be_read_as_its_type_is_no_finding(tmp_path: Path, default: str) -> None:
    declared = f"{{name: n, type: integer, value: {default}}}"
    assert not _declared(tmp_path, declared, "{name: n, in: query}").messages
