"""What do other callers notice of an attack? Their p99 under each, against the p99 without.

python -m benchmarks.attack [--seconds 3] [--rounds 3] [--only WORD]

Eight callers ask at a steady rate that does not depend on the answers. Windows without and with an
attack take turns, so that both see the same machine; a latency counts from the moment at which a
request is due. The runtime has one processor for itself; load, upstream and attackers share
another, where attackers go behind the load: what they cost is what they cost the runtime.
The row `nothing` shows how much of a ratio is chance.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import os
import signal
import statistics
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final

from benchmarks.attackers import ATTACKS
from benchmarks.documents import body
from benchmarks.measuring import Finding, Table
from benchmarks.processes import Place, Started, generated, nginx

PER_SECOND: Final = 300
CALLERS: Final = 8
SETTLE_SECONDS: Final = 1.0
RATE: Final = "100/s"
"""What one address may do where there is a limit; the load comes from many."""

_REQUEST: Final = b"GET /things/1 HTTP/1.1\r\nhost: localhost\r\n\r\n"
_CAPABILITY: Final = """
naftiko: 1.0.0-alpha3
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://127.0.0.1:1
    resources:
    - path: /things/{id}
      name: thing
      operations:
      - {name: get, method: GET}
      - {name: put, method: PUT, body: {type: json}}
  exposes:
  - {type: rest, namespace: attacked-rest, port: 8080, resources: [
      {path: '/things/{id}', operations: [
        {method: GET, name: get, call: api.get}, {method: PUT, name: put, call: api.put}]}]}
  - {type: mcp, namespace: attacked-mcp, port: 9090, tools: [
      {name: get, description: Get, call: api.get}]}
"""


@dataclass(slots=True)
class Seen:
    """What callers saw in one window.

    Attributes:
        seconds: The latencies.
        errors: How many requests were not answered with a 200.
    """

    seconds: list[float] = field(default_factory=list)
    errors: int = 0


def _percentile(windows: list[Seen], percent: int) -> float:
    """Return the median of a percentile of the latency, in seconds."""
    return statistics.median(
        statistics.quantiles(one.seconds, n=100)[percent - 1] for one in windows
    )


class _Caller(asyncio.Protocol):
    """One connection that asks again and again."""

    def __init__(self, free: deque[_Caller], seen: Seen) -> None:
        self._free = free
        self._seen = seen
        self._asked = 0.0
        self._answer = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._free.append(self)

    def ask(self, due: float) -> None:
        self._asked, self._answer = due, b""
        self._transport.write(_REQUEST)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, _, content = self._answer.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if length and len(content) >= int(length):
            self._seen.seconds.append(perf_counter() - self._asked)
            self._seen.errors += not head.startswith(b"HTTP/1.1 200 ")
            self._free.append(self)

    def connection_lost(self, _: Exception | None) -> None:
        if self in self._free:
            self._free.remove(self)
        else:
            self._seen.errors += 1

    def leave(self) -> None:
        self._transport.abort()


async def _load(port: int, seconds: float, seen: Seen) -> None:
    """Ask at a steady rate for some time."""
    loop = asyncio.get_running_loop()
    free: deque[_Caller] = deque()
    for number in range(CALLERS):
        source = (f"127.0.1.{number + 1}", 0)
        await loop.create_connection(
            lambda: _Caller(free, seen), "127.0.0.1", port, local_addr=source
        )
    callers, due = list(free), deque[float]()
    begin = perf_counter()
    for number in range(int(seconds * PER_SECOND)):
        await asyncio.sleep(max(0.0, begin + number / PER_SECOND - perf_counter()))
        due.append(perf_counter())
        while due and free:
            free.popleft().ask(due.popleft())
    for _ in range(100):
        while due and free:
            free.popleft().ask(due.popleft())
        if len(free) == CALLERS:
            break
        await asyncio.sleep(0.05)
    seen.errors += len(due)
    for one in callers:
        one.leave()


@contextlib.contextmanager
def _attack(name: str, port: int, mcp_port: int, seen: list[float]) -> Iterator[None]:
    """Attack until the block ends; note how often in a second."""
    command = [sys.executable, "-m", "benchmarks.attackers", name, str(port), str(mcp_port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        process.stdout.readline()
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)
        seen.append(float(said or 0))


def _window(port: int, seconds: float) -> Seen:
    seen = Seen()
    gc.collect()
    gc.disable()
    try:
        asyncio.run(_load(port, seconds, seen))
    finally:
        gc.enable()
    return seen


def _row(
    name: str, attack: str, port: int, mcp_port: int, options: argparse.Namespace
) -> list[str]:
    usual, attacked, done = list[Seen](), list[Seen](), list[float]()
    for _ in range(options.rounds):
        usual.append(_window(port, options.seconds))
        with _attack(attack, port, mcp_port, done):
            asyncio.run(asyncio.sleep(SETTLE_SECONDS))
            attacked.append(_window(port, options.seconds))
        asyncio.run(asyncio.sleep(SETTLE_SECONDS))
    both = [_percentile(one, percent) for percent in (50, 99) for one in (usual, attacked)]
    return [
        name,
        f"{statistics.mean(done):,.0f}",
        *(f"{one * 1e3:.2f}" for one in both),
        f"{both[3] / both[2]:.2f}",
        str(sum(one.errors for one in (*usual, *attacked))),
    ]


@contextlib.contextmanager
def _on(processor: int) -> Iterator[None]:
    """Start what is started in the block on one processor."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {processor})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextlib.contextmanager
def _served(place: Place, processor: int, *more: str) -> Iterator[tuple[Started, int]]:
    with contextlib.ExitStack() as stack:
        with _on(processor):
            started, url = stack.enter_context(generated(place, _CAPABILITY, *more))
        yield started, int(url.rpartition(":")[2].removesuffix("/mcp"))


def question(options: argparse.Namespace) -> Finding:
    """Measure under each attack; under greedy calls also with a limit on the rate."""
    first, *others = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {*others} or {first})
    rows = []
    with nginx(body(2048)) as place:
        with _served(place, first) as (started, mcp_port):
            for name in ATTACKS:
                if options.only in name:
                    rows.append(_row(name, name, started.port, mcp_port, options))
                    print(rows[-1], file=sys.stderr, flush=True)
        with _served(place, first, "--rate-limit", RATE) as (started, mcp_port):
            name = f"greedy calls, --rate-limit {RATE}"
            if options.only in name:
                rows.append(_row(name, "greedy calls", started.port, mcp_port, options))
    columns = ("attack", "a second", "p50 ms", "attacked", "p99 ms", "attacked", "ratio", "errors")
    return Finding([Table(f"{PER_SECOND} calls a second, and an attack", columns, rows)])


def main() -> None:
    """Ask, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3, help="of one window")
    parser.add_argument("--rounds", type=int, default=3, help="of a window without and one with")
    parser.add_argument("--only", default="", help="attacks whose names contain this")
    print(question(parser.parse_args()))


if __name__ == "__main__":
    main()
