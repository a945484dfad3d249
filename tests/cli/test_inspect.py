from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.documents import ONE_OPERATION
from tests.plan.scripting import write, write_document

URL = "https://ships.test/v1"


def test_routes_show_what_they_call_and_take(run: Run, shop: Path) -> None:
    output = run("inspect", shop, SHOP_KEY="k", SHOP_REGION="eu").output
    assert output.startswith("Shop\nshop.yaml\n\nREST  shop-rest  (6 routes, port 8080)\n")
    assert (
        "\n  GET /v1/orders\n"
        "    calls   GET https://shop.example/api/orders\n"
        "    takes   limit integer in query, tags array in query, filter object in query, "
        "[Authorization\n            string in header], X-Trace string in header, session string "
        "in cookie\n"
    ) in output
    assert (
        "\n  GET /v1/orders/{id}\n"
        "    calls   GET https://shop.example/api/orders/{id}\n"
        "    takes   id* string in path\n"
    ) in output
    assert "\n  GET /v1/motd\n    answers fixed values\n" in output


def test_tools_show_no_places_and_no_credentials(run: Run, shop: Path) -> None:
    output = run("inspect", shop, SHOP_KEY="k", SHOP_REGION="eu").output
    tools = output.partition("MCP  shop-mcp  (3 tools, port 9090)\n")[2]
    assert "    takes   limit integer, tags array, filter object, X-Trace string, " in tools
    assert "Authorization" not in tools
    assert "\n  create-order\n    calls   POST https://shop.example/api/orders\n" in tools


def test_orchestrations_show_their_calls_in_order(run: Run, shop: Path) -> None:
    output = run("inspect", shop).output
    calls = "    calls   GET https://shop.example/api/orders/{id}\n    then    GET https://shop"
    assert calls in output.partition("\n  greet\n")[2]


def test_what_is_left_out_and_what_is_needed_comes_last(run: Run, shop: Path) -> None:
    left_out, needed = (
        run("inspect", shop).output.split("\nLeft out\n")[1].split("\nStill needed\n")
    )
    assert "shop-rest.gone is left out\n    did you mean 'shop.get'?\n    shop.yaml:" in left_out
    assert "--base-uri stock=URL" in needed
    assert "set the environment variable SHOP_KEY" in needed
    assert "calls   GET <base URI of stock>/levels" in run("inspect", shop).output


def test_a_file_that_needs_nothing_says_nothing_of_needs(run: Run, shop: Path) -> None:
    words = ("--base-uri", "stock=https://s.example", "--var", "REGION=eu", "--var", "SHOP_KEY=k")
    output = run("inspect", shop, *words).output
    assert "Still needed" not in output
    assert "calls   GET https://s.example/levels" in output


def test_programs_get_json(run: Run, shop: Path) -> None:
    view = json.loads(run("inspect", shop, "--json").output)
    assert (view["name"], view["version"], view["file"]) == ("Shop", "1.2.3", "shop.yaml")
    rest, mcp = view["servers"]
    assert (rest["face"], rest["port"], len(rest["units"])) == ("rest", 8080, 6)
    get = rest["units"][2]
    assert (get["name"], get["shown"]) == ("get", "GET /v1/orders/{id}")
    assert get["calls"][0]["operation"] == "shop.get"
    assert get["inputs"][0]["required"]
    assert [unit["name"] for unit in mcp["units"]] == ["list", "create-order", "greet"]
    assert mcp["units"][0]["inputs"][0]["place"] is None
    assert len(view["needs"]) == 3
    assert view["left_out"][0]["unit"] == "shop-rest.gone"


def test_defaults_are_shown(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "naftiko: 1.0.0-alpha2\n"
        "capability:\n"
        "  exposes:\n"
        "  - type: mcp\n"
        "    namespace: a\n"
        "    tools:\n"
        "    - name: t\n"
        "      inputParameters: [{name: n, type: integer, value: 5}]\n"
        "      outputParameters: [{name: x, type: string, value: y}]\n"
    )
    (tool,) = json.loads(run("inspect", "a.yaml", "--json").output)["servers"][0]["units"]
    assert (tool["inputs"][0]["default"], tool["inputs"][0]["required"]) == (5, False)
    assert "MCP  a  (1 tool)\n" in run("inspect", "a.yaml").output


def test_no_secret_is_shown(run: Run, shop: Path) -> None:
    words = ("--var", "region=s3cret", "--var", "SHOP_KEY=s3cret", "--var", "REGION=s3cret")
    for more in ([], ["--json"]):
        assert "s3cret" not in run("inspect", shop, *words, *more).output


def test_a_file_that_can_not_be_loaded_is_a_finding(run: Run) -> None:
    result = run("inspect", "missing.yaml")
    assert result.exit_code == 1
    assert "error[file-missing]: there is no file missing.yaml" in result.stderr
    assert result.stdout == ""


def test_a_unit_shows_the_scripts_that_it_runs(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "sum.py", "result = 1")
    output = run("inspect", write_document(tmp_path)).output
    assert (
        f"\n    calls   GET http://upstream.test/crew\n    runs    {tmp_path}/scripts/sum.py"
        in output
    )


FORWARDS = """\
naftiko: 1.0.0-alpha3
info: {label: Gate, description: Passes on}
capability:
  consumes:
  - {type: http, namespace: api, baseUri: 'https://api.example/v1', resources: []}
  - {type: http, namespace: other, baseUri: '', resources: []}
  exposes:
  - type: rest
    namespace: gate
    port: 8080
    resources:
    - {name: all, path: '/x/{path}', forward: {targetNamespace: api}}
    - {name: one, path: /one, forward: {targetNamespace: other}}
"""


def test_forwards_show_where_they_go(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "gate.yaml"
    file.write_text(FORWARDS)
    output = run("inspect", file).output
    assert "REST  gate  (2 routes, port 8080)\n" in output
    assert "\n  * /x/{path}\n    calls   * https://api.example/v1/…\n" in output
    assert "\n  * /one\n    calls   * <base URI of other>\n" in output


def test_resources_and_prompts_are_counted_and_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "naftiko: 1.0.0-alpha2\n"
        "capability:\n"
        "  exposes:\n"
        "  - type: mcp\n"
        "    namespace: a\n"
        "    port: 9090\n"
        "    resources:\n"
        "    - {uri: 'a://{b}', outputParameters: [{type: string, value: x}]}\n"
        "    - {uri: 'c://d', location: .}\n"
        "    prompts:\n"
        "    - {name: p, template: [{content: hi}]}\n"
    )
    output = run("inspect", "a.yaml").output
    assert "MCP  a  (0 tools, 2 resources, 1 prompt, port 9090)\n" in output
    assert "\n  resource a://{b}\n  resource c://d/\n\n  prompt p\n" in output
    (server,) = json.loads(run("inspect", "a.yaml", "--json").output)["servers"]
    assert (server["resources"], server["prompts"]) == (["a://{b}", "c://d/"], ["p"])


def test_skills_show_their_files_and_what_their_tools_stand_for(run: Run, tmp_path: Path) -> None:
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch" / "SKILL.md").write_text("# Watch")
    (tmp_path / "a.yaml").write_text(
        "naftiko: 1.0.0-alpha2\n"
        "capability:\n"
        "  exposes:\n"
        "  - type: mcp\n"
        "    namespace: m\n"
        "    tools: [{name: t, outputParameters: [{value: y}]}]\n"
        "  - type: skill\n"
        "    namespace: s\n"
        "    port: 7\n"
        "    skills:\n"
        "    - name: watch\n"
        "      description: Watch\n"
        "      location: watch\n"
        "      tools:\n"
        "      - {name: a, from: {sourceNamespace: m, action: t}}\n"
        "      - {name: b, instruction: SKILL.md}\n"
        "    - {name: bare, description: Bare}\n"
    )
    output = run("inspect", "a.yaml").output
    assert (
        "\nSKILL  s  (2 skills, port 7)\n\n"
        "  watch\n"
        f"    files   {(tmp_path / 'watch').resolve()}\n"
        "    tool    a is mcp m.t\n"
        "    tool    b reads SKILL.md\n\n"
        "  bare\n"
    ) in output
    server = json.loads(run("inspect", "a.yaml", "--json").output)["servers"][1]
    assert (server["face"], server["units"]) == ("skill", [])
    assert [one["description"] for one in server["skills"]] == ["Watch", "Bare"]


def test_a_control_adapter_shows_its_endpoints(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "naftiko: 1.0.0-alpha2\n"
        "capability:\n"
        "  exposes:\n"
        "  - {type: control, namespace: ops, port: 7, management: {health: false, reload: true}}\n"
    )
    output = run("inspect", "a.yaml").output
    expected = (
        "\nCONTROL  ops  (4 endpoints, port 7)\n\n"
        "  GET /metrics\n  GET /traces\n  GET /traces/{id}\n  POST /config/reload\n"
    )
    assert expected in output
    (server,) = json.loads(run("inspect", "a.yaml", "--json").output)["servers"]
    assert (server["face"], len(server["endpoints"])) == ("control", 4)


@pytest.mark.parametrize(
    ("binds", "source"),
    [
        ("", "SHIPS_BASE"),
        ("binds: [{namespace: env, keys: {SHIPS_BASE: SHIPS_SOURCE}}]\n", "SHIPS_SOURCE"),
    ],
)
def test_a_base_uri_that_is_a_variable_is_needed(
    run: Run, tmp_path: Path, binds: str, source: str
) -> None:
    text = ONE_OPERATION.replace("http://upstream.test/v1", "'{{env.SHIPS_BASE}}'")
    (tmp_path / "a.yaml").write_text(binds + text)
    output = run("inspect", "a.yaml").output
    assert "the base URI of 'api' lacks SHIPS_BASE; its calls will answer 503" in output
    assert f"give --var SHIPS_BASE=VALUE (or set {source}), or give --base-uri api=URL" in output
    assert output.endswith(
        f"  in the environment:\n    export {source}=VALUE\n  or as options:\n"
        "    naftiko serve a.yaml \\\n      --var SHIPS_BASE=VALUE\n"
    )
    assert "Still needed" not in run("inspect", "a.yaml", "--var", f"SHIPS_BASE={URL}").output
    assert "Still needed" not in run("inspect", "a.yaml", **{source: URL}).output
