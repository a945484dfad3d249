"""Load from wrk, and what it measured."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field

_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent again and again.

    Attributes:
        url: Where to.
        body: What; a request that has one is a POST.
        headers: Its headers.
    """

    url: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def method(self) -> str:
        """Its method."""
        return "GET" if self.body is None else "POST"

    def script(self) -> str:
        """Return the Lua by which wrk sends it."""
        # A JSON string of ASCII without control characters is one of Lua, too.
        lines = [f"wrk.method = {json.dumps(self.method)}"]
        if self.body is not None:
            lines.append(f"wrk.body = {json.dumps(self.body.decode())}")
        for name, value in self.headers.items():
            lines.append(f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Load:
    """One measurement.

    Attributes:
        per_second: Answers per second.
        p50: The median latency, in seconds.
        p99: The 99th percentile of the latency, in seconds.
        answers: How many answers there were.
        errors: Answers with an error status, and socket errors.
    """

    per_second: float
    p50: float
    p99: float
    answers: int
    errors: int


def wrk(request: Request, connections: int, seconds: int) -> Load:
    """Send a request for some seconds, on one thread."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(request.script())
        script.flush()
        ran = subprocess.run(
            [*command, "-s", script.name, request.url], capture_output=True, text=True, check=True
        )
    return _read(ran.stdout)


def _read(text: str) -> Load:
    per_second = re.search(r"Requests/sec:\s+([\d.]+)", text)
    answers = re.search(r"(\d+) requests in ", text)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    sockets = re.search(r"connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    errors = int(refused[1]) if refused else 0
    errors += sum(map(int, sockets.groups())) if sockets else 0
    assert per_second is not None, text
    assert answers is not None, text
    p50, p99 = _latency(text, "50"), _latency(text, "99")
    return Load(float(per_second[1]), p50, p99, int(answers[1]), errors)


def _latency(text: str, percentile: str) -> float:
    found = re.search(rf"{percentile}%\s+([\d.]+)(us|ms|s|m)", text)
    assert found is not None, text
    return float(found[1]) * _UNITS[found[2]]
