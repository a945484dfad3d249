"""The processes that a measurement needs: upstream, proxy, runtime, load."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from benchmarks.documents import SEED, SEED_ENVIRONMENT

START_SECONDS = 60.0


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
    command: list[str],
    port: int,
    environment: Mapping[str, str] | None = None,
    errors: IO[bytes] | int = subprocess.DEVNULL,
) -> Iterator[Started]:
    """Run a command until the block ends; enter it when the port accepts connections."""
    before = time.monotonic()
    process = subprocess.Popen(
        command,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=errors,
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


@dataclass(frozen=True, slots=True)
class Place:
    """Where a measurement takes place.

    Attributes:
        folder: For the files that it needs.
        upstream: The port of nginx as the API: it answers one body.
        proxy: The port of nginx as the proxy in front of it.
    """

    folder: Path
    upstream: int
    proxy: int


@contextlib.contextmanager
def nginx(body: bytes) -> Iterator[Place]:
    """Run nginx as the upstream that answers one body, and as the proxy in front of it."""
    with tempfile.TemporaryDirectory() as name:
        folder, upstream, proxy = Path(name), free_port(), free_port()
        (folder / "www").mkdir()
        (folder / "www" / "body.json").write_bytes(body)
        configuration = folder / "nginx.conf"
        configuration.write_text(_NGINX.format(folder=folder, upstream=upstream, proxy=proxy))
        folder.chmod(0o755)  # where nginx starts as root, its worker is somebody else
        with running(["nginx", "-c", str(configuration), "-e", "/dev/null"], proxy):
            yield Place(folder, upstream, proxy)


@contextlib.contextmanager
def seed(place: Place, *options: str) -> Iterator[tuple[Started, str]]:
    """Serve the Polytomic capability.

    Yields:
        The process, and the URL of its MCP server.
    """
    with _serve(place, SEED, options, SEED_ENVIRONMENT) as served:
        yield served


@contextlib.contextmanager
def generated(place: Place, text: str, *options: str) -> Iterator[tuple[Started, str]]:
    """Serve a capability.

    Args:
        place: Where.
        text: The document.
        options: More options of `serve`.

    Yields:
        The process, and the URL of its MCP server.
    """
    file = place.folder / f"capability-{free_port()}.yaml"
    file.write_text(text)
    with _serve(place, file, options, {}) as served:
        yield served


@contextlib.contextmanager
def runtime(
    capability: Path,
    port: int,
    options: Sequence[str],
    environment: Mapping[str, str],
    errors: IO[bytes] | int = subprocess.DEVNULL,
) -> Iterator[Started]:
    """Run `naftiko serve`, its access log off; enter when the port accepts connections."""
    command = [sys.executable, "-m", "naftiko_runtime", "serve", str(capability), *options]
    with running([*command, "--log-level", "warning"], port, environment, errors) as started:
        yield started


@contextlib.contextmanager
def _serve(
    place: Place, file: Path, options: Sequence[str], environment: Mapping[str, str]
) -> Iterator[tuple[Started, str]]:
    rest, mcp = free_port(), free_port()
    placed = ["--rest-port", str(rest), "--mcp-port", str(mcp)]
    placed += ["--base-uri", f"http://127.0.0.1:{place.upstream}"]
    with runtime(file, rest, [*options, *placed], environment) as started:
        yield started, f"http://127.0.0.1:{mcp}/mcp"
