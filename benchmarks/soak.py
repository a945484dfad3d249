"""Does anything wear out? Mixed load, faults, reloads and restarts of upstream, for minutes.

python -m benchmarks.soak [--minutes 2] [--callers 16] [--idle 10000]

Upstream misbehaves where it is asked to, and then has to be told apart from success; every other
call has to succeed. Ends with status 1 if one did not, if a reload did not take effect, or if
something grows.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import random
import resource
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from benchmarks.processes import Started, free_port, runtime

RELOAD_SECONDS: Final = 3.0
RESTART_SECONDS: Final = 7.0
SAMPLE_SECONDS: Final = 1.0
SETTLE_SECONDS: Final = 30.0
EFFECT_SECONDS: Final = 10.0
AT_REST: Final = 50
"""How many descriptors a runtime may have that nobody calls, and how many tasks."""

MOST_GROWTH: Final = 24.0
"""How many megabytes of memory the second half of a run may add, beyond what noise is."""

_MCP_HEADERS: Final = {"accept": "application/json", "mcp-protocol-version": "2025-06-18"}
_CAPABILITY: Final = """
naftiko: 1.0.0-alpha3
info: {{label: 'Soak {generation}'}}
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://127.0.0.1:{upstream}
    x-resilience:
      timeouts: {{read: 2}}
      retries: {{attempts: 10, backoff: 50ms, maxBackoff: 1}}
      circuitBreaker: off
    resources:
    - path: /things/{{id}}
      name: thing
      operations:
      - {{name: get, method: GET}}
      - {{name: put, method: PUT, body: {{type: json}}}}
  exposes:
  - {{type: rest, namespace: soak-rest, port: {port}, resources: [
      {{path: '/things/{{id}}', operations: [
        {{method: GET, name: get, call: api.get}}, {{method: PUT, name: put, call: api.put}}]}}]}}
  - {{type: mcp, namespace: soak-mcp, port: {port}, tools: [
      {{name: get, description: 'Get, {generation}', call: api.get}}]}}
"""
_UPSTREAM: Final = """
import asyncio, sys

OK = b"HTTP/1.1 200 OK\\r\\ncontent-type: application/json\\r\\ncontent-length: %d\\r\\n\\r\\n%b"
FAULTS = {
    b"truncated": b"HTTP/1.1 200 OK\\r\\ncontent-length: 9\\r\\n\\r\\n{",
    b"no-http": b"hello\\r\\n\\r\\n",
    b"large": b"HTTP/1.1 200 OK\\r\\ncontent-length: 99999999999\\r\\n\\r\\n",
}

async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\\r\\n\\r\\n")
            length = head.lower().partition(b"content-length: ")[2].partition(b"\\r\\n")[0]
            await reader.readexactly(int(length or 0))
            last = head.split(b" ")[1].rpartition(b"/")[2]
            if last == b"stalls":
                await reader.read(1)
                break
            if last in FAULTS:
                writer.write(FAULTS[last])
                break
            body = b'{"id":"%b"}' % last
            writer.write(OK % (len(body), body))
            await writer.drain()
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()

async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]), backlog=1024)
    await server.serve_forever()

asyncio.run(main())
"""


@dataclass(slots=True)
class Tally:
    """What was seen.

    Attributes:
        kinds: How often each kind of call was answered as it has to be.
        errors: What was answered otherwise.
        samples: Megabytes, descriptors, threads and tasks, over time.
    """

    kinds: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    samples: list[tuple[float, int, int, int]] = field(default_factory=list)


@dataclass(slots=True)
class Soak:
    """One run.

    Attributes:
        port: Where the runtime serves.
        until: When it ends, by the monotonic clock.
        tally: What was seen.
        is_over: Set when the last caller has its last answer.
    """

    port: int
    until: float
    tally: Tally
    is_over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def goes_on(self) -> bool:
        """Whether it is not over."""
        return time.monotonic() < self.until

    async def call(self, client: httpx.AsyncClient) -> None:
        """Make calls of all kinds, one after the other."""
        usual = (self._get, self._get, self._put, self._tool, self._tool)
        kinds = (*usual, self._put_large, self._fault, self._leave)
        while self.goes_on:
            kind = random.choice(kinds)
            try:
                problem = await kind(client)
            except httpx.HTTPError as error:
                problem = type(error).__name__
            name = kind.__name__.removeprefix("_")
            if problem:
                self.tally.errors[f"{name}: {problem}"] += 1
            else:
                self.tally.kinds[name] += 1

    async def _get(self, client: httpx.AsyncClient) -> str:
        thing = str(random.randrange(10**9))
        response = await client.get(f"/things/{thing}")
        return "" if response.status_code == 200 and thing in response.text else _short(response)

    async def _put(self, client: httpx.AsyncClient) -> str:
        body = {"text": "x" * random.randrange(20_000)}
        response = await client.put("/things/1", json=body)
        return "" if response.status_code == 200 else _short(response)

    async def _put_large(self, client: httpx.AsyncClient) -> str:
        """Put what another process answers, which each reload replaces."""
        body = {"text": "x" * random.randrange(300_000, 1_000_000)}
        response = await client.put("/things/1", json=body)
        return "" if response.status_code == 200 else _short(response)

    async def _tool(self, client: httpx.AsyncClient) -> str:
        params = {"name": "get", "arguments": {"id": "1"}}
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        response = await client.post("/mcp", json=message, headers=_MCP_HEADERS)
        is_success = response.status_code == 200 and '"isError":false' in response.text
        return "" if is_success else _short(response)

    async def _fault(self, client: httpx.AsyncClient) -> str:
        fault = random.choice(("truncated", "no-http", "large"))
        response = await client.get(f"/things/{fault}")
        return "" if response.status_code == 502 else _short(response)

    async def _leave(self, client: httpx.AsyncClient) -> str:
        """Ask for what takes for ever, and go; a client that is shared can not."""
        del client
        writer = (await asyncio.open_connection("127.0.0.1", self.port))[1]
        writer.write(b"GET /things/stalls HTTP/1.1\r\nhost: localhost\r\n\r\n")
        await asyncio.sleep(random.random() / 10)
        writer.transport.abort()
        return ""


def _short(response: httpx.Response) -> str:
    return f"{response.status_code} {response.text[:200]}"


@contextmanager
def _rlimit() -> Iterator[int]:
    """Allow as many descriptors as may be; yield how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        yield hard
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def _call(soak: Soak, client: httpx.AsyncClient, callers: int) -> None:
    """Have callers make calls; what they call has to be there until all are answered."""
    await asyncio.gather(*(soak.call(client) for _ in range(callers)))
    soak.is_over.set()


async def _restart_upstream(soak: Soak, script: Path, port: int) -> None:
    """Run upstream, and now and then end it and start it again."""
    command = (sys.executable, str(script), str(port))
    while not soak.is_over.is_set():
        process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
        with suppress(TimeoutError):
            await asyncio.wait_for(soak.is_over.wait(), RESTART_SECONDS)
        process.kill()
        await process.wait()
        soak.tally.kinds["restarts of upstream"] += 1


async def _reload(
    soak: Soak, client: httpx.AsyncClient, started: Started, write: Callable[[], int]
) -> None:
    while soak.goes_on:
        await asyncio.sleep(RELOAD_SECONDS)
        generation = write()
        os.kill(started.pid, signal.SIGHUP)
        if await _is_reached(client, f"Get, {generation}"):
            soak.tally.kinds["reloads that took effect"] += 1
        else:
            soak.tally.errors["reload: without effect"] += 1


async def _is_reached(client: httpx.AsyncClient, description: str) -> bool:
    """Wait until the tool is described so; return whether it ever is."""
    until = time.monotonic() + EFFECT_SECONDS
    while time.monotonic() < until:
        if await _described(client) == description:
            return True
        await asyncio.sleep(EFFECT_SECONDS / 100)
    return False


async def _described(client: httpx.AsyncClient) -> str:
    """Return what the tool is described as."""
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    response = await client.post("/mcp", json=message, headers=_MCP_HEADERS)
    return str(response.json()["result"]["tools"][0]["description"])


async def _sample(soak: Soak, started: Started, log: Path) -> None:
    while soak.goes_on:
        await asyncio.sleep(SAMPLE_SECONDS)
        megabytes = started.resident_bytes() / 1e6
        tasks = await _tasks(started, log)
        soak.tally.samples.append((megabytes, _descriptors(started), _threads(started), tasks))


async def _tasks(started: Started, log: Path) -> int:
    """Ask the runtime how many tasks there are."""
    before = len(_told(log))
    os.kill(started.pid, signal.SIGUSR1)
    until = time.monotonic() + EFFECT_SECONDS
    while time.monotonic() < until:
        told = _told(log)[before:]
        if told:
            return told[0]
        await asyncio.sleep(EFFECT_SECONDS / 100)
    raise TimeoutError("the runtime does not say how many tasks there are")


def _told(log: Path) -> list[int]:
    """Return the numbers of tasks that the runtime has told of."""
    lines = map(json.loads, log.read_text().splitlines())
    return [one["fields"]["tasks"] for one in lines if "tasks" in one.get("fields", {})]


async def _idle(port: int, number: int) -> list[asyncio.StreamWriter]:
    writers = []
    for _ in range(number):
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writers.append(writer)
    return writers


async def _run(options: argparse.Namespace, folder: Path) -> Tally:
    upstream, port = free_port(), free_port()
    script, file, log = folder / "upstream.py", folder / "soak.yaml", folder / "log"
    script.write_text(_UPSTREAM)
    generations = itertools.count()

    def write() -> int:
        generation = next(generations)
        text = _CAPABILITY.format(generation=generation, upstream=upstream, port=port)
        new = folder / "soak.new"
        new.write_text(text)
        new.replace(file)
        return generation

    write()
    tally = Tally()
    patient = ["--idle-timeout", "3600", "--head-timeout", "3600", "--log-format", "json"]
    with log.open("wb") as errors, runtime(file, port, patient, {}, errors) as started:
        idle = await _idle(port, options.idle)
        soak = Soak(port, time.monotonic() + options.minutes * 60, tally)
        limits = httpx.Limits(max_connections=options.callers)
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", timeout=30, limits=limits, trust_env=False
        ) as client:
            await asyncio.gather(
                _call(soak, client, options.callers),
                _restart_upstream(soak, script, upstream),
                _reload(soak, client, started, write),
                _sample(soak, started, log),
            )
        tally.kinds["idle connections"] = len(idle)
        for writer in idle:
            writer.transport.abort()
        await _settle(started, tally, log)
    return tally


async def _settle(started: Started, tally: Tally, log: Path) -> None:
    """See that nothing is left of the callers."""
    until = time.monotonic() + SETTLE_SECONDS
    left = _descriptors(started)
    while left > AT_REST and time.monotonic() < until:
        await asyncio.sleep(SAMPLE_SECONDS)
        left = _descriptors(started)
    tasks = await _tasks(started, log)
    print(f"descriptors at rest: {left}, tasks: {tasks}")
    if max(left, tasks) > AT_REST:
        tally.errors["descriptors or tasks left"] = max(left, tasks)


def _descriptors(started: Started) -> int:
    return len(list(Path(f"/proc/{started.pid}/fd").iterdir()))


def _threads(started: Started) -> int:
    return len(list(Path(f"/proc/{started.pid}/task").iterdir()))


def _growth(tally: Tally) -> float:
    """Return the megabytes that the last quarter of a run has above the second."""
    memory = [one[0] for one in tally.samples]
    quarter = max(1, len(memory) // 4)
    return statistics.median(memory[-quarter:]) - statistics.median(memory[quarter : 2 * quarter])


def main() -> int:
    """Run, and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--callers", type=int, default=16)
    parser.add_argument("--idle", type=int, default=10_000)
    options = parser.parse_args()
    with _rlimit() as most, tempfile.TemporaryDirectory() as folder:
        options.idle = min(options.idle, most // 2)
        tally = asyncio.run(_run(options, Path(folder)))
    for name, number in sorted(tally.kinds.items()):
        print(f"{name}: {number}")
    growth = _growth(tally)
    print(f"memory: {tally.samples[-1][0]:.0f} MB, {growth:+.1f} MB from the second quarter on")
    print(f"descriptors: {max(one[1] for one in tally.samples)} at most")
    print(f"threads: {max(one[2] for one in tally.samples)} at most")
    print(f"tasks: {max(one[3] for one in tally.samples)} at most")
    print(f"errors that were not injected: {tally.errors.total()}")
    for name, number in tally.errors.most_common(20):
        print(f"  {number} x {name}")
    return 1 if tally.errors or growth > MOST_GROWTH else 0


if __name__ == "__main__":
    sys.exit(main())
