"""Accepting connections: as many as wait, and none while the system has none to give."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import pytest

from naftiko_runtime.runtime import accepting
from naftiko_runtime.runtime.accepting import AT_ONCE_OF_MANY, Acceptor, connect


@dataclass(slots=True)
class Accepted:
    """What was accepted."""

    transports: list[asyncio.Transport] = field(default_factory=list)

    def protocol(self) -> asyncio.Protocol:
        """Return what serves a connection: it waits for its end."""
        accepted = self

        class One(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                assert isinstance(transport, asyncio.Transport)
                accepted.transports.append(transport)

        return One()

    async def close(self) -> None:
        """Close every connection."""
        for one in self.transports:
            one.close()
        await _turns(2)


class Scarce(socket.socket):
    """A socket whose system has no descriptors, for as long as it says so."""

    has_none = True

    def accept(self) -> tuple[socket.socket, object]:
        if self.has_none:
            raise OSError(errno.EMFILE, "Too many open files")
        return super().accept()


@contextmanager
def _listening(kind: type[socket.socket] = socket.socket) -> Iterator[socket.socket]:
    with kind(socket.AF_INET, socket.SOCK_STREAM) as one:
        one.bind(("127.0.0.1", 0))
        one.listen(128)
        one.setblocking(False)
        yield one


async def _turns(number: int) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def test_all_that_wait_are_accepted_together() -> None:
    accepted = Accepted()
    with _listening() as listening, ExitStack() as callers:
        for _ in range(50):
            callers.enter_context(socket.create_connection(listening.getsockname()))
        acceptor = Acceptor(listening, accepted.protocol)
        await _turns(4)  # to see that they wait, to take them, and to make their transports
        assert len(accepted.transports) == 50
        acceptor.close()
        await acceptor.wait_closed()
        await accepted.close()


async def test_processes_that_share_a_socket_leave_each_other_some() -> None:
    first, second = Accepted(), Accepted()
    with _listening() as listening, listening.dup() as same, ExitStack() as callers:
        for _ in range(40):
            callers.enter_context(socket.create_connection(listening.getsockname()))
        acceptors = [
            Acceptor(listening, first.protocol, AT_ONCE_OF_MANY),
            Acceptor(same, second.protocol, AT_ONCE_OF_MANY),
        ]
        async with asyncio.timeout(60):
            while len(first.transports) + len(second.transports) < 40:
                await _turns(1)
        assert len(first.transports) == len(second.transports)
        for one in acceptors:
            one.close()
            await one.wait_closed()
        await first.close()
        await second.close()


async def test_what_is_written_goes_out_at_once() -> None:
    accepted = Accepted()
    with _listening() as listening, socket.create_connection(listening.getsockname()):
        acceptor = Acceptor(listening, accepted.protocol)
        async with asyncio.timeout(60):
            while not accepted.transports:
                await _turns(1)
        taken = accepted.transports[0].get_extra_info("socket")
        assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        acceptor.close()
        await accepted.close()


async def test_a_port_is_free_when_its_acceptor_is_closed() -> None:
    with _listening() as listening:
        port = listening.getsockname()[1]
        acceptor = Acceptor(listening, Accepted().protocol)
        acceptor.close()
        acceptor.close()
        await acceptor.wait_closed()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


async def test_without_descriptors_callers_wait(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(accepting, "_REST_SECONDS", 0.001)
    accepted = Accepted()
    with _listening(Scarce) as listening, socket.create_connection(listening.getsockname()):
        acceptor = Acceptor(listening, accepted.protocol)
        async with asyncio.timeout(60):
            while "Too many open files" not in caplog.text:
                await _turns(1)
            assert not accepted.transports
            monkeypatch.setattr(Scarce, "has_none", False)
            while not accepted.transports:
                await _turns(1)
        acceptor.close()
        await accepted.close()


async def test_a_close_ends_the_rest_too(monkeypatch: pytest.MonkeyPatch) -> None:
    accepted = Accepted()
    with _listening(Scarce) as listening, socket.create_connection(listening.getsockname()):
        acceptor = Acceptor(listening, accepted.protocol)
        await _turns(3)
        acceptor.close()
        monkeypatch.setattr(Scarce, "has_none", False)
        await _turns(3)
    assert not accepted.transports


async def test_a_connection_that_is_gone_is_not_served() -> None:
    accepted = Accepted()
    gone = socket.socket()
    gone.close()
    await connect(gone, accepted.protocol)
    assert not accepted.transports
