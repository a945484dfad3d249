"""Load from wrk, and what it measured."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


@dataclass(frozen=True, slots=True)
class Load:
    """One measurement.

    Attributes:
        per_second: Answers per second.
        p50: The median latency, in seconds.
        p99: The 99th percentile of the latency, in seconds.
        errors: Answers with an error status, and socket errors.
    """

    per_second: float
    p50: float
    p99: float
    errors: int


def wrk(url: str, connections: int, seconds: int, script: Path | None = None) -> Load:
    """Load a URL for some seconds, on one thread."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    command += ["-s", str(script)] if script else []
    text = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    per_second = re.search(r"Requests/sec:\s+([\d.]+)", text)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    sockets = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+)", text)
    errors = int(refused[1]) if refused else 0
    errors += sum(map(int, sockets.groups())) if sockets else 0
    assert per_second is not None, text
    return Load(float(per_second[1]), _latency(text, "50"), _latency(text, "99"), errors)


def _latency(text: str, percentile: str) -> float:
    found = re.search(rf"{percentile}%\s+([\d.]+)(us|ms|s|m)", text)
    assert found is not None, text
    return float(found[1]) * _UNITS[found[2]]
