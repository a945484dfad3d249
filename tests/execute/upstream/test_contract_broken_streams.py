"""The contract: bodies in pieces that end early, whoever ends them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable

import pytest

from naftiko_runtime.errors import UpstreamProtocolError, UpstreamTimeout, UpstreamUnreachable
from naftiko_runtime.execute.upstream.message import StreamedBody
from naftiko_runtime.plan.origins import Origin
from tests.execute.upstream.contract import Capability, Clients, request_to
from tests.execute.upstream.scripted_server import (
    OK,
    Peer,
    Script,
    Serve,
    answering,
    closing_after,
    resetting_after,
    stalling_after,
)
from tests.execute.upstream.streams import CHUNKED, LONG, START, body_of, fetch
from tests.upstreams import pieces


async def test_leaving_early_closes_the_connection(clients: Clients, serve: Serve) -> None:
    server = await serve(stalling_after(START + b"content-length: 10\r\n\r\nhalf"))
    async with clients().stream(request_to(server), None, LONG) as response:
        assert await anext(response.pieces) == b"half"
    await server.all_gone()


async def test_cancelling_closes_the_connection(clients: Clients, serve: Serve) -> None:
    server = await serve(stalling_after())
    fetching = asyncio.create_task(fetch(clients(), request_to(server)))
    await server.requested.acquire()
    fetching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetching
    await server.all_gone()


async def test_cancelling_while_the_body_is_waited_for_closes_the_connection(
    clients: Clients, serve: Serve
) -> None:
    async def never() -> AsyncIterator[bytes]:
        yield b"half"
        await asyncio.Event().wait()

    server = await serve(stalling_after())
    body = StreamedBody(never(), 100)
    fetching = asyncio.create_task(fetch(clients(), request_to(server, "POST"), body))
    await server.requested.acquire()
    fetching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetching
    await server.all_gone()


@pytest.mark.parametrize("script", [closing_after, resetting_after])
async def test_an_answer_that_breaks_off_ends_with_an_error(
    clients: Clients, serve: Serve, script: Callable[[bytes, bytes], Script]
) -> None:
    server = await serve(script(START + b"content-length: 10\r\n\r\n", b"half"))
    with pytest.raises(UpstreamProtocolError, match="breaks off"):
        await fetch(clients(), request_to(server))


async def test_a_chunked_answer_that_breaks_off_ends_with_an_error(
    clients: Clients, serve: Serve
) -> None:
    server = await serve(closing_after(CHUNKED, b"3\r\none\r\n"))
    with pytest.raises(UpstreamProtocolError):
        await fetch(clients(), request_to(server))


async def test_garbage_within_the_body_ends_with_an_error(clients: Clients, serve: Serve) -> None:
    server = await serve(stalling_after(CHUNKED, b"3\r\none\r\nno chunk\r\n"))
    with pytest.raises(UpstreamProtocolError):
        await fetch(clients(), request_to(server))
    await server.all_gone()


async def test_a_loss_before_the_answer_is_an_error(clients: Clients, serve: Serve) -> None:
    server = await serve(closing_after())
    with pytest.raises(UpstreamUnreachable):
        await fetch(clients(), request_to(server))


async def test_nobody_listening_is_an_error(clients: Clients) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        origin = Origin("http", "127.0.0.1", unused.getsockname()[1])
        with pytest.raises(UpstreamUnreachable):
            await fetch(clients(), request_to(origin))


@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.1 200", START + b"content-length: 10\r\n\r\nhalf", CHUNKED]
)
async def test_silence_past_the_patience_is_an_error(
    clients: Clients, serve: Serve, said: bytes
) -> None:
    server = await serve(stalling_after(said))
    with pytest.raises(UpstreamTimeout):
        await fetch(clients(), request_to(server), patience_seconds=0.1)
    await server.all_gone()


async def test_what_the_pieces_raise_is_raised_and_the_connection_closed(
    clients: Clients, serve: Serve
) -> None:
    class CallerLeft(Exception):
        pass

    async def broken() -> AsyncIterator[bytes]:
        yield b"one"
        raise CallerLeft

    server = await serve(stalling_after())
    with pytest.raises(CallerLeft):
        await fetch(clients(), request_to(server, "POST"), StreamedBody(broken(), 6))
    await server.all_gone()


@pytest.mark.parametrize("parts", [[b"one"], [b"one", b"three"]])
async def test_a_body_of_another_length_than_it_said_is_never_completed(
    clients: Clients, serve: Serve, parts: list[bytes]
) -> None:
    server = await serve(stalling_after())
    with pytest.raises(ValueError, match="not as long"):
        await fetch(clients(), request_to(server, "POST"), StreamedBody(pieces(*parts), 6))
    await server.all_gone()


async def _with_a_dead_connection(serve: Serve) -> Origin:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        if peer.number == 0:
            await peer.head()
        else:
            await peer.client_gone()

    return (await serve(script)).origin


async def test_a_kept_connection_lost_before_the_answer_is_tried_anew(
    clients: Clients, serve: Serve
) -> None:
    origin = await _with_a_dead_connection(serve)
    client = clients()
    assert await fetch(client, request_to(origin)) == b"ok"
    assert await fetch(client, request_to(origin)) == b"ok"


async def test_a_body_is_not_sent_twice(clients: Clients, serve: Serve) -> None:
    origin = await _with_a_dead_connection(serve)
    client = clients()
    assert await fetch(client, request_to(origin)) == b"ok"
    with pytest.raises(UpstreamUnreachable):
        await fetch(client, request_to(origin, "PUT"), body_of([b"one"], counted=True))


async def test_a_closed_client_streams_nothing(clients: Clients, serve: Serve) -> None:
    server = await serve(answering(OK))
    client = clients()
    await fetch(client, request_to(server))
    await client.aclose()
    with pytest.raises(UpstreamUnreachable, match="closed"):
        await fetch(client, request_to(server))


async def test_closing_the_client_ends_a_stream(clients: Clients, serve: Serve) -> None:
    clients.need(Capability.CLOSING)
    server = await serve(stalling_after(START + b"content-length: 10\r\n\r\nhalf"))
    client = clients()
    async with client.stream(request_to(server), None, LONG) as response:
        await anext(response.pieces)
        await client.aclose()
        with pytest.raises(UpstreamProtocolError):
            await anext(response.pieces)
    await server.all_gone()
