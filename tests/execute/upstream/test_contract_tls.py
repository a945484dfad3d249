"""The contract: TLS, and whose certificates are believed."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from naftiko_runtime.errors import UpstreamTimeout, UpstreamUnreachable
from naftiko_runtime.execute.upstream.message import UpstreamLimits
from naftiko_runtime.plan.origins import Origin
from tests.execute.upstream.certificates import Authority
from tests.execute.upstream.contract import Capability, Clients, request_to, soon
from tests.execute.upstream.scripted_server import (
    OK,
    Peer,
    ScriptedServer,
    Serve,
    answering,
    closing_after,
)


def _named_localhost(server: ScriptedServer) -> Origin:
    return Origin("https", "localhost", server.origin.port)


async def test_a_private_authority_is_believed_when_told(
    clients: Clients, serve: Serve, authority: Authority
) -> None:
    server = await serve(answering(OK), tls=authority.serving("localhost"))
    client = clients(verify=authority.trusting())
    for _ in range(3):
        response = await client.send(request_to(_named_localhost(server)), soon())
        assert response.body == b"ok"
    assert len(server.peers) == 1
    assert b"host: localhost:%d\r\n" % server.origin.port in server.requests[0]


async def test_an_address_can_have_a_certificate(
    clients: Clients, serve: Serve, authority: Authority
) -> None:
    server = await serve(answering(OK), tls=authority.serving("127.0.0.1"))
    client = clients(verify=authority.trusting())
    assert (await client.send(request_to(server), soon())).body == b"ok"


async def test_large_bodies_go_both_ways(
    clients: Clients, serve: Serve, authority: Authority
) -> None:
    async def script(peer: Peer) -> None:
        body = (await peer.request()).split(b"\r\n\r\n", 1)[1]
        await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
        await peer.client_gone()

    server = await serve(script, tls=authority.serving("127.0.0.1"))
    body = bytes(range(256)) * 8000
    client = clients(verify=authority.trusting())
    assert (await client.send(request_to(server, "POST", body=body), soon())).body == body


async def test_a_body_that_the_close_ends_is_whole(
    clients: Clients, serve: Serve, authority: Authority
) -> None:
    answer = b"HTTP/1.1 200 OK\r\n\r\n" + b"b" * 100_000
    server = await serve(closing_after(answer), tls=authority.serving("127.0.0.1"))
    client = clients(verify=authority.trusting())
    assert len((await client.send(request_to(server), soon())).body) == 100_000


async def test_a_certificate_for_another_name_is_not_accepted(
    clients: Clients, serve: Serve, authority: Authority
) -> None:
    server = await serve(answering(OK), tls=authority.serving("other.example"))
    with pytest.raises(UpstreamUnreachable, match="not accepted: Hostname mismatch") as caught:
        await clients(verify=authority.trusting()).send(
            request_to(_named_localhost(server)), soon()
        )
    assert (caught.value.unsent, caught.value.lasting) == (True, True)
    assert not server.requests


async def test_an_expired_certificate_is_not_accepted(
    clients: Clients, serve: Serve, authority: Authority
) -> None:
    expired = authority.serving("localhost", ends=-timedelta(hours=1))
    server = await serve(answering(OK), tls=expired)
    with pytest.raises(UpstreamUnreachable, match=r"not accepted: .*expired"):
        await clients(verify=authority.trusting()).send(
            request_to(_named_localhost(server)), soon()
        )


async def test_an_unknown_authority_is_not_believed(
    clients: Clients, serve: Serve, authority: Authority, other_authority: Authority
) -> None:
    server = await serve(answering(OK), tls=other_authority.serving("localhost"))
    for trust in (authority.trusting(), None):
        with pytest.raises(UpstreamUnreachable, match="certificate is not accepted"):
            await clients(verify=trust).send(request_to(_named_localhost(server)), soon())


async def test_a_server_without_tls_is_unreachable(clients: Clients, serve: Serve) -> None:
    async def script(peer: Peer) -> None:
        await peer.reader.read(1)
        await peer.send(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n")

    server = await serve(script)
    with pytest.raises(UpstreamUnreachable, match="TLS"):
        await clients().send(request_to(_named_localhost(server)), soon())


async def test_a_server_that_hangs_up_in_the_handshake_is_unreachable(
    clients: Clients, serve: Serve
) -> None:
    async def script(peer: Peer) -> None:
        await peer.reader.read(1)

    server = await serve(script)
    with pytest.raises(UpstreamUnreachable):
        await clients().send(request_to(_named_localhost(server)), soon())


async def test_a_handshake_that_stalls_times_out(clients: Clients, serve: Serve) -> None:
    async def script(peer: Peer) -> None:
        await peer.client_gone()

    server = await serve(script)
    client = clients(UpstreamLimits(connect_seconds=0.05))
    with pytest.raises(UpstreamTimeout):
        await client.send(request_to(_named_localhost(server)), soon())
    await server.all_gone()


async def test_a_cancelled_handshake_leaves_nothing(clients: Clients, serve: Serve) -> None:
    clients.need(Capability.HANDSHAKE_CANCELLATION)
    greeted = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.reader.read(1)
        greeted.set()
        await peer.client_gone()

    server = await serve(script)
    sending = asyncio.create_task(clients().send(request_to(_named_localhost(server)), soon()))
    await greeted.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    await server.all_gone()
