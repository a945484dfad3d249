"""`naftiko version`."""

from __future__ import annotations

import platform

import click

from naftiko_runtime._version import __version__


@click.command("version")
def command() -> None:
    """Show the version of the runtime and of Python."""
    python = f"Python {platform.python_version()}"
    click.echo(f"naftiko-runtime {__version__} ({python}, {platform.system()})")
