from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest

from naftiko_runtime.cli.main import COMMANDS

PAGES = Path(__file__).parent.parent.parent / "docs" / "commands"
TABLE = re.compile(r"(?<=<!-- options -->\n).*?(?=<!-- end of options -->)", re.DOTALL)


def command_of(name: str) -> click.Command:
    command: click.Command = import_module(f"naftiko_runtime.cli.{name}").command
    return command


def option_table(command: click.Command) -> str:
    """Return the options of a command as a Markdown table, made of their declarations."""
    rows = list(_rows(command))
    if not rows:
        return "None.\n"
    head = ["| option | environment | default | meaning |", "| --- | --- | --- | --- |"]
    return "\n".join([*head, *rows]) + "\n"


def _rows(command: click.Command) -> Iterator[str]:
    context = click.Context(command)
    for option in command.params:
        if isinstance(option, click.Option):
            metavar = "" if option.is_flag else f" {option.make_metavar(context)}"
            variable = f"`{option.envvar}`" if option.envvar else ""
            default = f"`{option.default}`" if option.show_default else ""
            help_ = (option.help or "").replace("<", r"\<")
            cells = [f"`{option.opts[0]}{metavar}`", variable, default, help_]
            yield " | ".join(["", *(cell.replace("|", r"\|") for cell in cells), ""]).strip()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_page_of_a_command_has_its_options(name: str, request: pytest.FixtureRequest) -> None:
    page = PAGES / f"{name}.md"
    expected = option_table(command_of(name))
    if request.config.getoption("--update-goldens"):
        page.write_text(TABLE.sub(lambda _: expected, page.read_text()))
    found = TABLE.search(page.read_text())
    assert found, f"{page} has no '<!-- options -->'"
    hint = "run pytest with --update-goldens and read the difference"
    assert found[0] == expected, f"the table of {page} is not up to date; {hint}"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_page_of_a_command_starts_with_its_usage(name: str) -> None:
    text = (PAGES / f"{name}.md").read_text()
    usage = click.Context(command_of(name), info_name=f"naftiko {name}").get_usage()
    assert text.startswith(f"# naftiko {name}\n\n{COMMANDS[name]}\n\n```text\n")
    assert usage.removeprefix("Usage: ") in text


def test_the_index_names_every_command() -> None:
    text = (PAGES / "index.md").read_text()
    for name, summary in COMMANDS.items():
        assert f"| [naftiko {name}]({name}.md) | {summary} |" in text
