from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module

import click
import pytest

from naftiko_runtime._version import __version__
from naftiko_runtime.cli.main import COMMANDS, naftiko
from tests.cli.conftest import Run

HEAVY = ("pydantic", "yaml", "mcp", "starlette", "uvicorn", "httpx", "dotenv")
WITHOUT_SERVERS = ("mcp", "starlette", "uvicorn", "httpx")


def python(program: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, check=False
    )


def imported_by(*words: str) -> str:
    program = (
        "import sys; from naftiko_runtime.cli.main import naftiko\n"
        "try: naftiko(sys.argv[1:])\n"
        "except SystemExit: print('imported', *sys.modules)"
    )
    return python(program, *words).stdout.rpartition("imported")[2]


@pytest.mark.parametrize("words", [["--help"], ["--version"]])
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    modules = imported_by(*words).split()
    assert "click" in modules
    assert not set(HEAVY) & set(modules)


@pytest.mark.parametrize("command", ["serve", "validate"])
def test_the_help_of_a_command_waits_for_no_servers(command: str) -> None:
    modules = imported_by(command, "--help").split()
    assert f"naftiko_runtime.cli.{command}" in modules
    assert not set(WITHOUT_SERVERS) & set(modules)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_what_the_table_says(name: str) -> None:
    command: click.Command = import_module(f"naftiko_runtime.cli.{name}").command
    assert command.name == name
    assert (command.help or "").split("\n")[0] == COMMANDS[name]


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"version"}))
def test_the_help_of_a_command_shows_examples(run: Run, name: str) -> None:
    result = run(name, "--help")
    assert result.exit_code == 0
    assert f"\n    naftiko {name} " in result.output.split("Examples:")[1]


def test_help_lists_the_commands_and_where_to_start(run: Run) -> None:
    output = run("--help").output
    for name, summary in COMMANDS.items():
        assert f"{name} " in output
        assert summary in output
    assert "naftiko validate capability.yaml" in output


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("serv", "there is no command 'serv'; did you mean 'serve'?"),
        ("xyz", "there are serve, validate"),
        ("shop.yaml", "did you mean 'naftiko serve shop.yaml'?"),
    ],
)
def test_an_unknown_command_is_answered_with_a_hint(run: Run, word: str, hint: str) -> None:
    result = run(word)
    assert result.exit_code == 2
    assert hint in result.output


def test_shells_can_complete_commands() -> None:
    words = {"COMP_WORDS": "naftiko in", "COMP_CWORD": "1", "_NAFTIKO_COMPLETE": "bash_complete"}
    process = subprocess.run(
        [sys.executable, "-m", "naftiko_runtime"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **words},
    )
    assert process.stdout == "plain,inspect\n"
    assert naftiko.get_command(click.Context(naftiko), "nothing") is None


def test_the_version_is_told(run: Run) -> None:
    assert run("--version").output == f"naftiko-runtime {__version__}\n"
    assert run("version").output.startswith(f"naftiko-runtime {__version__} (Python 3.")


def test_python_runs_the_command_as_a_module() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "naftiko_runtime", "version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stdout.startswith(f"naftiko-runtime {__version__}")
