"""The environment that options and variables are read from: the process's, and `--env-file`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from naftiko_runtime.load.env_text import read_env_text

_KEY: Final = "naftiko_runtime.environment"


def environment(ctx: click.Context) -> Mapping[str, str]:
    """Return the environment of a command: the process's goes before the file's."""
    found: Mapping[str, str] = ctx.meta.get(_KEY, os.environ)
    return found


def use_env_file(ctx: click.Context, param: click.Parameter, file: Path | None) -> Path | None:
    """Add a file's variables to the environment of a command, and so to its options' defaults.

    Args:
        ctx: The command.
        param: The option that names the file; it has to be eager.
        file: What the option says.

    Raises:
        click.BadParameter: The file can't be read.
    """
    if file is not None:
        values = _read(file, ctx, param)
        ctx.meta[_KEY] = {**values, **os.environ}
        ctx.default_map = {
            str(one.name): values[one.envvar]
            for one in ctx.command.params
            if isinstance(one.envvar, str) and values.get(one.envvar)
        }
    return file


def _read(file: Path, ctx: click.Context, param: click.Parameter) -> dict[str, str]:
    try:
        return read_env_text(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise click.BadParameter(f"{file} can't be read: {error}", ctx, param) from error
