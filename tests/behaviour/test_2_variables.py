"""Section 2: binds, variables and base URIs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.behaviour.world import World, upstream, world
from tests.end_to_end.commands import running

SOURCES = """
naftiko: 1.0.0-alpha2
binds:
- {namespace: env, keys: {FROM_ENV: THE_ENV_NAME, FROM_ENV_FILE: ONLY_IN_ENV_FILE}}
- {namespace: yml, location: 'file:///./secrets/one.yml', keys: {FROM_YAML: yaml-key}}
- {namespace: jsn, location: secrets/one.json, keys: {FROM_JSON: json-key}}
- {namespace: dot, location: secrets/.env, keys: {FROM_DOTENV: DOT_KEY}}
- {namespace: dirs, location: 'dir://DIRECTORY', keys: {FROM_DIR: token}}
- {namespace: abs, location: 'file://ABSOLUTE', keys: {FROM_ABS: yaml-key, NOT_THERE: no-such-key}}
capability:
  consumes:
  - type: http
    namespace: sources
    baseUri: UPSTREAM/{{yml.FROM_YAML}}/
    authentication: {type: bearer, token: '{{FROM_ENV}}'}
    inputParameters:
    - {name: X-Json, in: header, value: '{{FROM_JSON}}'}
    - {name: X-Dotenv, in: header, value: 'a {{dot.FROM_DOTENV}} z'}
    - {name: X-Dir, in: header, value: '{{dirs.FROM_DIR}}'}
    - {name: X-Abs, in: header, value: '{{FROM_ABS}}'}
    - {name: X-Env-File, in: header, value: '{{FROM_ENV_FILE}}'}
    resources:
    - {name: x, path: '/{{FROM_DIR}}/x?fixed=1', operations: [
        {name: get-x, method: GET}, {name: post-x, method: POST, body: '{"k":"{{FROM_JSON}}"}'}]}
    - {name: y, path: no-slash, operations: [{name: get-y, method: GET, inputParameters: [
        {name: q, in: query}]}]}
    - name: missing
      path: /missing
      operations: [{name: missing, method: GET, inputParameters: [
        {name: X-Missing, in: header, value: '{{NOT_THERE}}'}]}]
    - name: unbound
      path: /unbound
      operations: [{name: unbound, method: GET, inputParameters: [
        {name: X-Unbound, in: header, value: '{{NEVER_BOUND}}'}]}]
  exposes:
  - type: rest
    namespace: sources-rest
    resources:
    - {path: /s2/x, operations: [{method: GET, call: sources.get-x},
        {method: POST, call: sources.post-x}]}
    - {path: /s2/y, operations: [{method: GET, call: sources.get-y}]}
    - {path: /s2/missing, operations: [{name: m, method: GET, call: sources.missing}]}
    - {path: /s2/unbound, operations: [{name: u, method: GET, call: sources.unbound}]}
    - {path: /s2/static, operations: [{name: static, method: GET, outputParameters: [
        {name: v, type: string, value: 'is {{FROM_JSON}}'}]}]}
"""
BASES = """
naftiko: 1.0.0-alpha2
capability:
  consumes:
  - {type: http, namespace: empty, baseUri: '', resources: [
      {name: x, path: /x, operations: [{name: get-x, method: GET}]}]}
  - {type: http, namespace: absent, resources: [
      {name: x, path: /x, operations: [{name: get-x, method: GET}]}]}
  - {type: http, namespace: by-env, baseUri: 'https://replaced.invalid', resources: [
      {name: x, path: /x, operations: [{name: get-x, method: GET}]}]}
  - {type: http, namespace: by-var, baseUri: 'http://{HOST_NAME}:{port_number}/v', resources: [
      {name: x, path: x, operations: [{name: get-x, method: GET}]}]}
  - {type: http, namespace: by-process, baseUri: 'http://{{env.SHOP}}/p/', resources: [
      {name: x, path: /x, operations: [{name: get-x, method: GET}]}]}
  - {type: http, namespace: halfway, baseUri: 'https://{subdomain}.{site}/p/', resources: [
      {name: x, path: /x, operations: [{name: get-x, method: GET}]}]}
  exposes:
  - type: rest
    namespace: bases-rest
    resources:
    - {path: /s2/empty, operations: [{method: GET, call: empty.get-x}]}
    - {path: /s2/absent, operations: [{method: GET, call: absent.get-x}]}
    - {path: /s2/by-env, operations: [{method: GET, call: by-env.get-x}]}
    - {path: /s2/by-var, operations: [{method: GET, call: by-var.get-x}]}
    - {path: /s2/by-process, operations: [{method: GET, call: by-process.get-x}]}
    - {path: /s2/halfway, operations: [{method: GET, call: halfway.get-x}]}
  - type: mcp
    namespace: bases-mcp
    tools: [{name: halfway, description: Half, call: halfway.get-x}]
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("variables")
    secrets = folder / "secrets"
    (secrets / "dir").mkdir(parents=True)
    (secrets / "one.yml").write_text("yaml-key: yaml+secret\n")
    (secrets / "one.json").write_text('{"json-key": "json \\"secret\\""}')
    (secrets / ".env").write_text("# comment\nexport DOT_KEY='dotenv secret'\n")
    (secrets / "dir" / "token").write_text("dir-secret\n")
    (secrets / "given.env").write_text("ONLY_IN_ENV_FILE=env-file-secret\nTHE_ENV_NAME=loses\n")
    sources = SOURCES.replace("DIRECTORY", str(secrets / "dir"))
    files = {
        "sources.yaml": sources.replace("ABSOLUTE", str(secrets / "one.yml")),
        "bases.yaml": BASES,
    }
    with upstream() as second:
        host, port = second.url.removeprefix("http://").split(":")
        options = ["--base-uri", "empty=UPSTREAM/e", "--env-file", str(secrets / "given.env")]
        variables = ["--var", f"HOST_NAME={host}", "--var", f"port_number={port}"]
        environment = {
            "THE_ENV_NAME": "env-secret",
            "NAFTIKO_BASE_URI_BY_ENV": f"{second.url}/by/env/",
            "SHOP": f"{host}:{port}",
        }
        one_world = world(folder, files, *options, *variables, environment=environment)
        with one_world as one:
            one.upstream.seen = second.seen  # one list of what either got
            yield one


def test_2_variables_come_from_every_source(served: World) -> None:
    seen = served.sent("GET", "/s2/x")
    assert seen.header("Authorization") == "Bearer env-secret"
    assert seen.header("X-Json") == 'json "secret"'
    assert seen.header("X-Dotenv") == "a dotenv secret z"
    assert seen.header("X-Dir") == "dir-secret"
    assert seen.header("X-Abs") == "yaml+secret"
    assert seen.header("X-Env-File") == "env-file-secret"


def test_2_base_uri_and_path_take_variables_and_keep_the_query(served: World) -> None:
    assert served.sent("GET", "/s2/x").target == "/yaml+secret/dir-secret/x?fixed=1"


def test_2_base_uri_and_path_are_joined_with_one_slash(served: World) -> None:
    assert served.sent("GET", "/s2/y?q=1").target == "/yaml+secret/no-slash?q=1"


def test_2_variables_are_escaped_in_json_bodies(served: World) -> None:
    assert served.sent("POST", "/s2/x").json == {"k": 'json "secret"'}


def test_2_static_outputs_take_variables(served: World) -> None:
    assert 'is json \\"secret\\"' in served.get("/s2/static").text


@pytest.mark.parametrize(("path", "name"), [("missing", "NOT_THERE"), ("unbound", "NEVER_BOUND")])
def test_2_a_call_that_needs_a_missing_variable_fails_and_names_it(
    served: World, path: str, name: str
) -> None:
    response = served.refused("GET", f"/s2/{path}")
    assert response.status_code >= 400
    assert response.headers["content-type"] == "application/problem+json"
    assert name in response.text


def test_2_missing_variables_are_warnings_at_start(served: World) -> None:
    assert "NOT_THERE" in served.process.stderr
    assert "NEVER_BOUND" in served.process.stderr


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("empty", "/e/x"),
        ("by-env", "/by/env/x"),
        ("by-var", "/v/x"),
        ("by-process", "/p/x"),
    ],
)
def test_2_base_uris_are_supplied_from_outside(served: World, path: str, target: str) -> None:
    assert served.get(f"/s2/{path}").json() == {"ok": True}
    assert served.upstream.seen[-1].path == target


@pytest.mark.parametrize(("path", "said"), [("absent", "--base-uri"), ("halfway", "--var")])
def test_2_a_missing_base_uri_is_a_503_that_says_what_to_set(
    served: World, path: str, said: str
) -> None:
    response = served.refused("GET", f"/s2/{path}")
    assert response.status_code == 503
    assert response.json()["code"] == "base-uri-missing"
    assert said in response.text


def test_2_tools_say_what_base_uri_is_missing(served: World) -> None:
    result = served.call("bases-mcp", "halfway")
    assert result["isError"] is True
    assert "subdomain" in result["content"][0]["text"]


def test_2_values_are_never_printed(served: World) -> None:
    served.get("/s2/x")
    said = served.process.stderr + served.process.stdout
    for secret in ["env-secret", 'json \\"secret', "dotenv secret", "dir-secret", "yaml+secret"]:
        assert secret not in said


def test_2_inspect_and_explain_mask_values(served: World) -> None:
    file = str(served.folder / "sources.yaml")
    for command in (["inspect", file, "--json"], ["explain", file, "GET /s2/x"]):
        environment = {"THE_ENV_NAME": "env-secret", "ONLY_IN_ENV_FILE": "env-file-secret"}
        with running(["-m", "naftiko_runtime", *command], environment) as process:
            assert process.wait() == 0, process.stderr
            said = process.stdout + process.stderr
        for secret in environment.values():
            assert secret not in said
        assert "dotenv secret" not in said
        assert "dir-secret" not in said
        assert "***" in said or command[0] == "inspect"
