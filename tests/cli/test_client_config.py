"""What MCP clients are told, and what a person is told to set."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import SHOP, Run

WITHOUT_BASE = SHOP.replace("https://shop.example/api", "''")


def _config(run: Run, *words: str | Path) -> Any:
    return json.loads(run("inspect", "--client-config", "--json", *words).stdout)


def test_a_client_may_start_the_runtime_from_anywhere(run: Run, shop: Path, tmp_path: Path) -> None:
    server = _config(run, shop)["stdio"]["mcpServers"]["shop"]
    assert Path(server["command"]).is_absolute()
    assert server["args"][-3:] == ["serve", "--stdio", str(tmp_path / "shop.yaml")]


def test_what_the_file_takes_from_the_environment_is_listed_without_values(
    run: Run, shop: Path
) -> None:
    result = run("inspect", "--client-config", "--json", shop, SHOP_KEY="s3cret")
    assert "s3cret" not in result.output
    server = json.loads(result.output)["stdio"]["mcpServers"]["shop"]
    assert server["env"] == {"SHOP_KEY": "VALUE", "SHOP_REGION": "VALUE", "region": "VALUE"}


def test_options_are_kept(run: Run, shop: Path, tmp_path: Path) -> None:
    (tmp_path / "vars").write_text("SHOP_KEY=k")
    given = (
        "--env-file",
        "vars",
        "--base-uri",
        "stock=https://s.example",
        "--base-uri",
        "http://x",
    )
    server = _config(run, shop, *given)["stdio"]["mcpServers"]["shop"]
    options = server["args"][server["args"].index("--stdio") + 1 : -1]
    assert options == [
        *("--base-uri", "stock=https://s.example", "--base-uri", "http://x"),
        *("--env-file", str(tmp_path / "vars")),
    ]


def test_a_client_may_connect(run: Run, shop: Path) -> None:
    assert _config(run, shop)["http"] == {
        "mcpServers": {"shop": {"type": "http", "url": "http://127.0.0.1:9090/mcp"}}
    }


def test_each_port_of_several_files_is_a_server(run: Run, shop: Path, tmp_path: Path) -> None:
    other = SHOP.replace("port: 9090", "port: 9091\n    address: '::'")
    (tmp_path / "other.yaml").write_text(other)
    assert _config(run, ".")["http"]["mcpServers"] == {
        tmp_path.stem: {"type": "http", "url": "http://localhost:9091/mcp"},
        f"{tmp_path.stem}-9090": {"type": "http", "url": "http://127.0.0.1:9090/mcp"},
    }


def test_without_a_fixed_port_nobody_connects(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SHOP.replace("port: 9090", "port: 0"))
    assert _config(run, "a.yaml")["http"] == {}
    output = run("inspect", "--client-config", "a.yaml").output
    assert output.startswith('For a client that starts the runtime itself:\n\n{\n  "mcpServers"')
    assert "connects" not in output


def test_people_read_both(run: Run, shop: Path) -> None:
    output = run("inspect", shop, "--client-config").output
    assert "\nFor a client that connects to `naftiko serve shop.yaml`:\n\n{" in output


def test_without_the_command_the_interpreter_is_started(
    run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    server = _config(run, shop)["stdio"]["mcpServers"]["shop"]
    assert (server["command"], server["args"][:2]) == (sys.executable, ["-m", "naftiko_runtime"])


def test_what_is_to_be_set_can_be_copied(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a b.yaml").write_text(WITHOUT_BASE)
    output = run("inspect", "a b.yaml").output
    assert output.partition("\nTo set\n")[2] == (
        "  in the environment:\n"
        "    export SHOP_KEY=VALUE\n"
        "    export SHOP_REGION=VALUE\n"
        "    export NAFTIKO_BASE_URI_SHOP=https://HOST\n"
        "    export region=VALUE\n"
        "  or as options:\n"
        "    naftiko serve 'a b.yaml' \\\n"
        "      --var SHOP_KEY=VALUE \\\n"
        "      --var REGION=VALUE \\\n"
        "      --base-uri shop=https://HOST \\\n"
        "      --var region=VALUE\n"
    )


@pytest.mark.parametrize(
    "words",
    [
        "--var SHOP_KEY=k --var REGION=r --base-uri shop=https://h --var region=x",
        "--env-file vars",
    ],
)
def test_with_all_of_it_set_nothing_is_needed(run: Run, tmp_path: Path, words: str) -> None:
    (tmp_path / "a.yaml").write_text(WITHOUT_BASE)
    (tmp_path / "vars").write_text(
        "SHOP_KEY=k\nSHOP_REGION=r\nNAFTIKO_BASE_URI_SHOP=https://h\nregion=x\n"
    )
    output = run("inspect", "a.yaml", *words.split()).output
    assert "To set" not in output
    assert "Still needed" not in output


def test_names_that_no_shell_can_set_are_options_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SHOP.replace("{region}.stock", "{the-region}.stock"))
    words = ("--var", "SHOP_KEY=k", "--var", "REGION=r")
    assert run("inspect", "a.yaml", *words).output.endswith(
        "\nTo set\n  as options:\n    naftiko serve a.yaml \\\n      --var the-region=VALUE\n"
    )


def test_variables_that_no_bind_declares_can_be_given_as_options(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SHOP.replace("{{SHOP_KEY}}", "{{env.OTHER_KEY}}"))
    assert "--var OTHER_KEY=VALUE" in run("inspect", "a.yaml").output
    assert "OTHER_KEY" not in run("inspect", "a.yaml", "--var", "OTHER_KEY=k").output


def test_several_files_are_one_line_each_and_need_things_together(
    run: Run, shop: Path, tmp_path: Path
) -> None:
    (tmp_path / "b.yaml").write_text(SHOP)
    output = run("inspect", ".").output
    assert output.startswith(
        "Shop  (b.yaml: 6 routes, 3 tools)\nShop  (shop.yaml: 6 routes, 3 tools)\n"
    )
    assert output.count("export SHOP_KEY=VALUE") == 1
    assert "b.yaml:11:43 and 1 more\n" in output
    assert len(json.loads(run("inspect", ".", "--json").output)) == 2


def test_a_broken_file_does_not_hide_the_others(run: Run, shop: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("capability: [")
    result = run("inspect", ".")
    assert result.exit_code == 1
    assert "error[yaml-invalid]" in result.stderr
    assert result.stdout.startswith("Shop\nshop.yaml\n")


EVERY_FACE = """\
naftiko: 1.0.0-alpha3
capability:
  consumes:
  - {type: http, namespace: far, baseUri: '', resources: [
      {path: /ships, name: ships, operations: [{method: GET, name: list}]}]}
  - {type: http, namespace: farther, baseUri: '', resources: []}
  exposes:
  - {type: rest, namespace: a, resources: [
      {path: '/{path}', forward: {targetNamespace: farther}}]}
  - {type: mcp, namespace: b, resources: [
      {name: ships, uri: 'ships://all', description: All, call: far.list}]}
"""


def test_forwards_and_resources_need_base_uris_too(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(EVERY_FACE)
    output = run("inspect", "a.yaml").output
    assert "--base-uri far=https://HOST" in output
    assert "--base-uri farther=https://HOST" in output


CORPUS = Path(__file__).parents[3] / "shared" / "corpus"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the public capability files are not at hand")
@pytest.mark.parametrize("folder", ["hubspot", "microsoft-graph"])
def test_public_files_need_nothing_once_that_is_set(run: Run, folder: str) -> None:
    lines = (
        run("inspect", CORPUS / folder).output.partition("in the environment:\n")[2].splitlines()
    )
    exports = [one.strip().removeprefix("export ") for one in lines if "export " in one]
    given = dict(one.split("=", 1) for one in exports)
    assert given
    assert "Still needed" not in run("inspect", CORPUS / folder, **given).output
