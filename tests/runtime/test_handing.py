"""Handing connections over: real ones, over a real line; the other process is this one, too."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from uvicorn.server import ServerState

from naftiko_runtime.limits import DEFAULT_LIMITS
from naftiko_runtime.runtime import handing
from naftiko_runtime.runtime.connection import MOST_FIELDS, BoundedConnection, ServerConfig
from naftiko_runtime.runtime.connections import Connections
from naftiko_runtime.runtime.handing import Taker, hand_over, request_file, write_request
from tests.runtime.caller import GET, KEY
from tests.runtime.lines import Connected, Line, connection, no_descriptor_left, socketpair, turns

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

HOST = (b"host", b"x")
BODY = b"x" * 700_000


def scope_of(*fields: tuple[bytes, bytes], query: bytes = b"", version: str = "1.1") -> Scope:
    return {
        "method": "POST",
        "raw_path": b"/a%20b",
        "query_string": query,
        "http_version": version,
        "headers": [*fields],
    }


async def written(scope: Scope, *pieces: bytes) -> bytes:
    """Return what a file in memory holds of a request."""
    with request_file() as file:
        await write_request(file, scope, pieces or (b"four",))
        return os.pread(file, 10_000_000, 0)


@dataclass(slots=True)
class Served(Line):
    """A line, and what serves the connections that come at its end."""

    total: Connections = field(default_factory=lambda: Connections(10))
    asked: list[tuple[Scope, bytes]] = field(default_factory=list)

    def taker(self) -> Taker:
        """Take connections from here on."""
        config = ServerConfig(self._answer, DEFAULT_LIMITS, self.total, KEY)
        return Taker(self.there, lambda: BoundedConnection(config, ServerState(), {}))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        self.asked.append((scope, body))
        length = (b"content-length", b"2")
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
def line() -> Iterator[Served]:
    with socketpair() as ends:
        yield Served(*ends)


async def _hand_over(line: Served, connected: Connected, scope: Scope | None = None) -> None:
    """Hand a connection over, as who serves it does."""
    with request_file() as file:
        await write_request(file, scope or scope_of(HOST, query=b"q=1"), [BODY])
        await hand_over(line.here, connected.transport, file)
    connected.transport.abort()


async def test_a_request_is_written_as_it_was_read() -> None:
    scope = scope_of((b"x-a", b"\xfc 1"), HOST, (b"x-a", b""), query=b"q=%20&r")
    assert await written(scope) == (
        b"POST /a%20b?q=%20&r HTTP/1.1\r\n"
        b"x-a: \xfc 1\r\nhost: x\r\nx-a: \r\ncontent-length: 4\r\n\r\nfour"
    )


async def test_a_request_of_the_old_version_stays_one() -> None:
    assert (await written(scope_of(version="1.0"))).startswith(b"POST /a%20b HTTP/1.0\r\n")


@pytest.mark.parametrize(
    "replaced",
    [
        (b"connection", b"keep-alive, x-a"),
        (b"content-length", b"0004"),
        (b"expect", b"100-continue"),
        (b"keep-alive", b"timeout=5"),
        (b"transfer-encoding", b"chunked"),
    ],
)
async def test_what_is_said_of_a_message_on_its_way_is_said_anew(
    replaced: tuple[bytes, bytes],
) -> None:
    expected = b"POST /a%20b HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nfour"
    assert await written(scope_of(replaced, HOST)) == expected


@pytest.mark.parametrize("field", [(b"content-length", b"4"), (b"transfer-encoding", b"chunked")])
async def test_a_head_has_no_more_fields_than_it_had(field: tuple[bytes, bytes]) -> None:
    fields = [HOST] * (MOST_FIELDS - 1)
    request = await written(scope_of(*fields, field))
    assert request.count(b"\r\n") == 1 + MOST_FIELDS + 1


async def test_a_body_is_written_whole_however_small_its_pieces_are() -> None:
    pieces = [b"%d " % number for number in range(100_000)]
    request = await written(scope_of(), *pieces)
    assert request.partition(b"\r\n\r\n")[2] == b"".join(pieces)


async def test_others_have_their_turns_while_a_large_body_is_written() -> None:
    body, turns = os.urandom(1_000_000), 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    request = await written(scope_of(), body)
    counting.cancel()
    assert request.endswith(b"\r\n\r\n" + body)
    assert turns >= 4


async def test_a_file_in_memory_is_gone_after_its_block() -> None:
    with no_descriptor_left(), pytest.raises(KeyError), request_file():
        raise KeyError


async def test_a_request_that_was_handed_over_is_answered_there(line: Served) -> None:
    taker = line.taker()
    async with connection() as connected:
        await _hand_over(line, connected)
        assert (await connected.hears()).endswith(b"\r\nconnection: close\r\n\r\nok")
    ((scope, body),) = line.asked
    assert (scope["path"], scope["query_string"], scope["client"][0]) == (
        "/a b",
        b"q=1",
        "127.0.0.1",
    )
    assert body == BODY
    taker.close()


async def test_a_request_that_is_as_large_as_may_be_is_answered_there(line: Served) -> None:
    taker = line.taker()
    async with connection() as connected:
        fields = [(b"a", b"x" * 100)] * (MOST_FIELDS - 2)
        await _hand_over(line, connected, scope_of(HOST, *fields))
        assert (await connected.hears()).startswith(b"HTTP/1.1 200 OK\r\n")
    taker.close()


async def test_what_comes_behind_the_request_is_not_answered(line: Served) -> None:
    taker = line.taker()
    async with connection() as connected:
        connected.transport.pause_reading()
        connected.caller.send(GET)
        await _hand_over(line, connected)
        assert (await connected.hears()).count(b"HTTP/1.1 200 OK\r\n") == 1
    assert len(line.asked) == 1
    taker.close()


async def test_more_connections_than_may_be_are_refused_there_too(line: Served) -> None:
    line.total.most = 0
    taker = line.taker()
    async with connection() as connected:
        await _hand_over(line, connected)
        assert (await connected.hears()).startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert not line.asked
    taker.close()


async def test_nothing_stays_open_once_a_request_is_answered(line: Served) -> None:
    taker = line.taker()
    with no_descriptor_left():
        async with connection() as connected:
            await _hand_over(line, connected)
            await connected.hears()
            while line.total.open:
                await turns(1)
    taker.close()


async def test_a_connection_waits_for_room_on_the_line(line: Served) -> None:
    line.fill()
    async with connection() as connected:
        handing_over = asyncio.create_task(_hand_over(line, connected))
        await turns(10)
        assert not handing_over.done()
        taker = line.taker()  # what fills the line brings no descriptors: it is passed over
        await handing_over
        assert (await connected.hears()).startswith(b"HTTP/1.1 200 OK\r\n")
    taker.close()


async def test_nobody_who_gives_up_waits_for_room_any_more(line: Served) -> None:
    line.fill()
    async with connection() as connected:
        with no_descriptor_left():
            handing_over = asyncio.create_task(_hand_over(line, connected))
            await turns(10)
            line.drain()  # so that there is room in the moment in which it gives up
            loop = asyncio.get_running_loop()
            loop.call_soon(handing_over.cancel)
            with pytest.raises(asyncio.CancelledError):
                await handing_over
            assert not loop.remove_writer(line.here)
    with pytest.raises(BlockingIOError):
        line.there.recv(1)


async def test_a_connection_that_ends_is_not_hand_over(line: Served) -> None:
    async with connection() as connected:
        connected.transport.close()
        await _hand_over(line, connected)
    with pytest.raises(BlockingIOError):
        line.there.recv(1)


async def test_without_another_process_nothing_is_hand_over(line: Served) -> None:
    line.there.close()
    async with connection() as connected:
        with no_descriptor_left(), request_file() as file, pytest.raises(BrokenPipeError):
            await hand_over(line.here, connected.transport, file)
        assert not connected.transport.is_closing()


async def test_who_waits_for_room_hears_that_the_other_process_is_gone(line: Served) -> None:
    line.fill()
    async with connection() as connected:
        handing_over = asyncio.create_task(_hand_over(line, connected))
        await turns(10)
        line.there.close()
        with pytest.raises(OSError, match=r"Broken pipe|reset"):
            await handing_over


async def test_a_taker_that_closes_takes_what_was_handed_over_before(line: Served) -> None:
    taker = line.taker()
    async with connection() as connected:
        await _hand_over(line, connected)
        taker.close()
        await taker.wait_closed()
        assert (await connected.hears()).startswith(b"HTTP/1.1 200 OK\r\n")
    taker.close()
    assert line.there.fileno() == -1


async def test_a_taker_that_closes_takes_nothing_that_comes_then(
    line: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    taker = line.taker()
    received: Any = handing._received

    def late(end: socket.socket) -> tuple[int, int] | None:
        """Look, and have somebody hand over before there is an end."""
        found = None
        try:
            found = received(end)
        finally:
            with pytest.raises(BrokenPipeError):
                line.here.send(b".")
        return found  # type: ignore[no-any-return]

    monkeypatch.setattr(handing, "_received", late)
    taker.close()


async def test_a_taker_does_not_look_any_more_when_the_other_process_is_gone(line: Served) -> None:
    taker = line.taker()
    line.here.close()
    await turns(3)
    assert not asyncio.get_running_loop().remove_reader(line.there)
    taker.close()


async def test_a_line_that_breaks_has_ended(line: Served) -> None:
    taker = line.taker()
    line.there.send(b"never read")
    line.here.close()
    await turns(3)
    assert not asyncio.get_running_loop().remove_reader(line.there)
    taker.close()


async def test_a_connection_without_its_request_is_closed(line: Served) -> None:
    taker = line.taker()
    with no_descriptor_left():
        async with connection() as connected:
            handed = connected.transport.get_extra_info("socket").fileno()
            socket.send_fds(line.here, [b"."], [handed])
            connected.transport.abort()
            assert await connected.hears() == b""
    assert not line.asked
    taker.close()
