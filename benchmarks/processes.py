"""The processes that a measurement needs: upstream, proxy, runtime, load."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 20.0


def free_port() -> int:
    """Return a port that nothing listens on at this moment."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Started:
    """A process that accepts connections.

    Attributes:
        port: Where.
        pid: Its process id.
        seconds: How long it took from its start until it accepted.
    """

    port: int
    pid: int
    seconds: float

    def resident_bytes(self) -> int:
        """Return the resident memory of the process, in bytes."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        return int(found[1]) * 1024 if found else 0


@contextlib.contextmanager
def running(
    command: list[str], port: int, environment: Mapping[str, str] | None = None
) -> Iterator[Started]:
    """Run a command until the block ends; enter it when the port accepts connections."""
    before = time.monotonic()
    process = subprocess.Popen(
        command,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_accepting(process, port)
        yield Started(port, process.pid, time.monotonic() - before)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=START_SECONDS)


def _wait_until_accepting(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with status {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.1):
            return
        time.sleep(0.005)
    raise TimeoutError(f"{process.args!r} does not accept on port {port}")


_NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log /dev/null;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000000; client_body_temp_path {folder};
  proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder};
  scgi_temp_path {folder};
  upstream api {{ server 127.0.0.1:{upstream}; keepalive 256; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{upstream} backlog=4096; default_type application/json; root {folder}/www;
    location / {{ try_files /body.json =404; }}
  }}
  server {{
    listen 127.0.0.1:{proxy} backlog=4096;
    location / {{
      proxy_pass http://api; proxy_http_version 1.1; proxy_set_header Connection "";
    }}
  }}
}}
"""


@contextlib.contextmanager
def nginx(folder: Path, body: bytes) -> Iterator[tuple[int, int]]:
    """Run nginx as the upstream that answers one body, and as the proxy in front of it.

    Yields:
        The upstream's port and the proxy's port.
    """
    upstream, proxy = free_port(), free_port()
    (folder / "www").mkdir(exist_ok=True)
    (folder / "www" / "body.json").write_bytes(body)
    configuration = folder / "nginx.conf"
    configuration.write_text(_NGINX.format(folder=folder, upstream=upstream, proxy=proxy))
    folder.chmod(0o755)
    with running(["nginx", "-c", str(configuration), "-e", "/dev/null"], proxy):
        yield upstream, proxy


@contextlib.contextmanager
def runtime(
    capability: Path, port: int, options: list[str], environment: Mapping[str, str]
) -> Iterator[Started]:
    """Run `naftiko serve`, its access log off."""
    command = [sys.executable, "-m", "naftiko_runtime", "serve", str(capability)]
    with running([*command, "--log-level", "warning", *options], port, environment) as started:
        yield started
