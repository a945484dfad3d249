"""Capabilities that answer by themselves, on ports of their own."""

from __future__ import annotations

import socket
from pathlib import Path


def free_ports(number: int) -> list[int]:
    """Return ports that are free at this moment."""
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
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
