"""Callers that mean harm: one kind of attack on a listener, until it is ended.

python -m benchmarks.attackers NAME PORT MCP_PORT

Writes `ready` once the attack runs, and on SIGTERM how often it struck in a second. Attackers go
behind the load on their processor, and come from an address of loopback of their own.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

SOURCE: Final = "127.0.0.66"
_DRIP_SECONDS: Final = 0.5
_NICENESS: Final = 8
_OPENING: Final = 100
_RESET: Final = struct.pack("ii", 1, 0)
"""Of SO_LINGER: a connection is reset when it is closed, and its port is free at once."""

_GET: Final = b"GET /things/%d HTTP/1.1\r\nhost: localhost\r\n\r\n"
_PUT: Final = (
    b"PUT /things/1 HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
    b"content-length: %d\r\n\r\n"
)
_POST: Final = (
    b"POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
    b"accept: application/json, text/event-stream\r\nmcp-protocol-version: 2025-06-18\r\n"
    b"content-length: %d\r\n\r\n"
)
_STATUS: Final = b"HTTP/1.1 "


@dataclass(frozen=True, slots=True)
class Attack:
    """What is done, how often, and by how many connections at once.

    Attributes:
        payload: What is sent: once by a connection that drips, else again and again.
        per_second: How often all of them send it together; 0 for as soon as they are answered.
        connections: How many there are; one that is ended is opened anew.
        drip: What each sends every half second after that, so as not to be taken for dead.
        answers: How many answers a payload has.
        is_kept: Whether a connection stays as it is once it stands, and nothing is awaited.
        is_mcp: Whether it goes to the port of the MCP server.
    """

    payload: bytes = b""
    per_second: float = 0
    connections: int = 32
    drip: bytes = b""
    answers: int = 1
    is_kept: bool = False
    is_mcp: bool = False


def _with_length(head: bytes, body: bytes) -> bytes:
    return head % len(body) + body


def _records(number: int) -> bytes:
    """Return JSON as clients send it, of 79 bytes for each record."""
    return json.dumps([{"name": "x" * 50, "number": 7}] * number).encode()


def _batch(number: int) -> bytes:
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "get"}}
    return json.dumps([call] * number).encode()


ATTACKS: Final[dict[str, Callable[[], Attack]]] = {
    "nothing": lambda: Attack(connections=0),
    "10,000 idle connections": lambda: Attack(connections=10_000, is_kept=True),
    "1,000 slow heads": lambda: Attack(_GET[:-2] % 1, 0, 1000, b"x: 1\r\n", is_kept=True),
    "1,000 slow bodies": lambda: Attack(_PUT % 10_000 + b"[", 0, 1000, b"1,", is_kept=True),
    "connection churn": lambda: Attack(b"", 1000, answers=0),
    "malformed requests": lambda: Attack(b"GET /things/\x01 HTTP/1.1\r\n\r\n", 1000),
    "contradictory framing": lambda: Attack(
        (_PUT % 9)[:-2] + b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n", 1000
    ),
    "heads of 60 KB": lambda: Attack(_GET[:-2] % 1 + b"x: " + b"y" * 60_000 + b"\r\n\r\n", 200),
    "heads of 5,000 fields": lambda: Attack(_GET[:-2] % 1 + b"x: yyyy\r\n" * 5_000 + b"\r\n", 50),
    "2,000 requests at once": lambda: Attack(_GET.replace(b"things", b"n") % 1 * 2_000, 2, 4),
    "JSON of 60 KB": lambda: Attack(_with_length(_PUT, _records(750)), 50),
    "JSON of 5 MB": lambda: Attack(_with_length(_PUT, _records(65_000)), 1, 4),
    "broken JSON of 9 MB": lambda: Attack(_with_length(_PUT, b"[" + b"1," * 4_500_000), 1, 4),
    "nested JSON of 100 KB": lambda: Attack(_with_length(_PUT, b"[" * 50_000 + b"]" * 50_000), 200),
    "9 MB of small arrays": lambda: Attack(
        _with_length(_PUT, b"[" + b"[[1],[1]]," * 900_000 + b"1]"), 1, 4
    ),
    "bodies in chunks of a byte": lambda: Attack(
        (_PUT % 1).replace(b"content-length: 1", b"transfer-encoding: chunked")
        + b"1\r\n1\r\n" * 40_000
        + b"0\r\n\r\n",
        5,
    ),
    "MCP junk": lambda: Attack(_with_length(_POST, b'{"jsonrpc":"2.0","id":[]}'), 500, is_mcp=True),
    "MCP batches of 1,000": lambda: Attack(_with_length(_POST, _batch(1000)), 50, is_mcp=True),
    "MCP messages of 5 MB": lambda: Attack(
        _with_length(_POST, b'{"jsonrpc":"2.0","id":%b}' % _records(65_000)), 1, 4, is_mcp=True
    ),
    "unknown paths": lambda: Attack(_GET.replace(b"things", b"nothing") % 1, 1000),
    "greedy calls": lambda: Attack(_GET % 2),
}
"""By name, what makes an attack."""


@dataclass(slots=True)
class _Attacker:
    """One attack that runs.

    Attributes:
        attack: What is done.
        port: Where.
        strikes: How often it was done.
    """

    attack: Attack
    port: int
    strikes: int = 0
    opening: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_OPENING))
    _due: float = 0.0

    async def go_on(self) -> None:
        """Have one connection at all times."""
        while True:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._pace()
                async with self.opening:
                    reader, writer = await asyncio.open_connection(
                        "127.0.0.1", self.port, local_addr=(SOURCE, 0)
                    )
                taken = writer.get_extra_info("socket")
                taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                try:
                    await (self._keep if self.attack.is_kept else self._strike)(reader, writer)
                finally:
                    writer.transport.abort()

    async def _keep(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self.attack.payload)
        ended = asyncio.ensure_future(reader.read())
        await asyncio.sleep(random.random() * _DRIP_SECONDS)  # not all at the same time
        while not ended.done():
            writer.write(self.attack.drip)
            await asyncio.wait([ended], timeout=_DRIP_SECONDS if self.attack.drip else None)

    async def _strike(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            self.strikes += 1
            writer.write(self.attack.payload)
            left = self.attack.answers
            while left > 0:
                data = await reader.read(65536)
                left -= data.count(_STATUS)
                if not data:
                    return
            if not self.attack.answers:
                return
            await self._pace()

    async def _pace(self) -> None:
        """Wait until it is time to strike again."""
        if self.attack.per_second:
            now = monotonic()
            self._due = max(self._due + 1 / self.attack.per_second, now)
            await asyncio.sleep(self._due - now)


async def _run(attack: Attack, port: int) -> float:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    attacker = _Attacker(attack, port)
    tasks = [asyncio.create_task(attacker.go_on()) for _ in range(attack.connections)]
    began = monotonic()
    await asyncio.sleep(0)
    async with attacker.opening:  # those that wait for it go before
        print("ready", flush=True)
    await ended.wait()
    for one in tasks:
        one.cancel()
    return attacker.strikes / (monotonic() - began)


def main() -> None:
    """Attack."""
    name, port, mcp_port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    os.nice(_NICENESS)
    attack = ATTACKS[name]()
    print(asyncio.run(_run(attack, mcp_port if attack.is_mcp else port)), flush=True)


if __name__ == "__main__":
    main()
