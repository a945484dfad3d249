from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from click.testing import CliRunner

import polytomic_sandbox
from polytomic_sandbox import FIRST_SYNC_ID
from polytomic_sandbox.command import main
from tests.end_to_end.commands import PATIENCE_SECONDS
from tests.runtime.ports import needs_ipv6

PACKAGE = Path(polytomic_sandbox.__file__).parent


@contextmanager
def running_sandbox(*options: str, **variables: str) -> Iterator[str]:
    """Run the sandbox as people do, and yield the URL that it announces."""
    command = [sys.executable, str(PACKAGE), "--port", "0", *options]
    environment = {**os.environ, **variables}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().removeprefix("Polytomic sandbox: ").strip()
        finally:
            process.send_signal(signal.SIGINT)
            rest = process.stdout.read()
    assert (process.returncode, rest) == (0, "")


def status(method: str, url: str, key: str) -> int:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.request(method, url, headers=headers, timeout=PATIENCE_SECONDS).status_code


def test_the_sandbox_runs_by_its_path_and_keeps_its_file(tmp_path: Path) -> None:
    options = ("--database", str(tmp_path / "sandbox.db"), "--api-key", "k", "--rate-limit", "1")
    path = f"/api/syncs/{FIRST_SYNC_ID}"
    with running_sandbox(*options) as url:
        assert url.startswith("http://127.0.0.1:")
        assert status("DELETE", url + path, "k") == 204
        assert status("GET", url + path, "k") == 429
    with running_sandbox(*options) as url:
        assert status("GET", url + path, "k") == 404


def test_the_api_key_may_come_from_the_environment() -> None:
    with running_sandbox(POLYTOMIC_SANDBOX_API_KEY="from outside") as url:
        assert status("GET", f"{url}/api/syncs", "from outside") == 200


@pytest.mark.parametrize(
    ("host", "prefix"),
    [
        ("127.0.0.1", "http://127"),
        pytest.param("::1", "http://[::1]", marks=needs_ipv6),
    ],
)
def test_one_line_tells_the_url(monkeypatch: pytest.MonkeyPatch, host: str, prefix: str) -> None:
    monkeypatch.setattr(uvicorn.Server, "run", lambda self, sockets: None)
    result = CliRunner().invoke(main, ["--host", host, "--port", "0"])
    assert result.exit_code == 0
    assert result.output.startswith(f"Polytomic sandbox: {prefix}")
    assert result.output.count("\n") == 1


def test_a_port_that_is_taken_is_an_error_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(main, ["--port", str(port)])
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: cannot listen on 127.0.0.1:{port}: ")


def test_a_file_that_is_no_database_is_an_error_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, and longer than the header of one would be" * 20)
    result = CliRunner().invoke(main, ["--port", "0", "--database", str(path)])
    assert result.exit_code == 1
    assert result.output == (f"Error: cannot use {path} as the database: file is not a database\n")


def test_help_names_every_option_with_its_default() -> None:
    output = CliRunner().invoke(main, ["--help"]).output
    for text in (
        "127.0.0.1",
        "8090",
        "sandbox-key",
        "POLYTOMIC_SANDBOX_API_KEY",
        "--database",
        "--rate-limit",
    ):
        assert text in output
