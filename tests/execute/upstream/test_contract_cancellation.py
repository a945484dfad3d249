"""The contract: callers that give up leave nothing behind, and no more does a closed client."""

from __future__ import annotations

import asyncio

import pytest

from naftiko_runtime.errors import UpstreamError, UpstreamUnreachable
from naftiko_runtime.execute.upstream.message import UpstreamLimits
from tests.execute.upstream.contract import Capability, Clients, request_to, soon
from tests.execute.upstream.scripted_server import OK, Peer, Serve, answering, stalling_after

START = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "pieces",
    [(), (START,), (START + b"content-length: 5\r\n\r\nabc",)],
    ids=["before the answer", "in the head", "in the body"],
)
async def test_a_cancelled_request_closes_its_connection(
    clients: Clients, serve: Serve, pieces: tuple[bytes, ...]
) -> None:
    server = await serve(stalling_after(*pieces))
    sending = asyncio.create_task(clients().send(request_to(server), soon()))
    await server.requested.acquire()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    await server.all_gone()


async def test_a_cancelled_upload_closes_its_connection(clients: Clients, serve: Serve) -> None:
    over = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        await over.wait()

    server = await serve(script)
    request = request_to(server, "POST", body=bytes(32 * 1024 * 1024))
    sending = asyncio.create_task(clients().send(request, soon()))
    await server.requested.acquire()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    over.set()
    await server.all_gone()


async def test_a_cancelled_request_hands_its_place_on(clients: Clients, serve: Serve) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        if peer.number:
            await peer.send(OK)
        await peer.client_gone()

    server = await serve(script)
    client = clients(UpstreamLimits(connections=1))
    first = asyncio.create_task(client.send(request_to(server), soon()))
    await server.requested.acquire()
    second = asyncio.create_task(client.send(request_to(server), soon()))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).body == b"ok"


async def test_a_cancelled_wait_is_passed_over(clients: Clients, serve: Serve) -> None:
    go_on = asyncio.Event()

    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            await go_on.wait()
            await peer.send(OK)

    server = await serve(script)
    client = clients(UpstreamLimits(connections=1))
    first, second, third = (
        asyncio.create_task(client.send(request_to(server, target=target), soon()))
        for target in (b"/1", b"/2", b"/3")
    )
    await server.requested.acquire()
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    go_on.set()
    assert (await first).body == (await third).body == b"ok"
    assert [line.split()[1] for line in server.requests] == [b"/1", b"/3"]


@pytest.mark.parametrize("turns", range(12))
async def test_no_place_is_lost_whenever_the_cancellation_comes(
    clients: Clients, serve: Serve, turns: int
) -> None:
    """Cancel after so many turns of the event loop; every place must be there afterwards."""
    server = await serve(answering(OK))
    client = clients(UpstreamLimits(connections=2))
    crowd = [asyncio.create_task(client.send(request_to(server), soon())) for _ in range(6)]
    for _ in range(turns):
        await asyncio.sleep(0)
    for task in crowd[::2]:
        task.cancel()
    await asyncio.gather(*crowd, return_exceptions=True)
    both = await asyncio.gather(*(client.send(request_to(server), soon()) for _ in range(2)))
    assert [response.body for response in both] == [b"ok", b"ok"]
    await client.aclose()
    await server.all_gone()


async def test_an_early_answer_is_taken_and_the_connection_closed(
    clients: Clients, serve: Serve
) -> None:
    clients.need(Capability.EARLY_ANSWERS)
    refusal = b"HTTP/1.1 413 Content Too Large\r\ncontent-length: 3\r\n\r\nno!"
    over = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(refusal)
        await over.wait()

    server = await serve(script)
    request = request_to(server, "POST", body=bytes(32 * 1024 * 1024))
    response = await clients().send(request, soon())
    assert (response.status, response.body) == (413, b"no!")
    over.set()
    await server.all_gone()


async def test_closing_the_client_closes_idle_connections(clients: Clients, serve: Serve) -> None:
    server = await serve(answering(OK))
    client = clients()
    await asyncio.gather(*(client.send(request_to(server), soon()) for _ in range(3)))
    await client.aclose()
    await server.all_gone()


async def test_closing_the_client_ends_what_runs_and_what_waits(
    clients: Clients, serve: Serve
) -> None:
    clients.need(Capability.CLOSING)
    server = await serve(stalling_after())
    client = clients(UpstreamLimits(connections=1))
    sent = [asyncio.create_task(client.send(request_to(server), soon())) for _ in range(3)]
    await server.requested.acquire()
    await client.aclose()
    for task in sent:
        with pytest.raises(UpstreamError):
            await task
    await server.all_gone()


async def test_a_closed_client_sends_nothing(clients: Clients, serve: Serve) -> None:
    server = await serve(answering(OK))
    client = clients()
    await client.send(request_to(server), soon())
    await client.aclose()
    await client.aclose()
    other = await serve(answering(OK))
    for origin in (server, other):
        with pytest.raises(UpstreamUnreachable, match="closed"):
            await client.send(request_to(origin), soon())
    assert len(server.requests) == 1
    assert not other.peers
