"""MCP over standard input and output: section 9 of the behaviour."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import IO, Any

import pytest
from mcp import Client, StdioServerParameters
from mcp_types import TextContent, TextResourceContents

from naftiko_runtime.expose.mcp import stdio
from tests.expose.mcp.documents import SHIPS
from tests.expose.mcp.serving import VERSION
from tests.expose.mcp.wire import INITIALIZE, STATELESS
from tests.terminals import terminal

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-m", "tests.expose.mcp.stdio_process"]
PATIENCE = 60.0


def _parameters(*more: str) -> StdioServerParameters:
    command, *arguments = [*COMMAND, *more]
    return StdioServerParameters(command=command, args=arguments, cwd=ROOT, env={**os.environ})


@asynccontextmanager
async def _process(
    stdin: int | IO[bytes] = PIPE, command: Sequence[str] = COMMAND
) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdin=stdin, stdout=PIPE, stderr=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _ask(process: Process, message: Any) -> Any:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(message).encode() + b"\n")
    return json.loads(await asyncio.wait_for(process.stdout.readline(), PATIENCE))


@pytest.mark.parametrize("mode", ["legacy", "auto", STATELESS])
async def test_the_official_client_works_over_pipes(mode: str) -> None:
    async with Client(_parameters(), mode=mode, read_timeout_seconds=PATIENCE) as mcp:
        listed = (await mcp.list_tools()).tools
        assert [tool.name for tool in listed][:2] == ["list-ships", "get-ship"]
        got = await mcp.call_tool("get-ship", {"imo": "1"})
        assert got.structured_content == {"target": "/v1/ships/1"}


@pytest.mark.parametrize("mode", ["legacy", STATELESS])
async def test_resources_and_prompts_go_over_pipes_too(mode: str) -> None:
    async with Client(_parameters("--library"), mode=mode, read_timeout_seconds=PATIENCE) as mcp:
        assert len((await mcp.list_tools()).tools) == 5
        (contents,) = (await mcp.read_resource("docs://NOTES")).contents
        assert isinstance(contents, TextResourceContents)
        assert contents.text == "plain"
        got = await mcp.get_prompt("brief", {"topic": "tides"})
        assert isinstance(got.messages[0].content, TextContent)
        assert got.messages[0].content.text == "Be brief about tides."


async def test_nothing_is_told_of_changes_that_never_come() -> None:
    async with Client(_parameters("--library"), read_timeout_seconds=PATIENCE) as mcp:
        told = mcp.server_capabilities.model_dump(exclude_none=True)
    assert told["resources"] == {"list_changed": False, "subscribe": False}
    assert told["tools"] == told["prompts"] == {"list_changed": False}


async def test_a_process_ends_when_its_client_closes_the_pipe() -> None:
    async with _process() as process:
        began = await _ask(process, INITIALIZE)
        assert began["result"]["serverInfo"] == {"name": "ships", "version": VERSION}
        assert began["result"]["capabilities"] == {"tools": {"listChanged": False}}
        assert process.stdin is not None
        process.stdin.close()
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0


async def test_a_process_that_is_told_to_end_does_not_wait_for_its_client() -> None:
    async with _process() as process:
        await _ask(process, INITIALIZE)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
        assert process.stderr is not None
        assert (await process.stderr.read()).decode().endswith("ended\n")


async def test_a_message_over_the_limit_is_ignored() -> None:
    async with _process() as process:
        assert process.stdin is not None
        process.stdin.write(b'{"x": "' + b"x" * 200_000 + b'"}\n')
        assert (await _ask(process, INITIALIZE))["id"] == 1
        process.stdin.close()
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
        assert process.stderr is not None
        assert b"over the limit" in await process.stderr.read()


@pytest.mark.parametrize("pieces", [[250], [100, 150], [90, 20], [1000], [101]])
async def test_nothing_of_a_message_over_the_limit_is_taken_for_another(
    pieces: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    reader = asyncio.StreamReader(limit=100)

    async def feed() -> None:
        for size in pieces:
            reader.feed_data(b"x" * size)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        for piece in (b"{}\n", b'{"id": 1}\n', b'{"id": 2}'):
            reader.feed_data(piece)
            await asyncio.sleep(0)
        reader.feed_eof()

    feeding = asyncio.create_task(feed())
    assert [line async for line in stdio._read(reader)] == ['{"id": 1}\n', '{"id": 2}']
    await feeding
    assert len(caplog.records) == 1


async def test_a_file_can_be_the_input(tmp_path: Path) -> None:
    file = tmp_path / "requests.jsonl"
    file.write_text(json.dumps(INITIALIZE) + "\n")
    with file.open("rb") as requests:
        async with _process(requests) as process:
            stdout, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert json.loads(stdout)["result"]["serverInfo"]["name"] == "ships"


@contextmanager
def _one_socket() -> Iterator[tuple[socket.socket, socket.socket, Popen[bytes]]]:
    """Yield a client's socket, and that which is a process's input and output; it has begun."""
    here, there = socket.socketpair()
    here.settimeout(PATIENCE)
    with here, there:
        file = there.fileno()
        with Popen(COMMAND, cwd=ROOT, stdin=file, stdout=file, stderr=DEVNULL) as process:
            try:
                here.sendall(json.dumps(INITIALIZE).encode() + b"\n")
                with here.makefile("rb") as said:
                    assert b'"name":"ships"' in said.readline()
                yield here, there, process
            finally:
                process.kill()


def test_one_socket_can_be_input_and_output() -> None:
    with _one_socket() as (here, there, process):
        is_blocking = os.get_blocking(there.fileno())
        assert is_blocking, "else it could not be written to while the client reads slowly"
        here.close()
        assert process.wait(PATIENCE) == 0


def test_a_server_on_one_socket_ends_at_once_when_it_is_told_to() -> None:
    with _one_socket() as (_, _, process):
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


_IN_ITS_TERMINAL = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Runs a command in a session that the terminal on standard input controls."""


@pytest.mark.parametrize("key", [b"\x03", b"\x04"], ids=["ctrl-c", "ctrl-d"])
async def test_a_server_on_a_terminal_ends_at_once_when_it_is_told_to(
    tmp_path: Path, key: bytes
) -> None:
    file = tmp_path / "ships.yaml"
    file.write_text(SHIPS)
    served = [sys.executable, "-m", "naftiko_runtime", "serve", "--stdio", str(file)]
    command = [sys.executable, "-c", _IN_ITS_TERMINAL, *served]
    with terminal() as (person, theirs):
        async with _process(theirs, command) as process:
            os.write(person, json.dumps(INITIALIZE).encode() + b"\n")
            assert process.stdout is not None
            began = json.loads(await asyncio.wait_for(process.stdout.readline(), PATIENCE))
            assert began["result"]["serverInfo"]["name"] == "ships"
            os.write(person, key)
            assert await asyncio.wait_for(process.wait(), PATIENCE) == 0


async def test_a_terminal_stays_as_it_was() -> None:
    with terminal() as (_, theirs):
        async with stdio._lines(theirs, 100) as lines:
            assert lines is not None
            assert os.get_blocking(theirs)
        assert os.get_blocking(theirs)


async def test_a_terminal_that_has_no_name_here_is_read_like_a_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_name(_: int) -> str:
        raise OSError

    monkeypatch.setattr(os, "ttyname", no_name)
    with terminal() as (_, theirs):
        async with stdio._lines(theirs, 100) as lines:
            assert lines is None
