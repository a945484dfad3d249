"""The contract: bodies in pieces move when the other side takes them, both ways at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from naftiko_runtime.errors import UpstreamTimeout
from naftiko_runtime.execute.upstream.message import StreamedBody
from tests.execute.upstream.contract import Capability, Clients, request_to
from tests.execute.upstream.scripted_server import OK, Peer, Serve, answering
from tests.execute.upstream.streams import CHUNKED, LONG, START, fetch, whole


async def test_pieces_arrive_before_the_answer_is_complete(clients: Clients, serve: Serve) -> None:
    go_on = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(CHUNKED, b"3\r\none\r\n")
        await go_on.wait()
        await peer.send(b"3\r\ntwo\r\n0\r\n\r\n")

    server = await serve(script)
    async with clients().stream(request_to(server), None, LONG) as response:
        assert await anext(response.pieces) == b"one"
        go_on.set()
        assert await whole(response) == b"two"


async def test_an_answer_that_nobody_reads_is_not_read_ahead(
    clients: Clients, serve: Serve
) -> None:
    """The server can send what sockets and transports hold, and no more."""
    size = 64 * 1024 * 1024
    sent = 0
    full = asyncio.Event()

    async def script(peer: Peer) -> None:
        nonlocal sent
        await peer.request()
        await peer.send(START + b"content-length: %d\r\n\r\n" % size)
        while sent < size:
            try:
                await asyncio.wait_for(peer.send(bytes(65536)), 0.2)
            except TimeoutError:
                full.set()
                await peer.client_gone()
                return
            sent += 65536

    server = await serve(script)
    async with clients().stream(request_to(server), None, LONG) as response:
        await anext(response.pieces)
        await full.wait()
    assert sent < size // 2
    await server.all_gone()


async def test_a_body_that_nobody_takes_is_not_asked_for(clients: Clients, serve: Serve) -> None:
    size = 64 * 1024 * 1024
    asked = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal asked
        while True:
            asked += 65536
            yield bytes(65536)

    async def script(peer: Peer) -> None:
        await peer.head()
        await asyncio.Event().wait()

    server = await serve(script)
    with pytest.raises(UpstreamTimeout):
        await fetch(clients(), request_to(server, "POST"), StreamedBody(endless(), size), 0.2)
    assert asked < size // 2


async def test_nothing_is_asked_for_past_the_length(clients: Clients, serve: Serve) -> None:
    async def then_never() -> AsyncIterator[bytes]:
        yield b"onetwo"
        await asyncio.Event().wait()

    server = await serve(answering(OK))
    body = StreamedBody(then_never(), 6)
    assert await fetch(clients(), request_to(server, "POST"), body) == b"ok"


async def test_an_early_answer_is_read_while_the_body_waits(clients: Clients, serve: Serve) -> None:
    clients.need(Capability.EARLY_ANSWERS)
    refusal = b"HTTP/1.1 413 Content Too Large\r\ncontent-length: 3\r\n\r\nno!"

    async def never() -> AsyncIterator[bytes]:
        yield b"half"
        await asyncio.Event().wait()

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(refusal)
        await peer.client_gone()

    server = await serve(script)
    async with clients().stream(
        request_to(server, "POST"), StreamedBody(never(), 100), LONG
    ) as response:
        assert response.status == 413
        assert await whole(response) == b"no!"
    await server.all_gone()


async def test_an_echo_comes_back_while_the_body_goes_out(clients: Clients, serve: Serve) -> None:
    clients.need(Capability.EARLY_ANSWERS)
    echoed = asyncio.Queue[bytes]()

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(START + b"content-length: 6\r\n\r\n")
        for _ in range(2):
            await peer.send(await peer.reader.readexactly(3))

    async def turn_by_turn() -> AsyncIterator[bytes]:
        yield b"one"
        assert await echoed.get() == b"one"
        yield b"two"

    server = await serve(script)
    body = StreamedBody(turn_by_turn(), 6)
    async with clients().stream(request_to(server, "POST"), body, LONG) as response:
        async for piece in response.pieces:
            echoed.put_nowait(piece)
    assert echoed.get_nowait() == b"two"
