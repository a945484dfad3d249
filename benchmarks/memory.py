"""How much memory does the runtime keep, and how much more after many calls?

python -m benchmarks.memory [--seconds 5] [--calls 1000000]
"""

from __future__ import annotations

from benchmarks.command import answer
from benchmarks.documents import MANY, SEED_PATH, SEED_TOOL, body, capability, path
from benchmarks.load import Request, wrk
from benchmarks.mcp_requests import NEWEST, tools_call
from benchmarks.measuring import Effort, Finding, Table, check
from benchmarks.processes import Started, generated, nginx, seed

_CONNECTIONS = 32


def question(effort: Effort) -> Finding:
    """Measure after the start, and from some calls to many more."""
    with nginx(body(2048)) as place:
        with seed(place) as (started, url):
            route = Request(f"http://127.0.0.1:{started.port}{SEED_PATH}")
            check("naftiko REST", route)
            first = _megabytes(started)
            requests = [route, tools_call(url, NEWEST, SEED_TOOL)]
            _call(requests, effort, effort.calls // 10)  # pools and caches are full from then on
            warm = _megabytes(started)
            calls = _call(requests, effort, effort.calls)
            last = _megabytes(started)
        with generated(place, capability(MANY)) as (started, _):
            check("naftiko REST", Request(f"http://127.0.0.1:{started.port}{path()}"))
            many = _megabytes(started)
    rows = [
        ("the seed, after one call", f"{first:.1f}"),
        (f"the seed, after {effort.calls // 10:,} calls", f"{warm:.1f}"),
        (f"the seed, after {calls:,} more", f"{last:.1f}"),
        (f"{MANY} tools and routes, after one call", f"{many:.1f}"),
    ]
    figures = {"memory seed": first, "memory many": many}
    if effort.calls >= Effort().calls:
        figures["memory growth"] = last - warm
    return Finding([Table("Resident memory", ("what", "MB"), rows)], figures)


def _call(requests: list[Request], effort: Effort, number: int) -> int:
    """Send requests in turn until so many are answered; return how many were."""
    answered = 0
    while answered < number:
        for request in requests:
            answered += wrk(request, _CONNECTIONS, effort.seconds).answers
    return answered


def _megabytes(started: Started) -> float:
    return started.resident_bytes() / 1e6


if __name__ == "__main__":
    answer(__doc__, question)
