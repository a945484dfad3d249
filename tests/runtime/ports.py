"""Capabilities that answer by themselves, on ports of their own."""

from __future__ import annotations

import atexit
import random
import socket
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from itertools import cycle, islice
from pathlib import Path
from typing import Final

import pytest

_NEVER_OUTGOING: Final = range(12_000, 32_000)
_ROOM: Final = 200


def free_ports(number: int) -> list[int]:
    """Return ports that are free now, all different, on every address.

    No other process of tests is given them, be it of this run or of another, and the system takes
    none of them for outgoing connections: so they stay free until the test takes them, and are
    free again when it has given them back.
    """
    return [*islice(filter(_is_free, _ours()), number)]


@cache
def _ours() -> Iterator[int]:
    """Return the ports that are this process's alone, again and again.

    They are those above a port that it holds until it ends.
    """
    rooms = [*_NEVER_OUTGOING[::_ROOM]]
    random.shuffle(rooms)
    for first in rooms:
        held = socket.socket()
        with suppress(OSError):
            held.bind(("127.0.0.1", first))
            atexit.register(held.close)
            return cycle(range(first + 1, first + _ROOM))
        held.close()
    raise AssertionError("all ports are taken")


def _is_free(port: int) -> bool:
    with suppress(OSError), socket.create_server(("", port)):
        return True
    return False


def _has_ipv6() -> bool:
    with suppress(OSError), socket.create_server(("::1", 0), family=socket.AF_INET6):
        return True
    return False


needs_ipv6: Final = pytest.mark.skipif(not _has_ipv6(), reason="this machine has no IPv6")


def mock(name: str, answer: str, *, rest: int, mcp: int, head: str = "", address: str = "") -> str:
    """Return a document whose route `/NAME` and whose tool NAME answer a fixed text.

    Args:
        name: What everything in it is called.
        answer: The text; it may hold a template.
        rest: The port of its REST server.
        mcp: The port of its MCP server.
        head: More of the root, in lines.
        address: Where its REST server listens, if not on loopback.
    """
    where = f"address: {address}, " if address else ""
    return f"""\
naftiko: 1.0.0-alpha3
{head}
capability:
  exposes:
  - {{type: rest, namespace: {name}-rest, {where}port: {rest}, resources: [
      {{path: /{name}, operations: [{{method: GET, name: read, outputParameters: [
        {{name: text, type: string, value: '{answer}'}}]}}]}}]}}
  - {{type: mcp, namespace: {name}-mcp, port: {mcp}, tools: [
      {{name: {name}, description: Read, outputParameters: [
        {{name: text, type: string, value: '{answer}'}}]}}]}}
"""


def write(file: Path, text: str) -> Path:
    """Write a file and return it."""
    file.write_text(text)
    return file
