"""The contract: no wait outlasts the deadline, and none leaves a connection behind."""

from __future__ import annotations

import asyncio
import math
import socket
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from naftiko_runtime.errors import UpstreamTimeout
from naftiko_runtime.execute.upstream.message import UpstreamLimits
from naftiko_runtime.plan.origins import Origin
from naftiko_runtime.values import Deadline
from tests.execute.upstream.contract import Capability, Clients, request_to, soon
from tests.execute.upstream.scripted_server import OK, Peer, Serve, answering, stalling_after

SHORT = 0.25
ENOUGH = 2.0
LONGER = 4.0
"""Less than clients wait by themselves, and more than a busy machine adds to a wait."""
START = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def deaf_origin() -> Iterator[Origin]:
    """Give an address that neither accepts nor refuses: its queue of connections is full."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for client in (first, second):
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        yield Origin("http", "127.0.0.1", listener.getsockname()[1])


@pytest.mark.parametrize(
    "pieces",
    [
        (),
        (START,),
        (b"HTTP/1.1 100 Continue\r\n\r\n",),
        (START + b"content-length: 5\r\n\r\nabc",),
        (START + b"transfer-encoding: chunked\r\n\r\n5\r\nabcde\r\n",),
        (START + b"\r\nabc",),
    ],
    ids=["no answer", "in the head", "interim", "counted body", "chunked body", "unframed body"],
)
async def test_an_answer_that_stalls_times_out(
    clients: Clients, serve: Serve, pieces: tuple[bytes, ...]
) -> None:
    server = await serve(stalling_after(*pieces))
    began = time.monotonic()
    with pytest.raises(UpstreamTimeout):
        await clients().send(request_to(server), Deadline.after(SHORT))
    assert SHORT <= time.monotonic() - began < LONGER
    await server.all_gone()


async def test_an_answer_that_trickles_times_out(clients: Clients, serve: Serve) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(START + b"content-length: 100000\r\n\r\n")
        while True:
            await peer.send(b"x")
            await asyncio.sleep(0.005)

    server = await serve(script)
    with pytest.raises(UpstreamTimeout):
        await clients().send(request_to(server), Deadline.after(SHORT))
    await server.all_gone()


async def test_a_body_that_nobody_reads_times_out(clients: Clients, serve: Serve) -> None:
    over = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        await over.wait()

    server = await serve(script)
    sending = request_to(server, "POST", body=bytes(32 * 1024 * 1024))
    with pytest.raises(UpstreamTimeout):
        await clients().send(sending, Deadline.after(0.2))
    over.set()
    await server.all_gone()


async def test_a_connection_that_does_not_come_about_times_out(
    clients: Clients, deaf_origin: Origin
) -> None:
    client = clients(UpstreamLimits(connect_seconds=SHORT))
    began = time.monotonic()
    with pytest.raises(UpstreamTimeout, match="connected to"):
        await client.send(request_to(deaf_origin), soon())
    assert time.monotonic() - began < LONGER


async def test_a_request_may_have_less_time_to_connect_than_others(
    clients: Clients, deaf_origin: Origin
) -> None:
    deadline = replace(soon(), connect_seconds=SHORT)
    with pytest.raises(UpstreamTimeout, match="connected to") as caught:
        await clients().send(request_to(deaf_origin), deadline)
    assert caught.value.unsent


async def test_a_request_that_was_sent_is_not_told_to_be_unsent(
    clients: Clients, serve: Serve
) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.client_gone()

    server = await serve(script)
    client, seconds = clients(), SHORT
    while not server.requests:  # on a busy machine, the time may be over before it is sent
        with pytest.raises(UpstreamTimeout) as caught:
            await client.send(request_to(server), Deadline.after(seconds))
        seconds *= 2
    assert not caught.value.unsent


async def test_the_deadline_holds_while_connecting_too(
    clients: Clients, deaf_origin: Origin
) -> None:
    with pytest.raises(UpstreamTimeout):
        await clients().send(request_to(deaf_origin), Deadline.after(SHORT))


async def test_the_wait_for_a_connection_times_out(clients: Clients, serve: Serve) -> None:
    go_on = asyncio.Event()

    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            await go_on.wait()
            await peer.send(OK)

    server = await serve(script)
    client = clients(UpstreamLimits(connections=1))
    first = asyncio.create_task(client.send(request_to(server), soon()))
    await server.requested.acquire()
    with pytest.raises(UpstreamTimeout):
        await client.send(request_to(server), Deadline.after(SHORT))
    go_on.set()
    assert (await first).body == b"ok"
    assert (await client.send(request_to(server), soon())).body == b"ok"
    assert len(server.peers) == 1
    assert len(server.requests) == 2


async def test_a_connection_that_timed_out_makes_room(clients: Clients, serve: Serve) -> None:
    async def script(peer: Peer) -> None:
        if b"/stalls" not in await peer.request():
            await peer.send(OK)
        await peer.client_gone()

    server = await serve(script)
    client = clients(UpstreamLimits(connections=1))
    with pytest.raises(UpstreamTimeout):
        await client.send(request_to(server, target=b"/stalls"), Deadline.after(SHORT))
    assert (await client.send(request_to(server), soon())).body == b"ok"


async def test_nothing_is_sent_after_the_deadline(clients: Clients, serve: Serve) -> None:
    server = await serve(answering(OK))
    with pytest.raises(UpstreamTimeout):
        await clients().send(request_to(server), Deadline.after(0))
    assert not server.peers


async def test_a_deadline_counts_for_its_own_request_only(clients: Clients, serve: Serve) -> None:
    """A kept connection's earlier, later and absent deadlines do not leak into each other."""

    first = Deadline.after(ENOUGH)

    async def script(peer: Peer) -> None:
        while True:
            request = await peer.request()
            if b"/stalls" in request:
                await peer.client_gone()
            if b"/slow" in request:
                await asyncio.sleep(first.remaining() + SHORT)
            await peer.send(OK)

    server = await serve(script)
    client = clients()
    await client.send(request_to(server), first)
    await client.send(request_to(server, target=b"/slow"), soon())
    await client.send(request_to(server, target=b"/slow"), Deadline(math.inf))
    assert len(server.peers) == 1
    with pytest.raises(UpstreamTimeout):
        await client.send(request_to(server, target=b"/stalls"), Deadline.after(SHORT))


async def test_requests_in_line_are_served_first_come_first_served(
    clients: Clients, serve: Serve
) -> None:
    clients.need(Capability.FAIRNESS)
    server = await serve(answering(OK))
    client = clients(UpstreamLimits(connections=1))
    targets = [b"/%d" % number for number in range(10)]
    requests = [request_to(server, target=target) for target in targets]
    await asyncio.gather(*(client.send(request, soon()) for request in requests))
    assert [line.split()[1] for line in server.requests] == targets
    assert len(server.peers) == 1


async def test_no_more_connections_are_made_than_allowed(clients: Clients, serve: Serve) -> None:
    server = await serve(answering(OK))
    client = clients(UpstreamLimits(connections=3))
    await asyncio.gather(*(client.send(request_to(server), soon()) for _ in range(30)))
    assert len(server.peers) == 3
    assert len(server.requests) == 30
