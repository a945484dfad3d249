"""All questions, one after the other; what was found goes to benchmarks/RESULTS.md.

python -m benchmarks.run [--seconds 5] [--rounds 3] [--calls 1000000]
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Final

from benchmarks import floor, many, mcp_calls, memory, peers, rest, shaped, start_up, workers
from benchmarks.command import effort
from benchmarks.measuring import Effort, Finding, Table
from benchmarks.targets import TARGETS

RESULTS: Final = Path(__file__).parent / "RESULTS.md"
_QUESTIONS: Final = (rest, floor, shaped, mcp_calls, many, start_up, memory, workers, peers)
_PACKAGES: Final = (
    *("naftiko-runtime", "uvicorn", "uvloop", "httptools", "starlette", "mcp", "orjson", "httpx"),
)


def main() -> None:
    """Ask all questions, and write down what was found; end with 1 if one had no answer."""
    asked = effort(__doc__)
    machine = [*_machine(), _effort(asked)]
    findings: list[Finding] = []
    failed: list[str] = []
    for one in _QUESTIONS:
        name = one.__name__.rpartition(".")[2]
        print(f"{name} ...", file=sys.stderr, flush=True)
        try:
            findings.append(one.question(asked))
        except Exception as error:  # noqa: BLE001 - the others took long, and count as they are
            failed.append(name)
            findings.append(Finding(notes=[f"`{name}` failed: {error!r}"]))
        print(f"\n{findings[-1]}\n", flush=True)
    RESULTS.write_text("\n\n".join(_page(findings, machine)) + "\n")
    print(_targets(findings))
    if failed:
        raise SystemExit(f"without an answer: {', '.join(failed)}")


def _page(findings: list[Finding], about: list[str]) -> Iterator[str]:
    yield "# Results"
    yield "Written by `make bench`: see [how it is measured](README.md)."
    yield "\n".join(f"- {line}" for line in about)
    yield "## Targets"
    yield str(_targets(findings))
    yield "## Measurements"
    yield from map(str, findings)


def _targets(findings: list[Finding]) -> Table:
    figures = {name: figure for one in findings for name, figure in one.figures.items()}
    columns = ("what", "target", "stretch", "measured", "verdict")
    return Table("What is to be reached", columns, [one.cells(figures) for one in TARGETS])


def _effort(asked: Effort) -> str:
    each = f"{asked.rounds} rounds of {asked.seconds} s for each contender, medians"
    return f"{each}; memory over {asked.calls:,} calls"


def _machine() -> Iterator[str]:
    yield time.strftime("%Y-%m-%d, %H:%M UTC", time.gmtime())
    yield f"{platform.system()} {platform.release()}, {_processor()}, {os.cpu_count()} processors"
    load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
    yield f"{platform.python_implementation()} {platform.python_version()}; load before: {load}"
    yield ", ".join(f"{one} {version(one)}" for one in _PACKAGES)
    yield f"{_said('nginx', '-v')}; {_said('wrk', '-v')}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _said(*command: str) -> str:
    """Return the first line that a command says of itself, on either output."""
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    return (ran.stderr or ran.stdout).splitlines()[0].strip()


if __name__ == "__main__":
    main()
