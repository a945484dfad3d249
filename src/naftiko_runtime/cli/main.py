"""The `naftiko` command: a group whose commands are imported only when they are used."""

from __future__ import annotations

import gc
import os
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import click

from naftiko_runtime._version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

_SUMMARIES: Final = {
    "serve": "Serve capabilities as REST, MCP and skill servers.",
    "validate": "Check capability files without serving them.",
    "inspect": "Show what a capability exposes, calls and still needs.",
    "explain": "Show the request that a call would send upstream.",
    "call": "Call one operation or tool and show the answer.",
    "version": "Show the version of the runtime and of Python.",
}

COMMANDS: Final[Mapping[str, str]] = MappingProxyType(_SUMMARIES)
"""What each command does, by its name; the module of the name has it as `command`."""

_EPILOG: Final = """\b
Start here:
  naftiko validate capability.yaml    is the file sound?
  naftiko inspect capability.yaml     what does it offer, what does it need?
  naftiko serve capability.yaml       REST on port 8080, MCP on port 9090

`naftiko COMMAND --help` shows the options of a command, with examples.
"""


class _Commands(click.Group):
    """Commands by name, each imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"naftiko_runtime.cli.{cmd_name}").command
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the table of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is asked for, or say which one may be meant."""
        if args[0] not in COMMANDS:
            ctx.fail(_unknown(args[0]))
        return super().resolve_command(ctx, args)


def _unknown(name: str) -> str:
    if name.endswith((".yaml", ".yml")):
        return f"'{name}' is no command; did you mean 'naftiko serve {name}'?"
    from naftiko_runtime.diagnostics import did_you_mean  # not needed by those who spell well

    hint = did_you_mean(name, COMMANDS) or f"there are {', '.join(COMMANDS)}"
    return f"there is no command '{name}'; {hint}"


@click.group(
    cls=_Commands,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="naftiko-runtime", message="%(prog)s %(version)s")
def naftiko() -> None:
    """Run Naftiko capability files: YAML in, REST and MCP servers out."""


def main() -> None:
    """Run the command that the process was started with, and exit.

    Commands are over before a look for garbage would pay; `serve` looks for it once it has settled.
    No plugin of pydantic has a say in them: to find any, pydantic would read what every installed
    package says of itself.
    """
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.disable()
    try:
        naftiko(prog_name="naftiko")
    finally:
        gc.freeze()  # else Python would look for it at the very end
