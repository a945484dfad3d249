"""The contract: how answers are framed, and what of them goes over the seam."""

from __future__ import annotations

import pytest

from tests.execute.upstream.contract import Clients, request_to, soon
from tests.execute.upstream.scripted_server import OK, Peer, Script, Serve, answering, closing_after

START = b"HTTP/1.1 200 OK\r\n"
CHUNKED = START + b"transfer-encoding: chunked\r\n\r\n"


def one_by_one(answer: bytes) -> list[bytes]:
    return [answer[index : index + 1] for index in range(len(answer))]


async def test_status_headers_and_body_come_back(clients: Clients, serve: Serve) -> None:
    answer = (
        b"HTTP/1.1 418 I'm a teapot\r\nX-One:  a b \r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\n"
        b"X-Latin: \xe9\r\nX-Empty:\r\nContent-Length: 4\r\n\r\n\0\xff\r\n"
    )
    server = await serve(answering(answer))
    response = await clients().send(request_to(server), soon())
    assert response.status == 418
    assert response.headers == (
        (b"x-one", b"a b"),
        (b"set-cookie", b"a=1"),
        (b"set-cookie", b"b=2"),
        (b"x-latin", b"\xe9"),
        (b"x-empty", b""),
        (b"content-length", b"4"),
    )
    assert response.body == b"\0\xff\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        CHUNKED + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        CHUNKED + b"5;name=value\r\nabcde\r\n000\r\nx-trailer: 1\r\n\r\n",
        START + b"Transfer-Encoding: Chunked\r\n\r\n1\r\na\r\n4\r\nbcde\r\n0\r\n\r\n",
        START + b"Content-Length: 5\r\n\r\nabcde",
        b"HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nabcde",
        b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nabcde",
        START + b"\r\nabcde",
        START + b"connection: close\r\n\r\nabcde",
        b"HTTP/1.0 200 OK\r\n\r\nabcde",
    ],
)
@pytest.mark.parametrize("in_pieces", [False, True])
async def test_every_framing_is_read(
    clients: Clients, serve: Serve, answer: bytes, in_pieces: bool
) -> None:
    server = await serve(closing_after(*(one_by_one(answer) if in_pieces else [answer])))
    response = await clients().send(request_to(server), soon())
    assert response.body == b"abcde"
    assert (b"x-trailer", b"1") not in response.headers


@pytest.mark.parametrize("framing", [b"content-length: 0\r\n\r\n", b"\r\n"])
async def test_an_empty_body_is_empty(clients: Clients, serve: Serve, framing: bytes) -> None:
    server = await serve(closing_after(START + framing))
    assert (await clients().send(request_to(server), soon())).body == b""


@pytest.mark.parametrize(
    "interim",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\nx-interim: 1\r\n\r\n",
        b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n",
    ],
)
@pytest.mark.parametrize("in_pieces", [False, True])
async def test_interim_answers_are_passed_over(
    clients: Clients, serve: Serve, interim: bytes, in_pieces: bool
) -> None:
    server = await serve(answering(interim + OK) if not in_pieces else _apart(interim, OK))
    client = clients()
    for _ in range(2):
        response = await client.send(request_to(server, "POST", body=b"x"), soon())
        assert (response.status, response.body) == (200, b"ok")
        assert response.headers == ((b"content-length", b"2"),)
    assert len(server.peers) == 1


def _apart(*pieces: bytes) -> Script:
    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(*pieces)

    return script


@pytest.mark.parametrize(
    "headers",
    [
        b"content-length: 5\r\n",
        b"transfer-encoding: chunked\r\n",
        b"content-encoding: gzip\r\ncontent-length: 5\r\n",
        b"content-length: 0\r\n",
        b"",
    ],
)
async def test_head_has_no_body_whatever_its_headers_say(
    clients: Clients, serve: Serve, headers: bytes
) -> None:
    server = await serve(answering(START + headers + b"\r\n"))
    client = clients()
    for _ in range(3):
        response = await client.send(request_to(server, "HEAD"), soon())
        assert (response.status, response.body) == (200, b"")
    kept = [line for line in headers.split(b"\r\n") if line.startswith(b"content-")]
    assert [b"%b: %b" % header for header in response.headers] == kept


async def test_a_head_answer_leaves_the_connection_for_others(
    clients: Clients, serve: Serve
) -> None:
    server = await serve(answering(START + b"content-length: 5\r\n\r\n", OK))
    client = clients()
    await client.send(request_to(server, "HEAD"), soon())
    assert (await client.send(request_to(server), soon())).body == b"ok"
    assert len(server.peers) == 1


@pytest.mark.parametrize("status", [204, 304])
@pytest.mark.parametrize("headers", [b"", b"content-length: 5\r\n", b"etag: x\r\n"])
async def test_some_statuses_have_no_body(
    clients: Clients, serve: Serve, status: int, headers: bytes
) -> None:
    server = await serve(answering(b"HTTP/1.1 %d X\r\n%b\r\n" % (status, headers), OK))
    client = clients()
    response = await client.send(request_to(server), soon())
    assert (response.status, response.body) == (status, b"")
    assert (await client.send(request_to(server), soon())).body == b"ok"
    assert len(server.peers) == 1


async def test_hop_by_hop_headers_end_here(clients: Clients, serve: Serve) -> None:
    answer = (
        START + b"Connection: keep-alive, X-Private\r\nKeep-Alive: timeout=5\r\nX-Private: 1\r\n"
        b"Proxy-Authenticate: Basic\r\nUpgrade: h2c\r\nTrailer: x\r\nX-Public: 1\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    )
    server = await serve(answering(answer))
    response = await clients().send(request_to(server), soon())
    assert response.headers == ((b"x-public", b"1"),)


async def test_redirects_and_cookies_are_answers_and_nothing_more(
    clients: Clients, serve: Serve
) -> None:
    headers = b"location: http://[bad\r\nset-cookie: a=b\r\ncontent-length: 0\r\n"
    moved = b"HTTP/1.1 302 Found\r\n%b\r\n" % headers
    server = await serve(answering(moved))
    client = clients()
    for _ in range(2):
        response = await client.send(request_to(server), soon())
        assert response.status == 302
        assert (b"location", b"http://[bad") in response.headers
    assert b"cookie" not in server.requests[1]
    assert len(server.requests) == 2
