from __future__ import annotations

import json
from pathlib import Path

import pytest

from naftiko_runtime._version import __version__
from tests.cli.conftest import Run
from tests.plan.scripting import write, write_document

KEYS = ("--var", "SHOP_KEY=s3cret", "--var", "REGION=eu")


def test_the_request_is_shown_as_http(run: Run, shop: Path) -> None:
    words = ("--arg", "limit=5", "--arg", "tags=a", "--arg", "tags=b c", "--arg", "filter[x]=1")
    result = run("explain", shop, "shop-rest.list", *words, *KEYS)
    assert result.exit_code == 0
    http = result.output.split("\n\n")[1]
    assert http.startswith(
        "GET /api/orders?limit=5&tags=a&tags=b%20c&filter%5Bx%5D=1&region=*** HTTP/1.1\n"
        "host: shop.example\n"
        "authorization: Bearer ***\n"
    )
    assert f"\nuser-agent: naftiko-runtime/{__version__}\n" in http


def test_the_request_is_shown_as_a_command(run: Run, shop: Path) -> None:
    result = run("explain", shop, "create", "--arg", 'body={"it": "isn\'t"}', *KEYS)
    command = result.output.partition("As a command\n")[2].partition("\n\n")[0]
    assert command.startswith("curl --request POST \\\n  https://shop.example/api/orders \\\n")
    assert "\n  --header 'authorization: Bearer ***' \\\n" in command
    assert "\n  --compressed \\\n" in command
    assert "content-length" not in command
    assert command.endswith("""--data-raw '{"it":"isn'"'"'t"}'""")


def test_every_part_tells_where_it_comes_from(run: Run, shop: Path) -> None:
    words = ("--arg", "limit=5", "--arg", "session=s", *KEYS)
    output = run("explain", shop, "list", "--face", "rest", *words).output
    rows = [
        tuple(cell.strip() for cell in line.strip().split("  ") if cell)
        for line in output.partition("Where it comes from\n")[2].splitlines()
    ]
    assert rows == [
        ("method, path", "shop.list", "shop.yaml:16"),
        ("base URI", "https://shop.example/api"),
        ("query limit", "input 'limit'", "shop.yaml:19"),
        ("query tags", "not sent: no input 'tags'", "shop.yaml:20"),
        ("query filter", "not sent: no input 'filter'", "shop.yaml:21"),
        ("query region", "variable 'REGION'", "shop.yaml:22"),
        ("header X-Trace", "not sent: no input 'X-Trace'", "shop.yaml:24"),
        ("cookie session", "input 'session'", "shop.yaml:25"),
        ("header authorization", "authentication", "shop.yaml:11"),
        ("header accept", "outputRawFormat json"),
        ("header user-agent", "the runtime"),
        ("header accept-encoding", "the runtime"),
    ]


def test_what_nobody_has_set_yet_is_stood_for_and_noted(run: Run, shop: Path) -> None:
    output = run("explain", shop, "list").output
    assert "authorization: Bearer ***" in output
    assert "\nNote: 'SHOP_KEY' has no value yet, *** stands for it: set the environment" in output
    assert "\nNote: 'REGION' has no value yet" in output
    output = run("explain", shop, "levels").output
    assert "host: base-uri-missing.invalid\n" in output
    assert "\nNote: the base URI of 'stock' is not complete yet" in output
    assert "--base-uri stock=URL" in output


def test_no_secret_is_shown_not_even_one_in_the_file(run: Run, shop: Path) -> None:
    words = ("--arg", "X-Trace=s3cret", "--arg", "session=s3cret")
    for unit, more in (("list", words), ("levels", ("--var", "region=eu"))):
        output = run("explain", shop, unit, *more, *KEYS).output
        assert "s3cret" not in output
        assert "open-sesame" not in output
    assert "GET /levels?api_key=*** HTTP/1.1" in output


def test_a_callers_own_credential_is_not_shown_either(run: Run, shop: Path) -> None:
    words = ("--arg", "Authorization=Basic bWluZTpvbmx5", "--arg", "X-Trace=Basic bWluZTpvbmx5")
    output = run("explain", shop, "list", *words).output
    assert "authorization: Basic ***" in output
    assert "bWluZTpvbmx5" not in output
    assert "header Authorization    input 'Authorization'" in output


def test_json_gives_all_inputs_at_once(run: Run, shop: Path, tmp_path: Path) -> None:
    (tmp_path / "order.json").write_text('{"body": {"lines": [1]}}')
    for face in ("rest", "mcp"):
        unit = {"rest": "create", "mcp": "create-order"}[face]
        for source in ("order.json", "-"):
            text = (tmp_path / "order.json").read_text()
            words = (unit, "--face", face, "--json", source)
            result = run("explain", shop, *words, input=text)
            assert '\n\n{"lines":[1]}\n' in result.output


def test_a_tool_is_explained_without_what_it_hides(run: Run, shop: Path) -> None:
    result = run("explain", shop, "list", "--face", "mcp", "--arg", "Authorization=x")
    assert result.exit_code == 2
    assert "'shop-mcp.list' has no input 'Authorization'" in result.output
    assert "shop-mcp.list  (tool list, " in run("explain", shop, "shop-mcp.list").output


@pytest.mark.parametrize(
    ("text", "body"),
    [("5", "5"), ('{"a": 1}', '{"a":1}'), ("[1, 2]", "[1,2]"), ("true", "true")],
)
def test_an_input_of_any_type_is_json_where_it_can_be(
    run: Run, shop: Path, text: str, body: str
) -> None:
    for unit in ("create", "create-order"):
        result = run("explain", shop, unit, "--arg", f"body={text}")
        assert f"\n\n{body}\n\nAs a command" in result.output


def test_an_input_of_any_type_is_text_where_it_is_no_json(run: Run, shop: Path) -> None:
    http = run("explain", shop, "create", "--arg", "body={plain").output.partition("As a")[0]
    assert "{plain" in http.splitlines()[-2]


def test_several_texts_for_an_input_of_any_type_are_a_list(run: Run, shop: Path) -> None:
    result = run("explain", shop, "create", "--arg", "body=1", "--arg", "body=a")
    assert '\n\n[1,"a"]\n' in result.output


def test_a_unit_may_be_named_by_method_and_path(run: Run, shop: Path) -> None:
    result = run("explain", shop, "HEAD /v1/orders/{id}", "--arg", "id=a/b")
    assert "curl --head \\\n  https://shop.example/api/orders/a%2Fb \\\n" in result.output


def test_fixed_answers_send_nothing(run: Run, shop: Path) -> None:
    output = run("explain", shop, "motd").output
    assert output.endswith("Nothing is sent: the answer is made of the fixed values in the file.\n")


def test_orchestrations_show_each_step(run: Run, shop: Path) -> None:
    output = run("explain", shop, "greet", "--arg", "id=7", *KEYS).output
    assert "\nStep 1, order: calls shop.get  (shop.yaml:86:9)\n\nGET /api/orders/7 HTTP" in output
    assert "\nStep 2, buyer: finds by 'role' in the output of 'order'  (shop.yaml:87:9)" in output
    assert "\nStep 3, hello: calls shop.hello with the output of 'order'  (" in output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["CREATE"], "there is no operation or tool 'CREATE'; did you mean 'create'?"),
        (["creat"], "there is no operation or tool 'creat'; did you mean 'create'?"),
        (["zzz"], "there is 'shop-rest.list', for one"),
        (["get"], "'shop-rest.get' also needs --arg id=VALUE"),
        (["get", "--json", "empty.json"], "'shop-rest.get' also needs --arg id=VALUE"),
        (["list", "--arg", "limt=1"], "has no input 'limt'; did you mean 'limit'?"),
        (["get", "--json", "order.json"], "has no input 'body'; it has id"),
        (["motd", "--arg", "x=1"], "has no input 'x'; it has none"),
        (["get", "--arg", "id=1", "--json", "-"], "by --arg or by --json, not by both"),
        (["get", "--json", "list.json"], "a JSON object whose members are the inputs"),
        (["get", "--json", "shop.yaml"], "--json takes JSON, which this is not"),
        (["get", "--arg", "id"], "'id' is not of the form NAME=VALUE"),
    ],
)
def test_what_is_not_understood_is_said(
    run: Run, shop: Path, tmp_path: Path, words: list[str], message: str
) -> None:
    for name, value in {"empty": {}, "list": [], "order": {"body": {}}}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(value))
    result = run("explain", shop, *words)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())


def test_a_name_that_several_units_have_is_asked_about(
    run: Run, shop: Path, tmp_path: Path
) -> None:
    text = (tmp_path / shop).read_text()
    (tmp_path / shop).write_text(
        text.replace("{name: peek, method: HEAD, call", "{name: get, method: HEAD, call")
    )
    result = run("explain", shop, "get", "--arg", "id=1")
    assert result.exit_code == 2
    assert "'get' may be any of these:" in result.output
    assert "shop-rest.get  (HEAD /v1/orders/{id})" in result.output


def test_values_that_do_not_fit_are_all_named(run: Run, shop: Path) -> None:
    result = run("explain", shop, "list", "--arg", "limit=many", "--arg", "X-Trace=a\nb")
    assert result.exit_code == 1
    assert "error[input-invalid]: 'limit' has to be an integer, not 'many'" in result.stderr


def test_a_unit_that_is_left_out_is_explained_by_its_finding(run: Run, shop: Path) -> None:
    for name in ("gone", "shop-rest.gone"):
        result = run("explain", shop, name)
        assert result.exit_code == 1
        assert "error[operation-unknown]" in result.stderr
        assert "warning" not in result.stderr


def test_a_file_that_exposes_nothing_has_no_units(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("naftiko: 1.0.0-alpha2\ncapability: {consumes: []}\n")
    assert "the file exposes nothing" in run("explain", "a.yaml", "x").output


def test_scripts_are_named_and_not_run(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "sum.py", "1 / 0")
    output = run("explain", write_document(tmp_path), "m.totals", "--arg", "imo=1").output
    assert f"\nStep 2, sum: runs {tmp_path}/scripts/sum.py (python)  (" in output


@pytest.mark.parametrize("words", [("explain", "motd"), ("call", "motd"), ("inspect",)])
def test_an_option_without_effect_is_reported(run: Run, shop: Path, words: tuple[str, ...]) -> None:
    command, *unit = words
    result = run(command, shop, *unit, "--base-uri", "http://shop.test", *KEYS)
    assert result.exit_code == 0
    assert "warning[base-uri-unused]: --base-uri without a namespace is not used" in result.stderr
