"""Serve the Polytomic capability against a Polytomic that runs on this machine.

Starts the sandbox of `examples/polytomic_sandbox` on a free port, then `naftiko serve` with its
base URI. Nothing leaves the machine, and no account is needed. Ends both when it is told to stop.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
CAPABILITY = "capabilities/modelsync.yaml"
NAMESPACE = "polytomic-subpackage-modelsync"
API_KEY = "sandbox-key"
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SECONDS_TO_END = 35  # the runtime gives running calls 30

TRY_IT = """
  Try it:
    curl '{rest}/v1/api/syncs?limit=3'
    curl '{rest}/v1/api/syncs/schedules'
    curl '{mcp}' -H 'content-type: application/json' \\
      -H 'accept: application/json, text/event-stream' \\
      -d '{{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}}'

  Stop with Ctrl-C.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until the runtime ends by itself, or a signal comes; return the exit status."""
    options = _options(arguments)
    for one in ENDING_SIGNALS:
        signal.signal(one, _end)
    with _sandbox() as url, _runtime(url, options) as runtime:
        _relay(runtime)
        return runtime.wait()


def _options(arguments: Sequence[str] | None) -> list[str]:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rest-port", default="8080", help="0 takes a free one (8080)")
    parser.add_argument("--mcp-port", default="9090", help="0 takes a free one (9090)")
    given = parser.parse_args(arguments)
    return ["--rest-port", given.rest_port, "--mcp-port", given.mcp_port]


def _end(number: int, frame: FrameType | None) -> None:
    """End once: what the signal interrupts unwinds, and with it both processes."""
    del number, frame
    for one in ENDING_SIGNALS:
        signal.signal(one, signal.SIG_IGN)
    raise SystemExit(0)


@contextmanager
def _sandbox() -> Iterator[str]:
    command = [sys.executable, "examples/polytomic_sandbox", "--port", "0", "--api-key", API_KEY]
    with _process(command, {}) as sandbox:
        assert sandbox.stdout
        ready = sandbox.stdout.readline()
        if not ready:
            raise SystemExit("the sandbox did not start")
        print(ready, flush=True)
        yield ready.split()[-1]


@contextmanager
def _runtime(sandbox: str, options: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "naftiko_runtime", "serve", CAPABILITY]
    command += ["--base-uri", f"{NAMESPACE}={sandbox}", *options]
    with _process(command, {"POLYTOMIC_API_KEY": API_KEY}) as runtime:
        yield runtime


@contextmanager
def _process(
    command: Sequence[str], variables: Mapping[str, str]
) -> Iterator[subprocess.Popen[str]]:
    """Run a process out of the terminal's reach, so that the order of the end is decided here."""
    environment = {**os.environ, **variables}
    with subprocess.Popen(  # noqa: S603 - the two commands above
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                process.kill()


def _relay(runtime: subprocess.Popen[str]) -> None:
    """Show what the runtime prints; once it has named its addresses, show what to try there."""
    assert runtime.stdout
    urls: dict[str, str] = {}
    for line in runtime.stdout:
        print(line, end="", flush=True)
        kind, _, rest = line.strip().partition(" ")
        if kind in ("REST", "MCP") and kind not in urls:
            urls[kind] = rest.split()[0]
            if len(urls) == 2:
                print(TRY_IT.format(rest=urls["REST"], mcp=urls["MCP"]), flush=True)


if __name__ == "__main__":
    sys.exit(main())
