"""The configuration that the usual MCP clients want: `mcpServers`, as they all read it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from naftiko_runtime.cli.loading import LoadedCapability
from naftiko_runtime.cli.needs import VALUE, needs_of
from naftiko_runtime.diagnostics import Diagnostics
from naftiko_runtime.expose.listeners import Overrides, plan_listeners
from naftiko_runtime.values import Json

_SHOWN_HOSTS: Final = {"0.0.0.0": "localhost", "::": "localhost"}  # noqa: S104 - shown, not bound


@dataclass(frozen=True, slots=True)
class ClientConfig:
    """What a client is told, for each way to reach the servers.

    Attributes:
        stdio: For clients that start the runtime themselves.
        http: For clients that connect to a runtime which runs; empty where no port is fixed.
    """

    stdio: dict[str, Json]
    http: dict[str, Json]

    def text(self, paths: Sequence[Path]) -> Iterator[str]:
        """Yield both for a person who copies one of them."""
        yield "For a client that starts the runtime itself:"
        yield from ("", _json(self.stdio))
        if self.http:
            files = " ".join(map(str, paths))
            yield from ("", f"For a client that connects to `naftiko serve {files}`:")
            yield from ("", _json(self.http))


def client_config(paths: Sequence[Path], loaded: Sequence[LoadedCapability]) -> ClientConfig:
    """Return the configuration for the servers of files.

    Clients start a server in a folder and an environment of their own: paths are absolute, and what
    the files take from the environment is listed, to be filled in. No value is ever shown.

    Args:
        paths: The files, as the user wrote them.
        loaded: What is in them.
    """
    servers: dict[str, Json] = {_name(paths[0]): _started(paths, loaded)}
    capabilities = [one.capability for one in loaded]
    connected: dict[str, Json] = {
        _name(paths[0]) if number == 0 else f"{_name(paths[0])}-{listener.port}": {
            "type": "http",
            "url": _url(listener.host, listener.port),
        }
        for number, listener in enumerate(
            one
            for one in plan_listeners(capabilities, Overrides(), Diagnostics())
            if one.mcp and one.port
        )
    }
    return ClientConfig({"mcpServers": servers}, {"mcpServers": connected} if connected else {})


def _started(paths: Sequence[Path], loaded: Sequence[LoadedCapability]) -> Json:
    files = [str(path.absolute()) for path in paths]
    environment = _environment(loaded)
    command, *words = _command()
    server: dict[str, Json] = {"command": command}
    server["args"] = [*words, "serve", "--stdio", *_given_options(), *files]
    return {**server, "env": environment} if environment else server


def _command() -> list[str]:
    """Return how this very installation is started, whatever a client's search path is."""
    beside = Path(sys.executable).with_name("naftiko")
    return [str(beside)] if beside.is_file() else [sys.executable, "-m", "naftiko_runtime"]


def _given_options() -> list[Json]:
    """Return the options that the files were loaded with, except values of variables."""
    given: Mapping[str, object] = click.get_current_context().params
    words: list[Json] = []
    for namespace, url in _pairs(given.get("base_uris")):
        words += ["--base-uri", url if namespace is None else f"{namespace}={url}"]
    file = given.get("env_file")
    return [*words, "--env-file", str(file.absolute())] if isinstance(file, Path) else words


def _pairs(value: object) -> Sequence[tuple[str | None, str]]:
    return value if isinstance(value, tuple) else ()


def _environment(loaded: Sequence[LoadedCapability]) -> dict[str, Json]:
    names = (one.environment for capability in loaded for one in capability.variables)
    used: dict[str, Json] = {name: VALUE for name in names if name is not None}
    return {**used, **needs_of(loaded).environment}


def _name(path: Path) -> str:
    return path.stem or path.resolve().stem


def _url(host: str, port: int) -> str:
    shown = _SHOWN_HOSTS.get(host, host)
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/mcp"


def _json(value: Json) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
