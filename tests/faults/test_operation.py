"""What operators and systems do to a process: each has a clear end, and none loses a call."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final

import httpx
import pytest

from tests.end_to_end.commands import PATIENCE_SECONDS, ROOT, clean_environment
from tests.execute.upstream.scripted_server import answering, stalling_after
from tests.runtime.ports import free_ports, mock, write
from tests.stack import stack, upstream, url_of

_READY: Final = re.compile(r"REST +(http://\S+)")
_PROXY: Final = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off; client_body_temp_path {folder}; proxy_temp_path {folder};
  fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  upstream naftiko {{
    server 127.0.0.1:{first} max_fails=0; server 127.0.0.1:{second} max_fails=0; keepalive 16;
  }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://naftiko; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_next_upstream error timeout;
    }}
  }}
}}
"""


_WITH_FEW_FILES: Final = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
"""Runs Python with other arguments: Python code between fork and exec may wait for ever."""


@contextmanager
def process(
    file: Path, *more: str, before: Sequence[str] = (), **options: Any
) -> Iterator[subprocess.Popen[str]]:
    """Serve a file; enter the block when it is served, kill what is left at its end."""
    command = [sys.executable, *before, "-m", "naftiko_runtime", "serve", str(file), *more]
    popen = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=clean_environment({}), **options
    )
    with popen:
        try:
            assert popen.stdout is not None
            assert any(_READY.search(line) for line in popen.stdout), "it never served"
            yield popen
        finally:
            popen.kill()


def ends_well(popen: subprocess.Popen[str]) -> bool:
    """Tell a process to end, and return whether it does as it should."""
    popen.terminate()
    popen.communicate(timeout=PATIENCE_SECONDS)
    return popen.returncode == 0


@pytest.fixture
def capability(tmp_path: Path) -> Path:
    rest, mcp = free_ports(2)
    return write(tmp_path / "mock.yaml", mock("mock", "good", rest=rest, mcp=mcp))


def url(file: Path) -> str:
    """Return where a file is served."""
    found = re.search(r"port: (\d+)", file.read_text())
    assert found is not None
    return f"http://127.0.0.1:{found[1]}/mock"


def get(where: str) -> int:
    return httpx.get(where, trust_env=False, timeout=PATIENCE_SECONDS).status_code


@pytest.mark.parametrize("options", [(), ("--workers", "2")], ids=["one process", "workers"])
@pytest.mark.parametrize("is_open", [True, False], ids=["stuck", "closed"])
def test_nobody_reads_the_log(capability: Path, options: tuple[str, ...], *, is_open: bool) -> None:
    reading, writing = os.pipe()
    _fill(writing)
    if not is_open:
        os.close(reading)
    with process(capability, *options, stderr=writing) as served:
        os.close(writing)
        assert [get(url(capability)) for _ in range(5)] == [200] * 5
        assert ends_well(served)
    if is_open:
        os.close(reading)


def _fill(pipe: int) -> None:
    os.set_blocking(pipe, False)
    with suppress(BlockingIOError):
        while True:
            os.write(pipe, b"x" * 4096)
    os.set_blocking(pipe, True)


def test_the_disk_is_full(capability: Path) -> None:
    with Path("/dev/full").open("w") as full, process(capability, stderr=full) as served:
        assert [get(url(capability)) for _ in range(5)] == [200] * 5
        assert ends_well(served)


REPLACED: dict[str, Callable[[Path], None]] = {
    "nothing": lambda _: None,
    "a folder": Path.mkdir,
    "a link to itself": lambda file: file.symlink_to(file),
    "a device without an end": lambda file: file.symlink_to("/dev/zero"),
}
"""What may be found where a file was."""


@pytest.mark.parametrize("replace_file", REPLACED.values(), ids=list(REPLACED))
def test_what_is_served_stays_whatever_becomes_of_its_file(
    capability: Path, tmp_path: Path, replace_file: Callable[[Path], None]
) -> None:
    errors = tmp_path / "errors"
    with errors.open("w") as file, process(capability, stderr=file) as served:
        where = url(capability)
        capability.unlink()
        replace_file(capability)
        served.send_signal(signal.SIGHUP)
        _wait_for(errors, "it stays as it was before")
        assert get(where) == 200
        served.terminate()
        assert served.wait(PATIENCE_SECONDS) == 1, "a file was left out"
    assert "Traceback" not in errors.read_text()


def _wait_for(log: Path, words: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while words not in log.read_text():
        assert time.monotonic() < end, log.read_text()
        Event().wait(0.01)


def test_few_open_files_mean_few_connections_and_no_failing_call(
    capability: Path, tmp_path: Path
) -> None:
    where = httpx.URL(url(capability))
    errors = tmp_path / "errors"
    with (
        errors.open("w") as file,
        process(capability, before=("-c", _WITH_FEW_FILES), stderr=file) as served,
        ExitStack() as connections,
        httpx.Client(trust_env=False, timeout=PATIENCE_SECONDS) as early,
    ):
        assert early.get(where).status_code == 200
        for _ in range(250):
            opened = socket.create_connection((where.host, where.port or 0), PATIENCE_SECONDS)
            connections.enter_context(opened)
        response = httpx.get(where, trust_env=False, timeout=PATIENCE_SECONDS)
        assert (response.status_code, response.headers["retry-after"]) == (503, "1")
        assert early.get(where).status_code == 200
        assert "the system allows 200 open files" in errors.read_text()
        assert "Traceback" not in errors.read_text()
        connections.close()
        assert ends_well(served)


async def test_a_clock_that_jumps_is_not_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ok = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
    async with upstream(answering(ok)) as server, stack(tmp_path, url_of(server)) as served:
        for now in (0.0, 1e10, 1.0):
            monkeypatch.setattr(time, "time", lambda now=now: now)
            assert (await served.get()).is_success
    async with (
        upstream(stalling_after()) as server,
        stack(tmp_path, url_of(server), call_seconds=0.2) as served,
    ):
        monkeypatch.setattr(time, "time", lambda: -1e9)
        assert (await served.get()).status_code == 504


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
def test_a_rolling_restart_fails_no_request(tmp_path: Path) -> None:
    port, *ports = free_ports(5)
    files = [
        write(tmp_path / f"{rest}.yaml", mock("mock", "good", rest=rest, mcp=mcp))
        for rest, mcp in (ports[:2], ports[2:])
    ]
    configuration = write(
        tmp_path / "nginx.conf",
        _PROXY.format(folder=tmp_path, port=port, first=ports[0], second=ports[2]),
    )
    tmp_path.chmod(0o755)
    with ExitStack() as running:
        served = [running.enter_context(process(file, stderr=subprocess.DEVNULL)) for file in files]
        proxy = subprocess.Popen(["nginx", "-c", str(configuration), "-e", str(tmp_path / "e")])
        running.callback(proxy.wait)
        running.callback(proxy.terminate)
        where = f"http://127.0.0.1:{port}/mock"
        _wait_until_answered(where)
        with _asking(where) as statuses:
            for number, file in enumerate(files):
                _wait_for_more(statuses)
                assert ends_well(served[number])
                _wait_for_more(statuses)
                running.enter_context(process(file, stderr=subprocess.DEVNULL))
            _wait_for_more(statuses)
        assert set(statuses) == {200}


def _wait_until_answered(where: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        try:
            assert get(where) == 200
        except httpx.TransportError:
            continue
        return
    raise AssertionError("the proxy never answered")


def _wait_for_more(statuses: list[int]) -> None:
    """Wait until fifty more requests are answered."""
    end, wanted = time.monotonic() + PATIENCE_SECONDS, len(statuses) + 50
    while len(statuses) < wanted and time.monotonic() < end:
        Event().wait(0.01)
    assert len(statuses) >= wanted


@contextmanager
def _asking(where: str) -> Iterator[list[int]]:
    """Ask again and again, from four threads, until the block ends; yield the statuses."""
    statuses: list[int] = []
    over = Event()

    def ask() -> None:
        with httpx.Client(trust_env=False, timeout=PATIENCE_SECONDS) as client:
            while not over.is_set():
                try:
                    statuses.append(client.get(where).status_code)
                except httpx.TransportError:
                    statuses.append(0)

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        yield statuses
    finally:
        over.set()
        for thread in threads:
            thread.join()
