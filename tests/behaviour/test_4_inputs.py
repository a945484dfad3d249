"""Section 4: the inputs of an exposed unit, and how they are checked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.behaviour.world import World, world

INPUTS = """
naftiko: 1.0.0-alpha2
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: UPSTREAM/i
    authentication: {type: bearer, token: configured}
    resources:
    - name: users
      path: /users/{user_id}
      operations:
      - name: get-user
        method: GET
        inputParameters:
        - {name: user_id, in: path, type: string, required: true, description: Who}
        - {name: active, in: query, type: boolean, description: Only these}
        - {name: page-size, in: query, type: integer, required: true}
        - {name: fixed, in: query, value: always}
        - {name: Authorization, in: header, required: true}
    - name: position
      path: /orgs/{org}/repos/{repo}
      operations: [{name: get-repo, method: GET}]
    - name: lost
      path: /lost/{item}
      operations: [{name: get-lost, method: GET}]
    - name: typed
      path: /typed
      operations:
      - name: typed
        method: GET
        inputParameters:
        - {name: count, in: query, type: integer}
        - {name: ratio, in: query, type: number}
        - {name: flag, in: query, type: boolean}
        - {name: tags, in: query, type: array}
        - {name: filter, in: query, type: object}
      - {name: send, method: POST, body: {type: json}}
      - {name: fields, method: POST, inputParameters: [
          {name: name, in: body, type: string, required: true},
          {name: age, in: body, type: integer}]}
      - {name: template, method: POST, body: '{"a": "{{word}}", "n": {{any}}}'}
      - {name: named, method: PUT, inputParameters: [{name: body, in: body, type: object}]}
      - {name: accept, method: GET, inputParameters: [{name: Accept, in: header}]}
  - type: http
    namespace: keyed
    baseUri: UPSTREAM/k
    authentication: {type: apikey, key: X-Key, value: configured, placement: header}
    resources:
    - {name: x, path: /x, operations: [{name: get-x, method: GET, inputParameters: [
        {name: x-key, in: header, required: true}, {name: q, in: query}]}]}
  exposes:
  - type: rest
    namespace: face
    resources:
    - {path: '/s4/users/{user-id}', operations: [{name: u, method: GET, call: api.get-user}]}
    - {path: '/s4/mapped/{who}', operations: [{name: um, method: GET, call: api.get-user,
        with: {user_id: rest.who, page-size: rest.size, active: rest.active}}]}
    - {path: '/s4/position/{owner}/{name}', operations: [{name: p, method: GET,
        call: api.get-repo}]}
    - {path: /s4/lost, operations: [{name: l, method: GET, call: api.get-lost}]}
    - {path: /s4/typed, operations: [{name: t, method: GET, call: api.typed},
        {name: s, method: POST, call: api.send}]}
    - {path: /s4/fields, operations: [{name: f, method: POST, call: api.fields}]}
    - {path: /s4/template, operations: [{name: te, method: POST, call: api.template},
        {name: tg, method: GET, call: api.template}]}
    - {path: /s4/renamed, operations: [{name: re, method: POST, call: api.template,
        with: {word: rest.said, any: {k: '{{rest.thing}}'}}}]}
    - {path: /s4/named, operations: [{name: n, method: PUT, call: api.named}]}
    - {path: /s4/accept, operations: [{name: a, method: GET, call: api.accept}]}
    - {path: /s4/keyed, operations: [{name: k, method: GET, call: keyed.get-x}]}
    - path: /s4/declared/{id}
      operations:
      - name: d
        method: POST
        call: api.template
        inputParameters:
        - {name: id, in: path, type: integer}
        - {name: fallback, in: query, type: string, value: default}
        - {name: picked, in: body, type: string, value: $.deep.name}
        - {name: unfed, in: query, type: string}
        with: {word: '{{picked}}-{{fallback}}-{{id}}', any: rest.fallback}
    - {path: '/s4/seg/v{version}.json', operations: [{name: seg, method: GET, call: api.typed,
        with: {filter: rest.version}}]}
    - {path: '/s4/routes/{any}', operations: [{name: r1, method: GET, call: api.get-lost,
        with: {item: rest.any}}]}
    - {path: '/s4/routes/literal', operations: [{name: r2, method: GET, call: api.accept}]}
  - type: mcp
    namespace: tools-face
    tools:
    - {name: get-user, description: u, call: api.get-user}
    - {name: get-repo, description: p, call: api.get-repo}
    - {name: typed, description: t, call: api.typed}
    - {name: send, description: s, call: api.send}
    - {name: fields, description: f, call: api.fields}
    - {name: template, description: te, call: api.template}
    - {name: keyed, description: k, call: keyed.get-x, with: {x-key: tools.x-key, q: tools.q}}
    - name: declared
      description: d
      call: api.typed
      inputParameters:
      - {name: count, type: integer, description: c}
      - {name: nothing, type: string, description: feeds nothing}
      - {name: 'odd name!', type: string, description: odd, required: false}
      with: {count: tools.count, filter: '{{tools.odd name!}}'}
  - type: rest
    namespace: guarded
    authentication: {type: bearer, token: callers}
    resources:
    - {path: '/s4/guarded/{user-id}', operations: [{name: g, method: GET, call: api.get-user}]}
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("inputs"), {"inputs.yaml": INPUTS}) as one:
        yield one


def _schema(served: World, tool: str) -> dict[str, Any]:
    found: dict[str, Any] = served.tools("tools-face")[tool]["inputSchema"]
    return found


def test_4_2_inputs_are_inferred_from_the_consumed_operation(served: World) -> None:
    schema = _schema(served, "get-user")
    assert set(schema["properties"]) == {"user_id", "active", "page-size"}
    assert sorted(schema["required"]) == ["page-size", "user_id"]
    assert schema["properties"]["user_id"]["description"] == "Who"
    assert schema["properties"]["active"]["type"] == "boolean"


def test_4_2_a_fixed_value_is_sent_and_is_no_input(served: World) -> None:
    seen = served.sent("GET", "/s4/users/7?page-size=5&fixed=other")
    assert ("fixed", "always") in seen.query


def test_4_2_a_template_only_input_is_optional_and_of_any_type(served: World) -> None:
    schema = _schema(served, "template")
    assert schema.get("required", []) == []
    assert "type" not in schema["properties"]["any"]


def test_4_2_a_json_body_without_data_is_an_input_named_body(served: World) -> None:
    assert list(_schema(served, "send")["properties"]) == ["body"]
    assert served.sent_by_tool("tools-face", "send", body=[1]).json == [1]


def test_4_2_a_declared_input_is_required_as_what_it_feeds(served: World) -> None:
    assert _schema(served, "declared")["required"] == ["nothing"]
    assert served.refused("POST", "/s4/declared/1", json={}).status_code == 400


def test_4_1_defaults_and_picks_of_declared_inputs(served: World) -> None:
    body = {"deep": {"name": "n"}}
    assert served.sent("POST", "/s4/declared/1?unfed=x", json=body).json == {
        "a": "n-default-1",
        "n": "default",
    }
    seen = served.sent("POST", "/s4/declared/1?unfed=x&fallback=mine", json=body)
    assert seen.json["a"] == "n-mine-1"


def test_4_3_names_fold_case_and_dashes(served: World) -> None:
    seen = served.sent("GET", "/s4/users/7?page-size=5")
    assert seen.path == "/i/users/7"
    assert ("page-size", "5") in seen.query
    assert ("page-size", "5") in served.sent("GET", "/s4/users/7?page-size=5&x=1").query


def test_4_3_path_variables_are_fed_by_position(served: World) -> None:
    assert served.sent("GET", "/s4/position/me/mine").path == "/i/orgs/me/repos/mine"
    assert list(_schema(served, "get-repo")["properties"]) == ["org", "repo"]


def test_4_3_a_path_variable_without_place_is_a_required_query_input(served: World) -> None:
    assert served.sent("GET", "/s4/lost?item=3").path == "/i/lost/3"
    assert served.refused("GET", "/s4/lost").status_code == 400


def test_4_4_credentials_are_hidden_from_models(served: World) -> None:
    assert "Authorization" not in _schema(served, "get-user")["properties"]
    assert list(_schema(served, "keyed")["properties"]) == ["q"]
    result = served.call(
        "tools-face", "get-user", **{"user_id": "1", "page-size": 1, "Authorization": "mine"}
    )
    assert result["isError"] is True


def test_4_4_the_configured_credential_is_sent_where_the_caller_has_none(served: World) -> None:
    seen = served.sent("GET", "/s4/users/7?page-size=5")
    assert seen.header("Authorization") == "Bearer configured"
    assert served.sent("GET", "/s4/keyed").header("X-Key") == "configured"


def test_4_4_a_rest_callers_own_credential_replaces_it(served: World) -> None:
    own = {"Authorization": "Bearer own"}
    seen = served.sent("GET", "/s4/users/7?page-size=5", headers=own)
    assert seen.header("Authorization") == "Bearer own"
    assert served.sent("GET", "/s4/keyed", headers={"X-Key": "own"}).header("X-Key") == "own"


def test_4_4_what_proves_the_caller_is_never_passed_on(served: World) -> None:
    callers = {"Authorization": "Bearer callers"}
    seen = served.sent("GET", "/s4/guarded/7?page-size=5", headers=callers)
    assert seen.header("Authorization") == "Bearer configured"
    assert served.refused("GET", "/s4/guarded/7?page-size=5").status_code == 401


def test_4_5_an_undeclared_callers_header_is_never_passed_on(served: World) -> None:
    headers = {"Cookie": "s=1", "X-Secret": "x", "Authorization": "Bearer own"}
    seen = served.sent("GET", "/s4/lost?item=1", headers=headers)
    assert "cookie" not in seen.headers
    assert "x-secret" not in seen.headers
    assert seen.header("Authorization") == "Bearer configured"


def test_4_5_body_fields_and_whole_bodies(served: World) -> None:
    assert served.sent("POST", "/s4/fields", json={"name": "n", "age": 3}).json == {
        "name": "n",
        "age": 3,
    }
    assert served.sent("PUT", "/s4/named", json={"x": [1]}).json == {"x": [1]}


def test_4_5_template_only_inputs_come_from_the_body_or_the_query(served: World) -> None:
    posted = served.sent("POST", "/s4/template", json={"word": "w", "any": [1]})
    assert posted.json == {"a": "w", "n": [1]}
    assert served.sent("GET", "/s4/template?word=w&any=2").json["a"] == "w"


def test_4_5_what_with_leads_into_a_template_comes_from_the_body(served: World) -> None:
    posted = served.sent("POST", "/s4/renamed", json={"said": "w", "thing": [1]})
    assert posted.json == {"a": "w", "n": {"k": [1]}}


def test_4_5_forms_are_read(served: World) -> None:
    posted = served.sent("POST", "/s4/fields", data={"name": "n", "age": "3"})
    assert posted.json == {"name": "n", "age": 3}
    parts: dict[str, Any] = {"name": (None, "n"), "age": (None, "4")}
    assert served.sent("POST", "/s4/fields", files=parts).json == {"name": "n", "age": 4}


def test_4_5_accept_of_anything_counts_as_not_sent(served: World) -> None:
    seen = served.sent("GET", "/s4/accept", headers={"Accept": "*/*"})
    assert seen.header("Accept") == "application/json"
    seen = served.sent("GET", "/s4/accept", headers={"Accept": "text/x"})
    assert seen.header("Accept") == "text/x"


def test_4_5_routes(served: World) -> None:
    assert served.sent("GET", "/s4/routes/literal").path == "/i/typed"
    assert served.sent("GET", "/s4/routes/other").path == "/i/lost/other"
    assert served.sent("GET", '/s4/seg/v{"a":1}.json').query == [("filter[a]", "1")]


@pytest.mark.parametrize(
    ("type_", "body"),
    [("application/json", b"{"), ("multipart/form-data; boundary=x", b"nothing")],
)
def test_4_5_a_body_that_is_not_what_it_says_is_a_400(
    served: World, type_: str, body: bytes
) -> None:
    headers = {"Content-Type": type_}
    response = served.refused("POST", "/s4/fields", content=body, headers=headers)
    assert response.status_code == 400


def test_4_6_tool_schemas(served: World) -> None:
    schema = _schema(served, "typed")
    assert schema["additionalProperties"] is False
    assert schema["properties"]["tags"]["items"] == {}
    assert schema["properties"]["count"]["type"] == "integer"


def test_4_6_names_that_clients_reject_are_mapped(served: World) -> None:
    (odd,) = set(_schema(served, "declared")["properties"]) - {"count", "nothing"}
    assert all(one.isalnum() or one in "_.-" for one in odd)
    arguments = {"nothing": "x", odd: '{"a": 1}'}
    sent = served.sent_by_tool("tools-face", "declared", **arguments)
    assert sent.query == [("filter", '{"a": 1}')]


def test_4_6_json_texts_are_healed(served: World) -> None:
    healed = {"tags": '["a", "b"]', "filter": '{"k": "v"}', "count": "5", "flag": "true"}
    seen = served.sent_by_tool("tools-face", "typed", **healed)
    assert seen.query == [
        ("count", "5"),
        ("flag", "true"),
        ("tags", "a"),
        ("tags", "b"),
        ("filter[k]", "v"),
    ]


def test_4_7_rest_values_are_converted(served: World) -> None:
    target = "/s4/typed?count=5&ratio=1.50&flag=true&tags=a&tags=b&filter[k]=v&filter[m]=w"
    seen = served.sent("GET", target)
    assert ("count", "5") in seen.query
    assert ("flag", "true") in seen.query
    assert [v for n, v in seen.query if n == "tags"] == ["a", "b"]
    assert ("filter[k]", "v") in seen.query
    assert ("filter[m]", "w") in seen.query
    by_text = served.sent("GET", "/s4/typed", params={"filter": '{"k":{"d":[1,2]}}'})
    assert [n for n, _ in by_text.query] in ([["filter[k][d]"] * 2], ["filter[k][d]"] * 2)


def test_4_7_every_problem_is_told_in_one_answer(served: World) -> None:
    response = served.refused("GET", "/s4/typed?count=x&ratio=y&flag=z")
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert len(response.json()["errors"]) == 3
    assert all("pointer" in one and "detail" in one for one in response.json()["errors"])


def test_4_7_tools_tell_every_problem_in_a_result(served: World) -> None:
    result = served.call("tools-face", "typed", count="x", ratio="y", flag="z", surplus=1)
    assert result["isError"] is True
    text = result["content"][0]["text"]
    assert all(name in text for name in ["count", "ratio", "flag", "surplus"])


def test_4_7_missing_inputs_are_told_together(served: World) -> None:
    result = served.call("tools-face", "get-user")
    assert result["isError"] is True
    assert "user_id" in result["content"][0]["text"]
    assert "page-size" in result["content"][0]["text"]
