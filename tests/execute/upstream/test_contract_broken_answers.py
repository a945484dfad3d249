"""The contract: what is not a whole, valid answer is never taken for one."""

from __future__ import annotations

import asyncio

import pytest

from naftiko_runtime.errors import UpstreamProtocolError, UpstreamTooLarge, UpstreamUnreachable
from naftiko_runtime.execute.upstream.message import UpstreamLimits
from tests.execute.upstream.contract import Capability, Clients, request_to, soon
from tests.execute.upstream.scripted_server import (
    OK,
    Peer,
    Script,
    Serve,
    answering,
    closing_after,
    resetting_after,
)

START = b"HTTP/1.1 200 OK\r\n"
CHUNKED = START + b"transfer-encoding: chunked\r\n\r\n"

TRUNCATED = {
    "in a counted body": START + b"content-length: 5\r\n\r\nabc",
    "before a counted body": START + b"content-length: 5\r\n\r\n",
    "in a chunk": CHUNKED + b"5\r\nabc",
    "in a chunk's size": CHUNKED + b"5\r\nabcde\r\n1",
    "between chunks": CHUNKED + b"5\r\nabcde\r\n",
    "before the last line": CHUNKED + b"5\r\nabcde\r\n0\r\n",
    "in the trailers": CHUNKED + b"0\r\nx-trailer: 1\r\n",
}
IN_HEAD = {
    "in the status line": b"HTTP/1.1 2",
    "in the headers": START + b"content-length: 2\r\n",
    "in an interim answer": b"HTTP/1.1 100 Continue\r\n",
}
INVALID = {
    "no HTTP": b"220 smtp.example ESMTP\r\n\r\n",
    "a blank": b" \r\n\r\n",
    "TLS": b"\x15\x03\x01\x00\x02\x02\x16",
    "no status": b"HTTP/1.1 OK\r\n\r\n",
    "a short status": b"HTTP/1.1 20 OK\r\n\r\n",
    "a status past 599": b"HTTP/1.1 999 Denied\r\ncontent-length: 0\r\n\r\n",
    "another protocol": b"HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nx",
    "no colon": START + b"content-length\r\n\r\n",
    "a blank before the colon": START + b"content-length : 2\r\n\r\nok",
    "a control character": START + b"x: a\0b\r\ncontent-length: 2\r\n\r\nok",
    "two lengths": START + b"content-length: 2\r\ncontent-length: 3\r\n\r\nabc",
    "a list of lengths": START + b"content-length: 2, 3\r\n\r\nabc",
    "a negative length": START + b"content-length: -2\r\n\r\nok",
    "a signed length": START + b"content-length: +2\r\n\r\nok",
    "a length beyond counting": START + b"content-length: 99999999999999999999999\r\n\r\nok",
    "a length and chunks": START
    + b"content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "chunks and a length": START
    + b"transfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "a transfer coding to the end": START + b"transfer-encoding: gzip\r\n\r\nok",
    "a bad chunk size": CHUNKED + b"zz\r\nok\r\n0\r\n\r\n",
    "a chunk past its size": CHUNKED + b"2\r\nokay\r\n0\r\n\r\n",
}


def _named(answers: dict[str, bytes]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("answer", list(answers.values()), ids=list(answers))


@pytest.mark.parametrize("end", [closing_after, resetting_after])
@_named(TRUNCATED)
async def test_an_answer_that_breaks_off_is_an_error(
    clients: Clients, serve: Serve, answer: bytes, end: object
) -> None:
    assert callable(end)
    server = await serve(end(answer))
    with pytest.raises(UpstreamProtocolError):
        await clients().send(request_to(server), soon())
    assert len(server.requests) == 1


async def test_a_reset_does_not_end_a_body_that_only_the_close_ends(
    clients: Clients, serve: Serve
) -> None:
    arrived = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(START + b"\r\nabc")
        await arrived.wait()
        await peer.reset()

    server = await serve(script)
    sending = asyncio.create_task(clients().send(request_to(server), soon()))
    await server.requested.acquire()
    asyncio.get_running_loop().call_later(0.02, arrived.set)
    with pytest.raises(UpstreamProtocolError):
        await sending


@pytest.mark.parametrize("end", [closing_after, resetting_after])
@_named(IN_HEAD)
async def test_a_head_that_breaks_off_is_an_error(
    clients: Clients, serve: Serve, answer: bytes, end: object
) -> None:
    assert callable(end)
    server = await serve(end(answer))
    exact = Capability.LOSS_IN_HEAD not in clients.contender.lacks
    expected = UpstreamProtocolError if exact else (UpstreamProtocolError, UpstreamUnreachable)
    with pytest.raises(expected):
        await clients().send(request_to(server), soon())


async def test_a_head_that_breaks_off_on_a_kept_connection_is_not_asked_for_again(
    clients: Clients, serve: Serve
) -> None:
    clients.need(Capability.LOSS_IN_HEAD)

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        await peer.head()
        await peer.send(b"HTTP/1.1 2")

    server = await serve(script)
    client = clients()
    await client.send(request_to(server), soon())
    with pytest.raises(UpstreamProtocolError):
        await client.send(request_to(server), soon())
    assert len(server.requests) == 2


@_named(INVALID)
async def test_what_is_not_http_is_an_error_and_ends_the_connection(
    clients: Clients, serve: Serve, answer: bytes
) -> None:
    server = await serve(
        answering(answer) if answer.endswith(b"\r\n\r\n") else closing_after(answer)
    )
    with pytest.raises(UpstreamProtocolError):
        await clients().send(request_to(server), soon())
    await server.all_gone()


async def test_a_transfer_coding_that_was_not_undone_is_an_error(
    clients: Clients, serve: Serve
) -> None:
    coded = START + b"transfer-encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    server = await serve(answering(coded))
    with pytest.raises(UpstreamProtocolError):
        await clients().send(request_to(server), soon())


def _endless(*pieces: bytes) -> Script:
    """Begin with the first pieces, then send the last again and again until the client goes."""

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(*pieces[:-1])
        while True:
            await peer.send(pieces[-1])

    return script


@pytest.mark.parametrize(
    "pieces",
    [
        (b"HTTP/1.1 200 ", b"O" * 1000),
        (START, b"x-header: %b\r\n" % (b"v" * 1000)),
        (START, b"n" * 1000),
        (START + b"x: ", b"v" * 1000),
    ],
    ids=["reason", "headers", "name", "value"],
)
async def test_an_endless_head_is_too_large(
    clients: Clients, serve: Serve, pieces: tuple[bytes, ...]
) -> None:
    server = await serve(_endless(*pieces))
    with pytest.raises(UpstreamTooLarge, match="head"):
        await clients().send(request_to(server), soon())
    await server.all_gone()


async def test_endless_interim_answers_are_too_large(clients: Clients, serve: Serve) -> None:
    clients.need(Capability.INTERIM_BOUND)
    server = await serve(_endless(b"HTTP/1.1 103 Early Hints\r\nlink: %b\r\n\r\n" % (b"v" * 1000)))
    with pytest.raises(UpstreamTooLarge, match="head"):
        await clients().send(request_to(server), soon())


@pytest.mark.parametrize(
    "pieces",
    [
        (CHUNKED + b"0\r\n", b"x-trailer: %b\r\n" % (b"v" * 1000)),
        (CHUNKED + b"0\r\nx: ", b"v" * 1000),
        (CHUNKED + b"2;x=", b"v" * 1000),
    ],
    ids=["trailers", "trailer value", "chunk extension"],
)
async def test_endless_framing_is_too_large(
    clients: Clients, serve: Serve, pieces: tuple[bytes, ...]
) -> None:
    clients.need(Capability.TRAILER_BOUND)
    server = await serve(_endless(*pieces))
    with pytest.raises(UpstreamTooLarge):
        await clients().send(request_to(server), soon())


@pytest.mark.parametrize("over", [False, True])
@pytest.mark.parametrize("in_pieces", [False, True])
async def test_a_head_is_bounded_even_if_it_arrives_at_once(
    clients: Clients, serve: Serve, over: bool, in_pieces: bool
) -> None:
    value = b"v" * (5000 if over else 3000)
    answer = START + b"x: %b\r\ncontent-length: 9000\r\n\r\n" % value
    body = b"b" * 9000
    server = await serve(closing_after(*([answer, body] if in_pieces else [answer + body])))
    sending = clients(UpstreamLimits(head_bytes=4000)).send(request_to(server), soon())
    if over:
        with pytest.raises(UpstreamTooLarge, match="head"):
            await sending
    else:
        assert (await sending).body == body


@pytest.mark.parametrize(
    "answer",
    [
        START + b"content-length: 1001\r\n\r\n" + b"b" * 1001,
        START + b"content-length: 1001\r\n\r\n",
        START + b"\r\n" + b"b" * 1001,
        CHUNKED + b"3e9\r\n%b\r\n0\r\n\r\n" % (b"b" * 1001),
        CHUNKED + b"1\r\nb\r\n" * 1001,
    ],
    ids=["counted", "declared", "to the end", "one chunk", "many chunks"],
)
async def test_a_body_over_the_limit_is_too_large(
    clients: Clients, serve: Serve, answer: bytes
) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(answer)
        await peer.client_gone()

    server = await serve(script)
    with pytest.raises(UpstreamTooLarge):
        await clients(UpstreamLimits(response_bytes=1000)).send(request_to(server), soon())
    await server.all_gone()


async def test_a_body_at_the_limit_is_not(clients: Clients, serve: Serve) -> None:
    server = await serve(answering(START + b"content-length: 1000\r\n\r\n" + b"b" * 1000))
    client = clients(UpstreamLimits(response_bytes=1000))
    assert len((await client.send(request_to(server), soon())).body) == 1000


async def test_declared_sizes_of_bodies_that_do_not_come_do_not_matter(
    clients: Clients, serve: Serve
) -> None:
    server = await serve(answering(START + b"content-length: 5000\r\n\r\n"))
    client = clients(UpstreamLimits(response_bytes=1000))
    assert (await client.send(request_to(server, "HEAD"), soon())).body == b""
