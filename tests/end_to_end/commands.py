"""The project's commands, run as people run them: other processes, real ports."""

from __future__ import annotations

import base64
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import IO, Final, Protocol
from urllib.parse import quote

ROOT: Final = Path(__file__).parents[2]
MODELSYNC: Final = ROOT / "capabilities" / "modelsync.yaml"
POLYTOMIC: Final = "polytomic-subpackage-modelsync"
"""The namespace of the API that `MODELSYNC` consumes."""
PATIENCE_SECONDS: Final = 90

_REST: Final = re.compile(r"REST +(http://\S+)")
_MCP: Final = re.compile(r"MCP +(http://\S+/mcp)\b")
_SANDBOX: Final = re.compile(r"Polytomic sandbox: (.*)")
_NOT_INHERITED: Final = re.compile(r"(?i)naftiko_|otel_|polytomic_|\w+_proxy$")


class Process:
    """A command that is running.

    Args:
        popen: The process, its standard output a pipe.
        errors: The file that its standard error goes to.
    """

    def __init__(self, popen: subprocess.Popen[str], errors: IO[str]) -> None:
        self._popen = popen
        self._errors = errors
        self._lines: list[str] = []
        self._last_words: str | None = None
        assert popen.stdout is not None
        self._stdout = popen.stdout

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._popen.pid

    @property
    def stdout(self) -> str:
        """What was read from standard output so far: up to what was awaited last."""
        return "".join(self._lines)

    @property
    def stderr(self) -> str:
        """What it has written to standard error so far."""
        if self._last_words is not None:
            return self._last_words
        return Path(self._errors.name).read_text()

    def awaits(self, pattern: re.Pattern[str]) -> str:
        """Return the first group of a pattern once a line of standard output has it."""
        while True:
            line = self._stdout.readline()
            assert line, f"{pattern.pattern!r} was never printed:\n{self.stdout}\n{self.stderr}"
            self._lines.append(line)
            if found := pattern.search(line):
                return found[1]

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.signal(signal.SIGTERM)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._popen.send_signal(number)

    def wait(self) -> int:
        """Return the exit status; read all that it printed before."""
        self._lines.append(self._stdout.read())
        status = self._popen.wait()
        self._last_words = self.stderr
        return status


def until(condition: Callable[[], bool], process: Process) -> None:
    """Wait until a condition holds; show what the process said if it never does."""
    end = monotonic() + PATIENCE_SECONDS
    while not condition():
        assert monotonic() < end, process.stderr


@dataclass(frozen=True, slots=True)
class Served:
    """A capability that is being served.

    Attributes:
        rest: The base URL of its REST adapter.
        mcp: The URL of its MCP adapter.
        process: What serves it.
    """

    rest: str
    mcp: str
    process: Process


class Serve(Protocol):
    """Serves a capability for as long as a `with` block lasts."""

    def __call__(
        self, capability: Path, upstream: str, environment: Mapping[str, str], *options: str
    ) -> AbstractContextManager[Served]: ...


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the process's environment without what steers the project's commands, and these."""
    inherited = {k: v for k, v in os.environ.items() if not _NOT_INHERITED.match(k)}
    return {**inherited, **environment}


@contextmanager
def running(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[Process]:
    """Run a Python command of the project; end it when the block ends, if it still runs."""
    with (
        tempfile.NamedTemporaryFile("w") as errors,
        subprocess.Popen(
            [sys.executable, *command],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=ROOT,
            env=clean_environment(environment),
        ) as popen,
    ):
        try:
            yield Process(popen, errors)
            popen.terminate()
            popen.wait(PATIENCE_SECONDS)
        finally:
            popen.kill()


@contextmanager
def serving(
    capability: Path, upstream: str, environment: Mapping[str, str], *options: str
) -> Iterator[Served]:
    """Serve a capability on free ports; stop it with SIGTERM and see that it ends well.

    Args:
        capability: The file.
        upstream: Where the API is that it consumes: `NAMESPACE=URL`, as `--base-uri` takes it.
        environment: The capability's variables. None of these values may ever be printed.
        options: More options of `serve`.
    """
    with running(serve_command(capability, upstream, *options), environment) as process:
        yield Served(process.awaits(_REST), process.awaits(_MCP), process)
        process.terminate()
        assert process.wait() == 0, process.stderr
        output = process.stdout + process.stderr
    for value in environment.values():
        assert_no_secret(value, output)


@contextmanager
def running_sandbox(api_key: str) -> Iterator[str]:
    """Run a Polytomic sandbox that takes no other key while the block lasts; yields its URL."""
    command = [str(ROOT / "examples" / "polytomic_sandbox"), "--port", "0", "--api-key", api_key]
    with running(command, {}) as process:
        yield process.awaits(_SANDBOX)
        assert process.stderr == ""


def serve_command(capability: Path, upstream: str, *options: str) -> list[str]:
    """Return the arguments of Python that serve a capability on free ports."""
    ports = ["--rest-port", "0", "--mcp-port", "0"]
    command = ["-m", "naftiko_runtime", "serve", str(capability), "--base-uri", upstream]
    return [*command, *ports, *options]


def run_to_end(command: Sequence[str]) -> tuple[int, str, str]:
    """Run a Python command of the project; return its exit status, output and error output."""
    with running(command, {}) as process:
        status = process.wait()
        return status, process.stdout, process.stderr


def assert_no_secret(secret: str, text: str) -> None:
    """Check that a text holds a secret in no form."""
    for form in (secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode()):
        assert form not in text
