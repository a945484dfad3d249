"""The contract: content codings are undone, within a bound."""

from __future__ import annotations

import gzip
import zlib

import pytest

from naftiko_runtime.errors import UpstreamProtocolError, UpstreamTooLarge
from naftiko_runtime.execute.upstream.message import UpstreamLimits
from tests.execute.upstream.codings import ENCODER_IDS, ENCODERS, Encoder
from tests.execute.upstream.contract import Clients, request_to, soon
from tests.execute.upstream.scripted_server import Serve, answering, closing_after

BODY = b'{"name": "a ship"}' * 5000

every_coding = pytest.mark.parametrize(("name", "encode"), ENCODERS, ids=ENCODER_IDS)


def coded(coding: bytes, body: bytes, status: bytes = b"200 OK") -> bytes:
    head = b"HTTP/1.1 %b\r\ncontent-type: a/b\r\ncontent-encoding: %b\r\ncontent-length: %d\r\n\r\n"
    return head % (status, coding, len(body)) + body


@every_coding
async def test_a_coding_is_undone_and_its_headers_are_gone(
    clients: Clients, serve: Serve, name: bytes, encode: Encoder
) -> None:
    server = await serve(answering(coded(name.upper(), encode(BODY))))
    response = await clients().send(request_to(server), soon())
    assert response.body == BODY
    assert response.headers == ((b"content-type", b"a/b"),)


async def test_errors_are_decoded_too(clients: Clients, serve: Serve) -> None:
    server = await serve(answering(coded(b"gzip", gzip.compress(b"no"), b"404 Not Found")))
    response = await clients().send(request_to(server), soon())
    assert (response.status, response.body) == (404, b"no")


async def test_several_codings_are_undone_in_reverse(clients: Clients, serve: Serve) -> None:
    twice = zlib.compress(gzip.compress(BODY))
    server = await serve(answering(coded(b"gzip,, Identity , deflate", twice)))
    assert (await clients().send(request_to(server), soon())).body == BODY


async def test_chunks_are_joined_before_they_are_decoded(clients: Clients, serve: Serve) -> None:
    body = gzip.compress(BODY)
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body)
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n"
    server = await serve(answering(head + chunks + b"0\r\n\r\n"))
    response = await clients().send(request_to(server), soon())
    assert (response.body, response.headers) == (BODY, ())


@pytest.mark.parametrize("coding", [b"utf-8", b"compress", b"gzip, utf-8", b"aws-chunked"])
async def test_an_unknown_coding_is_left_alone(
    clients: Clients, serve: Serve, coding: bytes
) -> None:
    server = await serve(answering(coded(coding, b"as it is")))
    response = await clients().send(request_to(server), soon())
    assert response.body == b"as it is"
    assert (b"content-encoding", coding) in response.headers


async def test_no_body_needs_no_decoding(clients: Clients, serve: Serve) -> None:
    server = await serve(answering(coded(b"gzip", b"")))
    assert (await clients().send(request_to(server), soon())).body == b""


@every_coding
async def test_a_bomb_is_too_large(
    clients: Clients, serve: Serve, name: bytes, encode: Encoder
) -> None:
    server = await serve(answering(coded(name, encode(bytes(5_000_000)))))
    client = clients(UpstreamLimits(response_bytes=100_000))
    with pytest.raises(UpstreamTooLarge, match="unpacked"):
        await client.send(request_to(server), soon())


async def test_a_bomb_within_a_bomb_is_too_large(clients: Clients, serve: Serve) -> None:
    bomb = gzip.compress(gzip.compress(bytes(50_000_000)))
    server = await serve(answering(coded(b"gzip, gzip", bomb)))
    with pytest.raises(UpstreamTooLarge, match="unpacked"):
        await clients(UpstreamLimits(response_bytes=1_000_000)).send(request_to(server), soon())


@every_coding
async def test_what_is_badly_coded_is_an_error(
    clients: Clients, serve: Serve, name: bytes, encode: Encoder
) -> None:
    whole = encode(BODY)
    broken = coded(name, whole[:-1]), coded(name, b"plain text"), coded(name, whole[:5])
    server = await serve(answering(*broken))
    client = clients()
    for _ in broken:
        with pytest.raises(UpstreamProtocolError):
            await client.send(request_to(server), soon())


async def test_a_truncated_coded_answer_is_an_error(clients: Clients, serve: Serve) -> None:
    answer = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n" + gzip.compress(BODY)[:-8]
    server = await serve(closing_after(answer))
    with pytest.raises(UpstreamProtocolError):
        await clients().send(request_to(server), soon())
