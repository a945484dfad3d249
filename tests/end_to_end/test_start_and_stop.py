"""How the commands start, refuse to start, and end."""

from __future__ import annotations

import re
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.end_to_end import calls
from tests.end_to_end.commands import (
    MODELSYNC,
    PATIENCE_SECONDS,
    POLYTOMIC,
    ROOT,
    Serve,
    run_to_end,
    running,
    serve_command,
)
from tests.end_to_end.faces import KEY, mcp_face, rest_client, send
from tests.end_to_end.scripted_upstream import scripted_upstream
from tests.runtime.ports import free_ports

BROKEN = """\
naftiko: 1.0.0-alpha3
capability:
  consumes:
  - type: http
    namespace: ships
    baseUri: http://127.0.0.1:1
    resources:
    - path: /ships
      operations:
      - {name: list-ships, method: GET}
    namespace: boats
  exposes:
  - {type: rest, namespace: ships-rest, port: 0, resources: []}
"""


@contextmanager
def _taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


@pytest.mark.parametrize("option", ["--rest-port", "--mcp-port"])
def test_a_port_in_use_is_an_error_that_names_port_and_capability(option: str) -> None:
    with _taken_port() as port:
        command = serve_command(MODELSYNC, f"{POLYTOMIC}=http://127.0.0.1:1", option, str(port))
        status, output, errors = run_to_end(command)
    assert (status, output) == (1, "")
    assert "port-in-use" in errors
    assert f"port {port} on 127.0.0.1" in errors
    assert "API Reference — subpackage_modelSync" in errors
    assert re.search(r"modelsync\.yaml:\d+:\d+", errors)
    assert option in errors
    assert "Traceback" not in errors


def test_a_broken_file_is_an_error_that_points_at_its_place(tmp_path: Path) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text(BROKEN)
    status, output, errors = run_to_end(["-m", "naftiko_runtime", "serve", str(file)])
    assert (status, output) == (1, "")
    assert f"{file}:11:5" in errors
    lines = errors.splitlines()
    [pointed] = [number for number, line in enumerate(lines) if line.strip(" |").startswith("^")]
    assert lines[pointed].index("^") == lines[pointed - 1].index("namespace: boats")
    assert "Traceback" not in errors


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    status, output, errors = run_to_end(["-m", "naftiko_runtime", "serve", str(file)])
    assert (status, output) == (1, "")
    assert "x.yaml" in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("later", [None, signal.SIGTERM, signal.SIGHUP])
def test_sigterm_lets_a_running_call_finish(served: Serve, later: signal.Signals | None) -> None:
    with (
        scripted_upstream() as upstream,
        ThreadPoolExecutor(1) as pool,
        served(MODELSYNC, f"{POLYTOMIC}={upstream.url}", KEY) as runtime,
        rest_client(f"{runtime.rest}/v1") as client,
    ):
        answer = pool.submit(send, client, calls.get_sync("stalls"))
        assert upstream.stalled.wait(PATIENCE_SECONDS)
        runtime.process.terminate()
        _wait_until_refused(runtime.rest)
        if later is not None:
            runtime.process.signal(later)
        assert not answer.done()
        upstream.released.set()
        assert answer.result(PATIENCE_SECONDS).json() == {"data": {}}
        assert runtime.process.wait() == 0


def test_the_example_serves_the_capability_against_the_sandbox() -> None:
    script = str(ROOT / "examples" / "run_with_sandbox.py")
    (port,) = free_ports(1)
    with running([script, "--rest-port", str(port), "--mcp-port", "0"], {}) as process:
        rest = process.awaits(re.compile(r"REST +(http://\S+)"))
        mcp = process.awaits(re.compile(r"MCP +(http://\S+)"))
        process.awaits(re.compile("(Ctrl-C)"))
        with rest_client(f"{rest}/v1") as client, mcp_face(mcp, "2026-07-28") as face:
            syncs = send(client, calls.list_syncs(limit=2, active=True)).json()["data"]
            assert len(syncs) == 2
            assert face.answer(calls.list_syncs(limit=2, active=True)).body["data"] == syncs
        process.terminate()
        assert process.wait() == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(rest, trust_env=False, timeout=PATIENCE_SECONDS)


def _wait_until_refused(url: str) -> None:
    """Return once nothing listens there any more."""
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    while True:
        try:
            socket.create_connection((parts.hostname, parts.port), PATIENCE_SECONDS).close()
        except ConnectionError:  # refused, or reset by a listener that is being closed
            return
