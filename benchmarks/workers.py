"""How much faster are two workers than one?

On a machine of two processors upstream and load take their share of both: then the ratio says more
about the machine than about the workers.

python -m benchmarks.workers [--seconds 5] [--rounds 3]
"""

from __future__ import annotations

import os

from benchmarks.command import answer
from benchmarks.documents import SEED_PATH, body
from benchmarks.load import Request
from benchmarks.measuring import CEILING, Effort, Finding, measure, table
from benchmarks.processes import nginx, seed

ONE, TWO = "naftiko, one process", "naftiko, two workers"
_NEEDED = 4
"""Processors for two workers, the upstream and the load."""


def question(effort: Effort) -> Finding:
    """Measure REST, 2 KB at 32 connections."""
    with (
        nginx(body(2048)) as place,
        seed(place) as (one, _),
        seed(place, "--workers", "2") as (two, _),
    ):
        contenders = {
            CEILING: Request(f"http://127.0.0.1:{place.proxy}{SEED_PATH}"),
            ONE: Request(f"http://127.0.0.1:{one.port}{SEED_PATH}"),
            TWO: Request(f"http://127.0.0.1:{two.port}{SEED_PATH}"),
        }
        results = measure(contenders, effort)
    finding = Finding(
        [table("Workers: REST, 2 KB, 32 connections", results)],
        {"workers": results[TWO].rate / results[ONE].rate},
    )
    processors = os.cpu_count() or 1
    if processors < _NEEDED:
        finding.notes.append(
            f"This machine has {processors} processors: workers, upstream and load share them."
        )
    return finding


if __name__ == "__main__":
    answer(__doc__, question)
