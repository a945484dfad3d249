"""Several processes behind the same ports: one start, one stop, and no difference to callers."""

from __future__ import annotations

import os
import re
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.end_to_end.commands import PATIENCE_SECONDS, Process, run_to_end, running, until
from tests.runtime.ports import free_ports, mock, write

ACCEPTS = re.compile(r"worker (\d) accepts pid=(\d+)")
READY = re.compile("(docs) ")


@contextmanager
def serving(*words: str) -> Iterator[Process]:
    """Serve with two workers until the block ends."""
    with running(["-m", "naftiko_runtime", "serve", "--workers", "2", *words], {}) as process:
        process.awaits(READY)
        yield process
        assert "Traceback" not in process.stderr, process.stderr


def read(port: int, path: str = "/a") -> str | int:
    """Return the text that a route answers on a connection of its own; else the status."""
    url = f"http://127.0.0.1:{port}{path}"
    response = httpx.get(url, trust_env=False, timeout=PATIENCE_SECONDS)
    return str(response.json()["text"]) if response.status_code == 200 else response.status_code


def both_answer(port: int, process: Process) -> set[str | int]:
    """Ask until both workers have answered; return what they said."""
    said: set[str | int] = set()
    before = len(process.stderr)

    def have_both() -> bool:
        said.add(read(port))
        answered = re.findall(r"GET /a \d+ .* worker=(\d)", process.stderr[before:])
        return set(answered) == {"1", "2"}

    until(have_both, process)
    return said


def is_refused(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) != 0


def test_a_worker_that_crashes_is_replaced_and_all_are_stopped_as_one(tmp_path: Path) -> None:
    port, mcp = free_ports(2)
    file = write(tmp_path / "a.yaml", mock("a", "one", rest=port, mcp=mcp))
    with serving(str(file)) as process:
        assert process.stdout.count("naftiko-runtime ") == 1
        assert "(2 workers)" in process.stdout
        pids = dict(ACCEPTS.findall(process.stderr))
        assert pids.keys() == {"1", "2"}
        assert both_answer(port, process) == {"one"}
        os.kill(int(pids["2"]), signal.SIGKILL)
        until(lambda: dict(ACCEPTS.findall(process.stderr)) != pids, process)
        assert "worker 2 ended by SIGKILL" in process.stderr
        assert both_answer(port, process) == {"one"}
        process.terminate()
        assert process.wait() == 0
        assert process.stderr.count("info    stopped worker=") == 2
        assert is_refused(port)


def test_both_workers_say_what_runs_in_them(tmp_path: Path) -> None:
    file = write(tmp_path / "a.yaml", mock("a", "one", rest=0, mcp=0))
    with serving(str(file), "--log-level", "error") as process:
        process.signal(signal.SIGUSR1)
        told = r"info    0 connections, 0 calls, \d+ tasks worker=(\d)"
        until(lambda: set(re.findall(told, process.stderr)) == {"1", "2"}, process)


def test_sighup_reloads_all_and_a_broken_file_is_reported_once(tmp_path: Path) -> None:
    port, mcp, other = free_ports(3)
    file = write(tmp_path / "a.yaml", mock("a", "one", rest=port, mcp=mcp))

    def reload(times: int) -> None:
        process.signal(signal.SIGHUP)
        until(lambda: process.stderr.count("reloaded: ") == times, process)

    with serving(str(tmp_path)) as process:
        write(file, mock("a", "two", rest=port, mcp=mcp))
        reload(1)
        assert both_answer(port, process) == {"two"}
        write(file, "capability: [")
        reload(2)
        assert both_answer(port, process) == {"two"}
        assert process.stderr.count("[yaml-invalid]") == 1
        assert process.stderr.count("can't be served") == 1
        write(file, mock("a", "three", rest=other, mcp=mcp))
        reload(3)
        assert both_answer(other, process) == {"three"}
        assert is_refused(port)
        write(file, mock("a", "four", rest=other, mcp=mcp, address="0.0.0.0"))
        reload(4)
        assert both_answer(other, process) == {"four"}
        with socket.create_server(("127.0.0.1", port)):
            write(file, mock("a", "five", rest=port, mcp=mcp))
            reload(5)
        assert process.stderr.count("can't be had") == 1
        assert both_answer(other, process) == {"four"}
        process.signal(signal.SIGINT)
        process.wait()


def test_files_that_change_are_loaded_by_all(tmp_path: Path) -> None:
    port, mcp = free_ports(2)
    file = write(tmp_path / "a.yaml", mock("a", "one", rest=port, mcp=mcp))
    with serving("--watch", str(tmp_path)) as process:
        write(file, mock("a", "two", rest=port, mcp=mcp))
        until(lambda: "reloaded: " in process.stderr, process)
        assert both_answer(port, process) == {"two"}
        process.signal(signal.SIGKILL)
        until(lambda: is_refused(port), process)  # workers end when the first process is gone


FAILING = """\
import sys
from naftiko_runtime.cli.main import main
from naftiko_runtime.runtime import serving
async def fail(*_):
    raise RuntimeError("no luck")
serving._serve = fail
sys.argv = ["naftiko", "serve", "--workers", "2", sys.argv[1]]
main()
"""


def test_a_worker_that_can_not_start_ends_everything_with_its_reason(tmp_path: Path) -> None:
    file = write(tmp_path / "a.yaml", mock("a", "one", rest=0, mcp=0))
    status, output, errors = run_to_end(["-c", FAILING, str(file)])
    assert (status, output) == (1, "")
    assert "RuntimeError: no luck" in errors
    assert re.search(r"worker \d could not start", errors)
