"""The OpenAPI 3.1 description of routes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it comes without types
import pytest

from naftiko_runtime.expose.rest.openapi import openapi_document
from naftiko_runtime.plan.adapters import RestPlan
from tests.conftest import Golden
from tests.expose.rest.driving import capability, seed

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

Described = dict[str, Any]


def describe(*plans: RestPlan) -> Described:
    """Return a description that is valid as far as the specification can be checked by hand."""
    document = json.loads(json.dumps(openapi_document(plans, "T", "1", ["http://localhost:1"])))
    check(document)
    return document  # type: ignore[no-any-return]  # what json returns has no type


def check(document: Described) -> None:
    assert document["openapi"] == "3.1.0"
    assert set(document["info"]) <= {"title", "version", "description"}
    operations = list(operations_of(document))
    identifiers = [operation["operationId"] for _, _, operation in operations]
    assert len(set(identifiers)) == len(identifiers)
    tags = [tag["name"] for tag in document["tags"]]
    assert len(set(tags)) == len(tags)
    shapes = [re.sub(r"\{[^}]*\}", "{}", path) for path in document["paths"]]
    assert len(set(shapes)) == len(shapes), "these paths are one and the same"
    for path, _, operation in operations:
        check_parameters(path, operation.get("parameters", []))
        check_body(operation.get("requestBody"))
        assert set(operation["tags"]) <= set(tags)
        assert {"default", "200"} <= operation["responses"].keys()
        for answer in operation["responses"].values():
            assert answer["description"]
        for requirement in operation.get("security", []):
            assert requirement.keys() <= document["components"]["securitySchemes"].keys()
    for name, schema in document["components"]["schemas"].items():
        assert re.fullmatch(r"[A-Za-z0-9._-]+", name)
        jsonschema.Draft202012Validator.check_schema(schema)


def operations_of(document: Described) -> Iterator[tuple[str, str, Described]]:
    for path, item in document["paths"].items():
        assert path.startswith("/")
        for method, operation in item.items():
            assert method in METHODS
            yield path, method, operation


def check_parameters(path: str, parameters: list[Described]) -> None:
    named = {(one["name"], one["in"]) for one in parameters}
    assert len(named) == len(parameters), "names have to be unique in their place"
    in_path = {name for name, place in named if place == "path"}
    assert in_path == set(re.findall(r"\{([^}]*)\}", path))
    for one in parameters:
        assert one["in"] in ("path", "query", "header", "cookie")
        assert one["in"] != "path" or one["required"] is True
        assert ("schema" in one) != ("content" in one)
        jsonschema.Draft202012Validator.check_schema(one["schema"])


def check_body(body: Described | None) -> None:
    if body is not None:
        assert body["content"]
        for content in body["content"].values():
            jsonschema.Draft202012Validator.check_schema(content["schema"])


@pytest.fixture
def by_name(tmp_path: Path) -> dict[str, Described]:
    """A description with all there is to describe, its operations by name."""
    consumed = """
- path: /a/{id}
  operations:
  - name: read
    method: GET
    inputParameters:
    - {name: id, in: path, type: integer, description: Which one}
    - {name: p, in: query, type: object}
    - {name: t, in: query, type: array, items: {type: string}}
    - {name: q, in: query, type: string, required: true, enum: [x, y]}
    - {name: H, in: header, type: string}
    - {name: c, in: cookie, type: string}
    - {name: Authorization, in: header, type: string, required: true}
  - name: write
    method: PUT
    inputParameters:
    - {name: size, in: body, type: integer, required: true, description: How large}
    - {name: note, in: body}
  - name: text
    method: PATCH
    inputParameters: [{name: body, in: body, type: string, description: All of it}]
  - {name: purge, method: PURGE}
  - {name: feed, method: POST, outputRawFormat: xml}
  - {name: drop, method: DELETE}
"""
    exposed = """
- path: /a/{id}
  name: things
  operations:
  - {method: GET, name: read, call: api.read, label: Read it, description: Reads.}
  - method: PUT
    name: write
    call: api.write
    inputParameters:
    - {name: size, in: body, type: integer, value: $.width}
    - {name: note, in: body, type: string, default: none}
  - {method: PURGE, name: purge, call: api.purge}
- path: /a/{other}
  name: more
  operations:
  - {method: PATCH, name: text, call: api.text}
  - {method: DELETE, name: drop, call: api.drop}
- path: /b/{owner}.{name}
  operations:
  - method: POST
    name: feed
    call: api.feed
    with: {id: rest.owner}
- path: /c
  operations:
  - method: GET
    name: mock
    outputParameters: [{name: n, type: integer, value: 1}]
"""
    made = capability(
        tmp_path,
        consumed,
        exposed,
        api="authentication: {type: bearer, token: t}",
    )
    document = describe(*made.rest)
    return {operation["operationId"]: operation for _, _, operation in operations_of(document)}


def parameter(operation: Described, name: str) -> Described:
    found: Described = next(one for one in operation["parameters"] if one["name"] == name)
    return found


def test_parameters_are_described_by_place(by_name: dict[str, Described]) -> None:
    read = by_name["read"]
    assert parameter(read, "id") == {
        "name": "id",
        "in": "path",
        "required": True,
        "description": "Which one",
        "schema": {"type": "integer"},
    }
    assert parameter(read, "q")["required"] is True
    assert parameter(read, "q")["schema"] == {"type": "string", "enum": ["x", "y"]}
    assert parameter(read, "p")["style"] == "deepObject"
    assert parameter(read, "p")["explode"] is True
    assert parameter(read, "t")["schema"]["type"] == "array"
    assert (parameter(read, "H")["in"], parameter(read, "c")["in"]) == ("header", "cookie")
    assert "required" not in parameter(read, "H")


def test_a_credential_that_is_there_already_is_optional(by_name: dict[str, Described]) -> None:
    credential = parameter(by_name["read"], "Authorization")
    assert "required" not in credential
    assert "may be left out" in credential["description"]


def test_summaries_and_descriptions(by_name: dict[str, Described]) -> None:
    assert by_name["read"]["summary"] == "Read it"
    assert by_name["read"]["description"] == "Reads."
    assert by_name["mock"]["summary"] == "mock"


def test_variables_of_paths_that_are_one_have_one_name(by_name: dict[str, Described]) -> None:
    assert parameter(by_name["drop"], "id")["in"] == "path"
    assert by_name["drop"]["tags"] == ["more"]


def test_a_body_of_fields_is_an_object(by_name: dict[str, Described]) -> None:
    body = by_name["write"]["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    assert schema["properties"] == {"note": {"type": "string", "default": "none"}}
    assert body["required"] is True
    assert list(body["content"]) == [
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ]


def test_a_body_that_is_taken_whole_has_its_own_schema(by_name: dict[str, Described]) -> None:
    assert by_name["text"]["requestBody"] == {
        "description": "All of it",
        "content": {"application/json": {"schema": {"type": "string"}}},
        "required": False,
    }


def test_answers_are_described_by_what_is_known(by_name: dict[str, Described]) -> None:
    mock = by_name["mock"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert mock["properties"] == {"n": {"type": "integer", "const": 1}}
    assert by_name["read"]["responses"]["200"]["content"] == {"application/json": {"schema": {}}}
    assert list(by_name["feed"]["responses"]["200"]["content"]) == ["application/xml"]
    assert "204" in by_name["drop"]["responses"]
    problem = by_name["read"]["responses"]["default"]["content"]["application/problem+json"]
    assert problem == {"schema": {"$ref": "#/components/schemas/Problem"}}


def test_methods_without_a_word_are_left_out(by_name: dict[str, Described]) -> None:
    assert "purge" not in by_name


def test_fields_that_have_to_be_there_are_required(tmp_path: Path) -> None:
    consumed = (
        "- path: /a\n  operations:\n  - name: op\n    method: POST\n    inputParameters:\n"
        "    - {name: n, in: body, required: true, description: N}\n    - {name: m, in: body}"
    )
    exposed = "- path: /a\n  operations: [{method: POST, name: op, call: api.op}]"
    document = describe(*capability(tmp_path, consumed, exposed).rest)
    schema = document["paths"]["/a"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert schema == {
        "type": "object",
        "properties": {"n": {"description": "N"}, "m": {}},
        "required": ["n"],
    }


def test_operations_of_several_adapters_have_names_of_their_own(tmp_path: Path) -> None:
    consumed = "- path: /a\n  operations: [{name: op, method: GET}]"
    exposed = "\n".join(
        f"- path: /{path}\n  operations: [{{method: GET, name: op, call: api.op}}]"
        for path in "abc"
    )
    once = capability(tmp_path, consumed, exposed).rest
    other = capability(tmp_path, consumed, exposed.replace("/a", "/d")).rest
    described = describe(*once, *other)
    identifiers = [operation["operationId"] for _, _, operation in operations_of(described)]
    assert identifiers == ["op", "face.op", "GET /c", "GET /d"]


@pytest.mark.parametrize(
    ("block", "name", "scheme"),
    [
        ("{type: bearer, token: t}", "bearer", {"type": "http", "scheme": "bearer"}),
        ("{type: basic, username: u, password: p}", "basic", {"type": "http", "scheme": "basic"}),
        (
            "{type: apikey, key: X Key, value: v, placement: query}",
            "apikey-query-X-Key",
            {"type": "apiKey", "in": "query", "name": "X Key"},
        ),
        (
            "{type: digest, username: u, password: p}",
            "digest",
            {"type": "http", "scheme": "digest"},
        ),
        (
            "{type: oauth2, authorizationServerUri: https://l.test/t, resource: x}",
            "oauth2-l-test-t",
            {
                "type": "openIdConnect",
                "openIdConnectUrl": "https://l.test/t/.well-known/openid-configuration",
            },
        ),
    ],
)
def test_what_callers_have_to_prove_is_described(
    tmp_path: Path, block: str, name: str, scheme: Described
) -> None:
    consumed = "- path: /a\n  operations: [{name: op, method: GET}]"
    exposed = "- path: /a\n  operations: [{method: GET, name: op, call: api.op}]"
    adapter = f"authentication: {block}\ndescription: About it."
    document = describe(*capability(tmp_path, consumed, exposed, adapter=adapter).rest)
    assert document["components"]["securitySchemes"] == {name: scheme}
    assert document["paths"]["/a"]["get"]["security"] == [{name: []}]
    assert document["info"]["description"] == "About it."


def test_the_scopes_that_callers_need_are_described(tmp_path: Path) -> None:
    consumed = "- path: /a\n  operations: [{name: op, method: GET}]"
    exposed = "- path: /a\n  operations: [{method: GET, name: op, call: api.op}]"
    adapter = (
        "authentication: {type: oauth2, authorizationServerUri: https://l.test, resource: x,"
        " scopes: [a, b], tokenEndpoint: https://l.test/token}"
    )
    document = describe(*capability(tmp_path, consumed, exposed, adapter=adapter).rest)
    flow = {"tokenUrl": "https://l.test/token", "scopes": {"a": "", "b": ""}}
    scheme = {"type": "oauth2", "flows": {"clientCredentials": flow}}
    assert document["components"]["securitySchemes"] == {"oauth2-l-test": scheme}
    assert document["paths"]["/a"]["get"]["security"] == [{"oauth2-l-test": ["a", "b"]}]


def test_the_seed_is_described(golden: Golden) -> None:
    document = describe(*seed().rest)
    assert sum(1 for _ in operations_of(document)) == 12
    golden("expose/rest/seed.openapi.json", json.dumps(document, indent=2))
