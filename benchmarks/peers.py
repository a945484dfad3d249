"""How fast are others: the same call through Starlette, the MCP SDK, FastMCP and Connexion?

FastMCP and Connexion are installed into an environment of their own, for as long as this runs; they
are left out where that fails. They are told nothing but what their documentation says.

python -m benchmarks.peers [--seconds 5] [--rounds 3]
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

from benchmarks.command import answer
from benchmarks.documents import PEER_TOOL, body, capability, openapi, path, tool
from benchmarks.load import Request
from benchmarks.mcp_requests import NEWEST, OLDER, tools_call
from benchmarks.measuring import CEILING, Effort, Finding, check, measure, table
from benchmarks.processes import Place, free_port, generated, nginx, running

_CONTENDERS = Path(__file__).parent / "contenders"
_INSTALL_SECONDS = 300
_PACKAGES = ("fastmcp", "connexion[uvicorn]", "httpx", "httptools", "uvloop")


def question(effort: Effort) -> Finding:
    """Measure one route and one tool, 2 KB at 32 connections."""
    finding = Finding()
    with (
        nginx(body(2048)) as place,
        generated(place, capability(1)) as (ours, url),
        contextlib.ExitStack() as stack,
    ):
        contenders = {
            CEILING: Request(f"http://127.0.0.1:{place.proxy}{path()}"),
            "naftiko REST": Request(f"http://127.0.0.1:{ours.port}{path()}"),
            f"naftiko MCP {OLDER}": tools_call(url, OLDER, tool()),
            f"naftiko MCP {NEWEST}": tools_call(url, NEWEST, tool()),
        }
        for name, file, python in _peers(place, finding):
            try:
                contenders |= stack.enter_context(_peer(place, name, file, python))
            except (RuntimeError, OSError) as error:
                finding.notes.append(f"{name} is left out: {error}")
        results = measure(contenders, effort)
    finding.tables.append(table("Peers: 2 KB, 32 connections", results))
    return finding


def _peers(place: Place, finding: Finding) -> Iterator[tuple[str, str, str]]:
    """Yield names of peers, the scripts that serve them, and the Python that runs those."""
    yield "Starlette and httpx", "starlette_httpx.py", sys.executable
    yield "MCP SDK, low-level", "sdk_server.py", sys.executable
    try:
        python = _installed(place.folder / "peers")
    except (subprocess.SubprocessError, OSError) as error:
        finding.notes.append(
            f"FastMCP and Connexion are left out: they can't be installed: {error}"
        )
        return
    finding.notes.append(f"Peers: {', '.join(_versions(python))}.")
    yield "FastMCP from_openapi", "fastmcp_bridge.py", python
    yield "Connexion and httpx", "connexion_app.py", python


@contextlib.contextmanager
def _peer(place: Place, name: str, file: str, python: str) -> Iterator[dict[str, Request]]:
    port = free_port()
    upstream = f"http://127.0.0.1:{place.upstream}"
    script = str(_CONTENDERS / file)
    with running([python, script, str(port), upstream, json.dumps(openapi())], port):
        if "MCP" in name:  # a tool, and not a route
            request = tools_call(f"http://127.0.0.1:{port}/mcp", OLDER, PEER_TOOL)
        else:
            request = Request(f"http://127.0.0.1:{port}/v1{path()}")
        check(name, request)
        yield {name: request}


def _installed(folder: Path) -> str:
    """Return the Python of an environment that has the peers."""
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*command, *_PACKAGES], check=True, capture_output=True, timeout=_INSTALL_SECONDS
    )
    return python


def _versions(python: str) -> list[str]:
    command = [python, "-m", "pip", "list", "--format", "freeze", "--disable-pip-version-check"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    names = ("fastmcp==", "connexion==", "mcp==", "httpx==", "starlette==", "uvicorn==")
    return [line.replace("==", " ") for line in listed.splitlines() if line.startswith(names)]


if __name__ == "__main__":
    answer(__doc__, question)
