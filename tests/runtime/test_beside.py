"""A process beside this one: what it is told, and that nobody waits for it for ever."""

from __future__ import annotations

import asyncio
import errno
import os
import pickle
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

import pytest

from naftiko_runtime.expose.listener_plan import Key
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.runtime import beside
from naftiko_runtime.runtime.beside import Beside, NotStarted, Order
from naftiko_runtime.runtime.handing import request_file
from naftiko_runtime.settings import ServeSettings
from tests.runtime.caller import KEY
from tests.runtime.lines import Connected, Line, connection, no_descriptor_left, socketpair, turns

if TYPE_CHECKING:
    from asyncio.subprocess import Process

OTHER_KEY = ("127.0.0.1", 8081, "")


class Other:
    """A process, as asyncio shows it; what it reads has ended when a test asks."""

    pid = 4_000_000

    def __init__(self) -> None:
        self.stdin = self.stdout = self
        self.read = b""
        self.says = asyncio.StreamReader()
        self.passed: list[int] = []
        self.closed = False
        self.is_gone = False
        self.signals: list[int] = []
        self._status: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def write(self, data: bytes) -> None:
        self.read += data

    def close(self) -> None:
        self.closed = True

    async def readline(self) -> bytes:
        return await self.says.readline()

    def send_signal(self, number: int) -> None:
        if self.is_gone:
            raise ProcessLookupError
        self.signals.append(number)

    async def wait(self) -> int:
        return await asyncio.shield(self._status)

    def hears(self) -> bytes:
        """Close its lines; return what came on the first."""
        ends = [socket.socket(fileno=one) for one in self.passed]
        heard = ends[0].recv(10)
        for one in ends:
            one.close()
        return heard

    def ends(self, status: int) -> None:
        """End."""
        self.is_gone = True
        self._status.set_result(status)


@pytest.fixture
async def other() -> Other:
    return Other()


@pytest.fixture
def line() -> Iterator[Line]:
    with socketpair() as ends:
        yield Line(*ends)


def started(other: Other, line: Line) -> Beside:
    return Beside(cast("Process", other), {KEY: line.here})


async def _take(process: Beside, connected: Connected) -> bool:
    with request_file() as file:
        return await process.take(KEY, connected.transport, file)


def test_an_order_is_read_as_it_was_packed() -> None:
    load = LoadOptions(
        environment=MappingProxyType({"A": "1"}),
        variables=MappingProxyType({"B": "2"}),
        base_uris=MappingProxyType({"c": "https://c.example"}),
    )
    order = Order([Path("a.yaml")], ServeSettings(load=load), b"nonce", {KEY: 7})
    packed = order.pack()
    assert int.from_bytes(packed[:8]) == len(packed) - 8
    assert pickle.loads(packed[8:]) == order


def test_an_order_does_not_show_what_nonces_are_signed_with() -> None:
    assert "s3cret" not in repr(Order([], ServeSettings(), b"s3cret", {}))


async def test_a_connection_is_taken(other: Other, line: Line) -> None:
    process = started(other, line)
    async with connection() as connected:
        assert await _take(process, connected)
    assert line.there.recv(10) == b"."


async def test_a_connection_to_another_listener_is_not_taken(other: Other, line: Line) -> None:
    process = Beside(cast("Process", other), {})
    async with connection() as connected:
        assert not await _take(process, connected)


async def test_without_the_process_nothing_is_taken(other: Other, line: Line) -> None:
    process = started(other, line)
    line.there.close()
    async with connection() as connected:
        assert not await _take(process, connected)
        assert not connected.transport.is_closing()


async def test_a_process_that_takes_nothing_is_not_waited_for_for_ever(
    other: Other, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "_ROOM_SECONDS", 0.001)
    process = started(other, line)
    line.fill()
    async with connection() as connected:
        with no_descriptor_left():
            taken = await asyncio.gather(*(_take(process, connected) for _ in range(3)))
            assert taken == [False] * 3
        line.drain()
        assert await _take(process, connected)


async def test_all_that_wait_for_room_are_taken_when_there_is_some(
    other: Other, line: Line
) -> None:
    process = started(other, line)
    line.fill()
    async with connection() as connected:
        taking = asyncio.gather(*(_take(process, connected) for _ in range(3)))
        await turns(5)
        assert not taking.done()
        line.drain()
        assert await taking == [True] * 3


async def test_a_process_that_is_to_end_gets_what_waits_for_room_before(
    other: Other, line: Line
) -> None:
    process = started(other, line)
    line.fill()
    async with connection() as connected:
        taking = asyncio.create_task(_take(process, connected))
        await turns(5)
        ending = asyncio.create_task(process.end())
        await turns(5)
        assert not other.closed
        line.drain()
        assert await taking
        await turns(5)
        assert not await _take(process, connected), "the line is closed"
    assert line.there.recv(10) == b"."
    assert line.there.recv(10) == b""
    assert other.closed
    assert not ending.done()
    other.ends(0)
    await ending


async def test_a_process_that_does_not_end_in_time_is_killed(
    other: Other, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "GRACE_SECONDS", 0.001)
    monkeypatch.setattr(beside, "_SPARE_SECONDS", 0)
    killed = []

    def kill(pid: int, number: int) -> None:
        killed.append((pid, number))
        other.ends(-number)

    monkeypatch.setattr(os, "kill", kill)
    await started(other, line).end()
    assert killed == [(other.pid, signal.SIGKILL)]


async def test_a_process_that_is_gone_already_can_be_killed(
    other: Other, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(_pid: int, _number: int) -> None:
        raise ProcessLookupError

    monkeypatch.setattr(os, "kill", kill)
    other.ends(3)
    process = started(other, line)
    await process.kill()
    assert await process.wait() == 3
    assert line.here.fileno() == -1


async def test_a_process_is_asked_what_runs_there(other: Other, line: Line) -> None:
    process = started(other, line)
    process.tell()
    other.is_gone = True
    process.tell()
    assert (other.signals, process.pid) == ([signal.SIGUSR1], other.pid)


@pytest.fixture
def _starts(other: Other, monkeypatch: pytest.MonkeyPatch) -> None:
    async def start(*_command: str, pass_fds: tuple[int, ...], **_: object) -> Other:
        other.passed = [os.dup(one) for one in pass_fds]
        return other

    monkeypatch.setattr(asyncio, "create_subprocess_exec", start)


async def _start(*keys: Key) -> tuple[Beside, str]:
    return await beside.start([Path("a.yaml")], ServeSettings(), b"nonce", keys)


@pytest.mark.usefixtures("_starts")
async def test_a_process_is_told_what_to_serve_and_says_what_it_serves(other: Other) -> None:
    other.says.feed_data(b"state\n")
    with no_descriptor_left():
        process, state = await _start(KEY, OTHER_KEY)
        order = pickle.loads(other.read[8:])
        assert (order.paths, order.nonce_key, list(order.ends)) == (
            [Path("a.yaml")],
            b"nonce",
            [KEY, OTHER_KEY],
        )
        assert state == "state"
        async with connection() as connected:
            assert await _take(process, connected)
        assert other.hears() == b"."
        other.ends(0)
        await process.end()


@pytest.mark.usefixtures("_starts")
async def test_a_process_that_ends_before_it_serves_has_not_started(other: Other) -> None:
    other.says.feed_eof()
    other.ends(1)
    with no_descriptor_left():
        with pytest.raises(NotStarted, match="it could not start"):
            await _start(KEY)
        other.hears()


@pytest.mark.usefixtures("_starts")
async def test_a_start_that_is_given_up_leaves_no_process(
    other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "kill", lambda _pid, number: other.ends(-number))
    with no_descriptor_left():
        starting = asyncio.create_task(_start(KEY))
        await turns()
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
        other.hears()
    assert other.is_gone
    assert other.closed


async def test_without_a_process_its_lines_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    monkeypatch.setattr(asyncio, "create_subprocess_exec", fail)
    with no_descriptor_left(), pytest.raises(OSError, match="allocate"):
        await _start(KEY, OTHER_KEY)
