"""Capabilities that answer by themselves, on ports of their own."""

from __future__ import annotations

import random
import socket
from contextlib import suppress
from pathlib import Path
from typing import Final

_NEVER_OUTGOING: Final = range(12_000, 32_000)


def free_ports(number: int) -> list[int]:
    """Return ports that are free now, all different, on every address.

    The system takes none of them for outgoing connections, which could come in between.
    """
    taken: list[socket.socket] = []
    while len(taken) < number:
        with suppress(OSError):
            taken.append(socket.create_server(("", random.choice(_NEVER_OUTGOING))))
    ports = [one.getsockname()[1] for one in taken]
    for one in taken:
        one.close()
    return ports


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
