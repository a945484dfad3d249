"""The contract: connections are kept, and dead ones do no harm."""

from __future__ import annotations

import asyncio

import pytest

from naftiko_runtime.errors import UpstreamUnreachable
from naftiko_runtime.execute.upstream.message import UpstreamClient, UpstreamLimits
from tests.execute.upstream.contract import Capability, Clients, request_to, soon
from tests.execute.upstream.scripted_server import (
    OK,
    Peer,
    ScriptedServer,
    Serve,
    answering,
    closing_after,
)

START = b"HTTP/1.1 200 OK\r\n"


async def _get(client: UpstreamClient, server: ScriptedServer, target: bytes = b"/") -> bytes:
    return (await client.send(request_to(server, target=target), soon())).body


async def test_one_connection_serves_one_request_after_the_other(
    clients: Clients, serve: Serve
) -> None:
    server = await serve(answering(OK))
    client = clients()
    for _ in range(5):
        assert await _get(client, server) == b"ok"
    assert len(server.peers) == 1


async def test_requests_at_once_have_a_connection_each(clients: Clients, serve: Serve) -> None:
    barrier = asyncio.Barrier(4)

    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            await barrier.wait()
            await peer.send(OK)

    server = await serve(script)
    client = clients()
    for _ in range(2):
        assert await asyncio.gather(*(_get(client, server) for _ in range(4))) == [b"ok"] * 4
    assert len(server.peers) == 4


@pytest.mark.parametrize(
    "answer",
    [
        START + b"connection: close\r\ncontent-length: 2\r\n\r\nok",
        START + b"Connection: Close, x\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok",
    ],
)
async def test_a_connection_that_the_server_ends_is_not_used_again(
    clients: Clients, serve: Serve, answer: bytes
) -> None:
    server = await serve(answering(answer))
    client = clients()
    for number in range(3):
        assert await _get(client, server) == b"ok"
        await server.peers[number].gone()
    assert len(server.peers) == 3


async def test_a_connection_closed_between_requests_goes_unnoticed(
    clients: Clients, serve: Serve
) -> None:
    server = await serve(closing_after(OK))
    client = clients()
    for _ in range(3):
        assert await _get(client, server) == b"ok"
    assert len(server.requests) == 3


@pytest.mark.parametrize("how", ["close", "reset"])
async def test_a_kept_connection_lost_before_the_answer_is_tried_anew(
    clients: Clients, serve: Serve, how: str
) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        if peer.number == 0:
            await peer.head()
            if how == "reset":
                await peer.reset()
        else:
            await peer.client_gone()

    server = await serve(script)
    client = clients()
    await _get(client, server, b"/first")
    assert await _get(client, server, b"/second") == b"ok"
    assert [line.split()[1] for line in server.requests] == [b"/first", b"/second", b"/second"]
    assert len(server.peers) == 2


async def test_it_is_tried_anew_only_once(clients: Clients, serve: Serve) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        if peer.number == 0:
            await peer.send(OK)
            await peer.head()

    server = await serve(script)
    client = clients()
    await _get(client, server)
    with pytest.raises(UpstreamUnreachable):
        await _get(client, server)
    assert len(server.requests) == 3


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_what_is_not_idempotent_is_not_sent_twice(
    clients: Clients, serve: Serve, method: str
) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        await peer.head()

    server = await serve(script)
    client = clients()
    await _get(client, server)
    with pytest.raises(UpstreamUnreachable):
        await client.send(request_to(server, method, body=b"{}"), soon())
    assert len(server.requests) == 2


async def test_a_fresh_connection_lost_before_the_answer_is_not_tried_anew(
    clients: Clients, serve: Serve
) -> None:
    server = await serve(closing_after())
    with pytest.raises(UpstreamUnreachable) as caught:
        await _get(clients(), server)
    assert len(server.requests) == 1
    assert not caught.value.unsent


async def test_a_fresh_connection_can_be_had_when_all_others_are_dead(
    clients: Clients, serve: Serve
) -> None:
    """The limit is reached by idle connections, each of which dies at its second request."""
    clients.need(Capability.FRESH_CONNECTION)
    first = asyncio.Barrier(2)

    async def script(peer: Peer) -> None:
        await peer.request()
        if peer.number < 2:
            await first.wait()
            await peer.send(OK)
            await peer.head()
        else:
            await peer.send(OK)
            await peer.client_gone()

    server = await serve(script)
    client = clients(UpstreamLimits(connections=2))
    await asyncio.gather(_get(client, server), _get(client, server))
    assert await _get(client, server) == b"ok"


@pytest.mark.parametrize(
    "unasked",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil",
        b"HTTP/1.1 200 OK\r\nx: ",
        b"garbage",
        b"0",
    ],
)
async def test_bytes_that_nobody_asked_for_end_the_connection(
    clients: Clients, serve: Serve, unasked: bytes
) -> None:
    clients.need(Capability.UNASKED_BYTES)
    server = await serve(answering(OK + unasked, OK))
    client = clients()
    assert await _get(client, server) == b"ok"
    assert await _get(client, server) == b"ok"
    assert len(server.peers) == 2


@pytest.mark.parametrize(
    "head_answer",
    [
        START + b"content-length: 5\r\n\r\nhello",
        START + b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        START + b"content-length: 0\r\n\r\n" + OK,
    ],
)
async def test_a_body_after_a_head_answer_ends_the_connection(
    clients: Clients, serve: Serve, head_answer: bytes
) -> None:
    clients.need(Capability.UNASKED_BYTES)
    server = await serve(answering(head_answer, OK))
    client = clients()
    assert (await client.send(request_to(server, "HEAD"), soon())).body == b""
    assert await _get(client, server) == b"ok"
    assert len(server.peers) == 2


async def test_bytes_on_an_idle_connection_end_it(clients: Clients, serve: Serve) -> None:
    clients.need(Capability.UNASKED_BYTES)
    speak = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        if peer.number == 0:
            await speak.wait()
            await peer.send(b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n")
        await peer.client_gone()

    server = await serve(script)
    client = clients()
    await _get(client, server)
    speak.set()
    await server.peers[0].gone()
    assert await _get(client, server) == b"ok"


async def test_idle_connections_are_not_used_past_their_time(
    clients: Clients, serve: Serve
) -> None:
    server = await serve(answering(OK))
    clients.need(Capability.IDLE_TIMER)
    client = clients(UpstreamLimits(idle_seconds=0.01))
    await _get(client, server)
    await server.all_gone()
    assert await _get(client, server) == b"ok"
    assert len(server.peers) == 2


async def test_an_exchange_may_take_longer_than_a_connection_may_idle(
    clients: Clients, serve: Serve
) -> None:
    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            await asyncio.sleep(0.05)
            await peer.send(OK)

    server = await serve(script)
    client = clients(UpstreamLimits(idle_seconds=0.01))
    assert await _get(client, server) == b"ok"
