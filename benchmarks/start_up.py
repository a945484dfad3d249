"""How long until capabilities are served, and until commands that serve nothing have ended?

python -m benchmarks.start_up [--rounds 3]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.command import answer
from benchmarks.documents import MANY, SEED, SEED_ENVIRONMENT, capability
from benchmarks.measuring import Effort, Finding, Table

LARGE_BYTES = 1_800_000
_RUNS = 3
"""How many times a command is run in a round."""

_ENVIRONMENT = {**SEED_ENVIRONMENT, "PYTHONDONTWRITEBYTECODE": ""}
"""Sources are compiled once and not at every start, as wherever a package is installed."""

_SERVE = """
import sys, time
from naftiko_runtime.cli import main, serve
from naftiko_runtime.runtime import serving
print(time.monotonic(), flush=True)
sys.argv = ["naftiko", "serve", *sys.argv[1:]]
main.main()
"""
"""Imports first, tells when that is done, then serves. The clock is the same for all processes."""


_LOAD = """
import sys, time, yaml
text = open(sys.argv[1], "rb").read()
before = time.monotonic()
yaml.load(text, yaml.CSafeLoader)
print(time.monotonic() - before)
"""
"""What turning the same file into dictionaries takes: a yardstick for machines."""


def question(effort: Effort) -> Finding:
    """Measure `serve`, `--help` and `validate`."""
    with tempfile.TemporaryDirectory() as folder:
        large = Path(folder) / "large.yaml"
        large.write_text(capability(MANY, size=LARGE_BYTES))
        megabytes = f"{large.stat().st_size / 1e6:.1f} MB"
        contenders: dict[str, Callable[[], float]] = {
            "serve, the seed: ready after imports": lambda: _ready(SEED),
            f"serve, {megabytes}: ready after imports": lambda: _ready(large),
            f"PyYAML with libyaml, the same {megabytes}": lambda: _loaded(large),
            "naftiko --help": lambda: _ended("--help"),
            "naftiko validate, the seed": lambda: _ended("validate", str(SEED)),
        }
        seconds: dict[str, list[float]] = {name: [] for name in contenders}
        for _ in range(effort.rounds * _RUNS):
            for name, run in contenders.items():
                seconds[name].append(run())
    names = ("ready seed", "ready large", "load large", "help", "validate")
    medians = map(statistics.median, seconds.values())
    figures = dict(zip(names, medians, strict=True))
    figures["ready large of PyYAML"] = figures["ready large"] / figures["load large"]
    return Finding([_table(seconds)], figures)


def _ready(file: Path) -> float:
    """Return how long it takes from the imports to the banner."""
    command = [sys.executable, "-c", _SERVE, str(file), "--rest-port", "0", "--mcp-port", "0"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **_ENVIRONMENT},
    ) as process:
        assert process.stdout is not None
        imported = float(process.stdout.readline())
        banner = process.stdout.readline()
        ready = time.monotonic()
        process.terminate()
        assert banner.startswith("naftiko-runtime"), banner
    return ready - imported


def _loaded(file: Path) -> float:
    """Return how long PyYAML takes to load a file."""
    command = [sys.executable, "-c", _LOAD, str(file)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _ended(*words: str) -> float:
    command = [sys.executable, "-m", "naftiko_runtime", *words]
    before = time.monotonic()
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **_ENVIRONMENT})
    return time.monotonic() - before


def _table(seconds: dict[str, list[float]]) -> Table:
    rows = [
        (name, f"{statistics.median(each):.3f}", f"{min(each):.3f} to {max(each):.3f}")
        for name, each in seconds.items()
    ]
    return Table("Start-up", ("what", "s", "spread"), rows)


if __name__ == "__main__":
    answer(__doc__, question)
