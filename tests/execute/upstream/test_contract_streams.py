"""The contract: bodies in pieces, both ways."""

from __future__ import annotations

import gzip

import pytest

from naftiko_runtime.errors import UpstreamTooLarge
from naftiko_runtime.execute.upstream.message import UpstreamLimits
from tests.execute.upstream.contract import Clients, request_to, soon
from tests.execute.upstream.scripted_server import OK, Peer, Serve, answering, closing_after
from tests.execute.upstream.streams import (
    CHUNKED,
    LONG,
    START,
    body_of,
    chunked_request,
    fetch,
    whole,
)


async def test_a_body_of_known_length_is_sent_with_its_length(
    clients: Clients, serve: Serve
) -> None:
    server = await serve(answering(OK))
    await fetch(clients(), request_to(server, "POST"), body_of([b"one", b"", b"two"], counted=True))
    (received,) = server.requests
    assert b"\r\ncontent-length: 6\r\n" in received.lower()
    assert received.endswith(b"\r\n\r\nonetwo")
    assert b"transfer-encoding" not in received.lower()


async def test_a_body_of_unknown_length_is_sent_chunked(clients: Clients, serve: Serve) -> None:
    bodies = []

    async def script(peer: Peer) -> None:
        bodies.append(await chunked_request(peer))
        await peer.send(OK)

    server = await serve(script)
    body = body_of([b"one", b"", b"0123456789"], counted=False)
    assert await fetch(clients(), request_to(server, "POST"), body) == b"ok"
    assert b"\r\ntransfer-encoding: chunked\r\n" in server.requests[0].lower()
    assert bodies[0].lower() == b"3\r\none\r\na\r\n0123456789\r\n0\r\n\r\n"


@pytest.mark.parametrize(("method", "framing"), [("GET", b""), ("POST", b"content-length: 0\r\n")])
async def test_a_request_without_a_body_is_framed_as_usual(
    clients: Clients, serve: Serve, method: str, framing: bytes
) -> None:
    server = await serve(answering(OK))
    await fetch(clients(), request_to(server, method))
    head = server.requests[0].lower()
    assert head.endswith(b"\r\n" + framing + b"\r\n")
    assert (b"content-length" in head) is bool(framing)


@pytest.mark.parametrize(
    "answer",
    [
        START + b"content-length: 6\r\n\r\nonetwo",
        CHUNKED + b"3\r\none\r\n3\r\ntwo\r\n0\r\nx-trailer: t\r\n\r\n",
    ],
)
async def test_an_answer_comes_whole_and_its_connection_is_kept(
    clients: Clients, serve: Serve, answer: bytes
) -> None:
    server = await serve(answering(answer))
    client = clients()
    for _ in range(3):
        assert await fetch(client, request_to(server)) == b"onetwo"
    assert (await client.send(request_to(server), soon())).body == b"onetwo"
    assert len(server.peers) == 1


@pytest.mark.parametrize("counted", [True, False])
async def test_a_connection_is_kept_after_a_body(
    clients: Clients, serve: Serve, counted: bool
) -> None:
    async def script(peer: Peer) -> None:
        while True:
            await (peer.request() if counted else chunked_request(peer))
            await peer.send(OK)

    server = await serve(script)
    client = clients()
    for _ in range(3):
        body = body_of([b"one", b"two"], counted=counted)
        assert await fetch(client, request_to(server, "PUT"), body) == b"ok"
    assert len(server.peers) == 1


async def test_an_answer_without_a_length_ends_with_the_connection(
    clients: Clients, serve: Serve
) -> None:
    server = await serve(closing_after(START + b"\r\n", b"one", b"two"))
    assert await fetch(clients(), request_to(server)) == b"onetwo"


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("HEAD", START + b"content-length: 5\r\n\r\n"),
        ("GET", b"HTTP/1.1 204 No Content\r\n\r\n"),
        ("GET", b"HTTP/1.1 304 Not Modified\r\n\r\n"),
    ],
)
async def test_an_answer_that_has_no_body_ends_at_once(
    clients: Clients, serve: Serve, method: str, answer: bytes
) -> None:
    server = await serve(answering(answer))
    client = clients()
    for _ in range(2):
        assert await fetch(client, request_to(server, method)) == b""
    assert len(server.peers) == 1


async def test_headers_come_without_those_of_the_connection(clients: Clients, serve: Serve) -> None:
    fields = b"X-One: 1\r\nConnection: x-two\r\nX-Two: 2\r\nKeep-Alive: timeout=5\r\n"
    server = await serve(answering(START + fields + b"Content-Length: 2\r\n\r\nok"))
    async with clients().stream(request_to(server), None, LONG) as response:
        assert response.headers == ((b"x-one", b"1"), (b"content-length", b"2"))


async def test_a_coded_body_stays_as_it_is(clients: Clients, serve: Serve) -> None:
    coded = gzip.compress(b"hello")
    head = b"content-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(coded)
    server = await serve(answering(START + head + coded))
    async with clients().stream(request_to(server), None, LONG) as response:
        assert (b"content-encoding", b"gzip") in response.headers
        assert await whole(response) == coded


async def test_no_size_is_too_large(clients: Clients, serve: Serve) -> None:
    size = 3_000_000
    server = await serve(answering(START + b"content-length: %d\r\n\r\n" % size + bytes(size)))
    client = clients(UpstreamLimits(response_bytes=1000))
    assert len(await fetch(client, request_to(server))) == size


async def test_a_head_may_still_be_too_large(clients: Clients, serve: Serve) -> None:
    server = await serve(answering(START + b"x: " + bytes(200_000).replace(b"\0", b"a")))
    with pytest.raises(UpstreamTooLarge):
        await fetch(clients(UpstreamLimits(head_bytes=2000)), request_to(server))


@pytest.mark.parametrize("target", [b"/a b", b"/a\r\nx: y"])
async def test_a_request_that_is_not_fit_is_not_sent(
    clients: Clients, serve: Serve, target: bytes
) -> None:
    server = await serve(answering(OK))
    with pytest.raises(ValueError, match="not fit"):
        await fetch(clients(), request_to(server, target=target))
    assert not server.requests
