"""How fast does REST relay an answer as it is, against `nginx proxy_pass` in the same run?

python -m benchmarks.rest [--seconds 5] [--rounds 3]
"""

from __future__ import annotations

from benchmarks.command import answer
from benchmarks.documents import SEED_PATH, body
from benchmarks.load import Request
from benchmarks.measuring import CEILING, Effort, Finding, Measured, measure, table
from benchmarks.processes import Place, nginx, seed

OURS, DIRECT = "naftiko REST", "upstream, called directly"


def question(effort: Effort) -> Finding:
    """Measure 2 KB and 200 KB at 32 connections, and 2 KB at 128 and at one."""
    finding = Finding()
    with nginx(body(2048)) as place, seed(place) as (served, _):
        few = _measure(finding, "2 KB, 32 connections", effort, _three(place, served.port), 32)
        many = _measure(finding, "2 KB, 128 connections", effort, _three(place, served.port), 128)
        one = _measure(finding, "2 KB, one connection", effort, _three(place, served.port), 1)
    with nginx(body(200 * 1024)) as place, seed(place) as (served, _):
        large = _measure(finding, "200 KB, 32 connections", effort, _three(place, served.port), 32)
    finding.figures |= {
        "rest 2 KB": few[OURS].rate / few[CEILING].rate,
        "rest 200 KB": large[OURS].rate / large[CEILING].rate,
        "rest 128 connections": many[OURS].rate / few[OURS].rate,
        "rest one connection": (one[OURS].p50 - one[DIRECT].p50) * 1e3,
        "rest p99": many[OURS].p99 / many[CEILING].p99,
    }
    return finding


def _three(place: Place, port: int) -> dict[str, Request]:
    upstream_path = SEED_PATH.removeprefix("/v1")
    return {
        CEILING: Request(f"http://127.0.0.1:{place.proxy}{upstream_path}"),
        DIRECT: Request(f"http://127.0.0.1:{place.upstream}{upstream_path}"),
        OURS: Request(f"http://127.0.0.1:{port}{SEED_PATH}"),
    }


def _measure(
    finding: Finding, title: str, effort: Effort, contenders: dict[str, Request], connections: int
) -> dict[str, Measured]:
    results = measure(contenders, effort, connections)
    finding.tables.append(table(f"REST, passed on as it is: {title}", results))
    return results


if __name__ == "__main__":
    answer(__doc__, question)
