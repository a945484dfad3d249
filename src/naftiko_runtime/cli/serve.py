"""`naftiko serve`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from naftiko_runtime.cli.limiting import limiting
from naftiko_runtime.cli.options import FILES, TIMEOUT, loading, require_files
from naftiko_runtime.limits import ServeLimits
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.observe import LEVELS, LogFormat, missing_tracing_extra
from naftiko_runtime.settings import MOST_WORKERS, ServeSettings

_EPILOG: Final = """\b
Examples:
  naftiko serve capability.yaml
  naftiko serve capabilities/ --watch
  naftiko serve capability.yaml --workers 4
  naftiko serve capability.yaml --env-file .env --log-format json
  naftiko serve shop.yaml --base-uri shop=https://shop.example --var STORE=berlin
  naftiko serve --stdio capability.yaml
  naftiko serve capability.yaml --tracing
  naftiko serve capability.yaml --host 0.0.0.0 --rest-port 80 --mcp-port 81
"""
_PORT: Final = click.IntRange(0, 65535)


@click.command("serve", epilog=_EPILOG)
@FILES
@click.option(
    "--host",
    metavar="ADDRESS",
    envvar="NAFTIKO_HOST",
    show_envvar=True,
    help="Listen on this address, whatever the files say; without an address there, on loopback.",
)
@click.option(
    "--rest-port",
    type=_PORT,
    metavar="PORT",
    envvar="NAFTIKO_REST_PORT",
    show_envvar=True,
    help="Serve REST on this port, whatever the files say; 0 takes a free one.",
)
@click.option(
    "--mcp-port",
    type=_PORT,
    metavar="PORT",
    envvar="NAFTIKO_MCP_PORT",
    show_envvar=True,
    help="Serve MCP on this port, whatever the files say; 0 takes a free one.",
)
@click.option(
    "--skill-port",
    type=_PORT,
    metavar="PORT",
    envvar="NAFTIKO_SKILL_PORT",
    show_envvar=True,
    help="Serve skills on this port, whatever the files say; 0 takes a free one.",
)
@click.option(
    "--control-port",
    type=_PORT,
    metavar="PORT",
    envvar="NAFTIKO_CONTROL_PORT",
    show_envvar=True,
    help="Serve control adapters on this port, whatever the files say; 0 takes a free one.",
)
@loading
@TIMEOUT
@limiting
@click.option("--no-docs", is_flag=True, help="Serve no /docs, /openapi.json and /healthz.")
@click.option(
    "--workers",
    type=click.IntRange(1, MOST_WORKERS),
    metavar="N",
    default=1,
    envvar="NAFTIKO_WORKERS",
    show_envvar=True,
    show_default=True,
    help="Serve with so many processes behind the same ports. Limits hold for each of them.",
)
@click.option("--watch", is_flag=True, help="Load files again when they change.")
@click.option(
    "--stdio",
    is_flag=True,
    help="Serve MCP on standard input and output, for the one client that starts this command, "
    "and nothing else.",
)
@click.option(
    "--page-size",
    type=click.IntRange(1),
    metavar="NUMBER",
    envvar="NAFTIKO_PAGE_SIZE",
    show_envvar=True,
    help="List MCP tools in pages of so many; without it all of them are on one page, for clients "
    "that read no other.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Start nothing if anything can't be served, instead of leaving that out.",
)
@click.option(
    "--tracing",
    is_flag=True,
    envvar="NAFTIKO_TRACING",
    show_envvar=True,
    help="Send spans of all requests to an OpenTelemetry collector, where the variables of "
    "OpenTelemetry say; needs the extra 'tracing'.",
)
@click.option(
    "--log-level",
    type=click.Choice(LEVELS, case_sensitive=False),
    default="info",
    envvar="NAFTIKO_LOG_LEVEL",
    show_envvar=True,
    show_default=True,
    help="The least that is logged.",
)
@click.option(
    "--log-format",
    type=click.Choice(["console", "json"], case_sensitive=False),
    default="console",
    envvar="NAFTIKO_LOG_FORMAT",
    show_envvar=True,
    show_default=True,
    help="Log short lines for people, or JSON for machines.",
)
def command(
    *,
    paths: tuple[Path, ...],
    host: str | None,
    rest_port: int | None,
    mcp_port: int | None,
    skill_port: int | None,
    control_port: int | None,
    load: LoadOptions,
    timeout_seconds: float,
    limits: ServeLimits,
    no_docs: bool,
    workers: int,
    watch: bool,
    stdio: bool,
    page_size: int | None,
    strict: bool,
    tracing: bool,
    log_level: str,
    log_format: LogFormat,
) -> None:
    """Serve capabilities as REST, MCP and skill servers.

    FILE is a capability file, a folder of them, or a pattern such as 'apis/*.yaml'. Everything
    is served until the process is told to stop, with Ctrl-C or SIGTERM.
    """
    if watch and stdio:
        raise click.UsageError("--watch has no effect on --stdio: the client starts the command")
    if workers > 1 and stdio:
        raise click.UsageError("--workers has no effect on --stdio: there is one client")
    if tracing and (extra := missing_tracing_extra()) is not None:
        raise click.UsageError(
            f"--tracing needs an extra that is not installed; pip install '{extra}'"
        )
    if not watch:
        require_files(paths)
    settings = ServeSettings(
        host=host,
        rest_port=rest_port,
        mcp_port=mcp_port,
        skill_port=skill_port,
        control_port=control_port,
        load=replace(load, strict=strict),
        log_level=log_level,
        log_format=log_format,
        timeout_seconds=timeout_seconds,
        limits=limits,
        docs=not no_docs,
        watch=watch,
        stdio=stdio,
        page_size=page_size,
        workers=workers,
        strict=strict,
        tracing=tracing,
    )
    # The servers are imported last: with them, `--help` and a mistyped option would take a second.
    from naftiko_runtime.runtime import serve

    raise SystemExit(serve(paths, settings))
