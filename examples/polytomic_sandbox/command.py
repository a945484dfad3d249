"""The command that starts the sandbox."""

from __future__ import annotations

import socket
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import click
import uvicorn
from starlette.applications import Starlette

from polytomic_sandbox.application import DEFAULT_API_KEY, create_application
from polytomic_sandbox.seed import seed
from polytomic_sandbox.store import Store


@click.command(context_settings={"show_default": True})
@click.option("--host", default="127.0.0.1", help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8090,
    help="The port to listen on; 0 takes one that is free.",
)
@click.option(
    "--api-key",
    default=DEFAULT_API_KEY,
    envvar="POLYTOMIC_SANDBOX_API_KEY",
    show_envvar=True,
    help="The API key that callers have to send.",
)
@click.option(
    "--database",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to keep everything in; without it, everything is gone at the end.",
)
@click.option(
    "--rate-limit",
    type=click.IntRange(min=1),
    metavar="N",
    help="Answer N requests each minute, and the others with 429.",
)
def main(host: str, port: int, api_key: str, database: Path | None, rate_limit: int | None) -> None:
    """Run a stand-in of Polytomic's model-sync API on this machine."""
    with closing(_open_store(database)) as store, closing(_listen(host, port)) as listener:
        seed(store)
        application = create_application(store, api_key=api_key, rate_limit=rate_limit)
        click.echo(f"Polytomic sandbox: {_url(listener)}")
        _serve(application, listener)


def _open_store(database: Path | None) -> Store:
    try:
        return Store(database)
    except sqlite3.Error as error:
        raise click.ClickException(f"cannot use {database} as the database: {error}") from error


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that takes connections from now on, so that the URL can be announced."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise click.ClickException(f"cannot listen on {host}:{port}: {error.strerror}") from error


def _url(listener: socket.socket) -> str:
    host, port, *_ = listener.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _serve(application: Starlette, listener: socket.socket) -> None:
    """Answer requests until the process is told to end."""
    config = uvicorn.Config(application, log_config=None, lifespan="off")
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])
