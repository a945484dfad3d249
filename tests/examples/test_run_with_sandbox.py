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

from tests.end_to_end.commands import PATIENCE_SECONDS

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPT = ROOT / "examples" / "run_with_sandbox.py"


@contextmanager
def running(*options: str) -> Iterator[subprocess.Popen[str]]:
    environment = {name: value for name, value in os.environ.items() if "NAFTIKO" not in name}
    environment["POLYTOMIC_API_KEY"] = "a real key, which the sandbox would refuse"
    with subprocess.Popen(
        [sys.executable, str(SCRIPT), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def shown_until(process: subprocess.Popen[str], last: str) -> str:
    assert process.stdout
    shown = ""
    for line in process.stdout:
        shown += line
        if last in line:
            return shown
    assert process.stderr
    raise AssertionError(f"'{last}' is not shown, but:\n{shown}\n{process.stderr.read()}")


def url_after(word: str, shown: str) -> str:
    return shown.partition(f"{word} ")[2].split()[0].strip("'")


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_everything_runs_until_a_signal_ends_all_of_it(ending: signal.Signals) -> None:
    with running("--rest-port", "0", "--mcp-port", "0") as process:
        shown = shown_until(process, "Stop with Ctrl-C")
        listed = httpx.get(url_after("curl", shown), trust_env=False, timeout=PATIENCE_SECONDS)
        assert listed.status_code == 200, listed.text
        assert len(listed.json()["data"]) == 3
        assert url_after("MCP", shown).endswith("/mcp")
        process.send_signal(ending)
        _, errors = process.communicate()
    assert process.returncode == 0
    assert "stopped" in errors
    assert "Traceback" not in errors
    with pytest.raises(ProcessLookupError):  # there is nothing left of its session
        os.killpg(process.pid, 0)


def test_a_port_that_is_taken_ends_it_with_the_finding() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with running("--rest-port", port, "--mcp-port", "0") as process:
            _, errors = process.communicate()
    assert process.returncode == 1
    assert "error[port-in-use]" in errors
    assert "Traceback" not in errors
