"""Digest against a strict server: RFC 7616."""

from __future__ import annotations

import asyncio

import pytest

from naftiko_runtime.execute.credentials.authoriser import Authoriser
from naftiko_runtime.execute.upstream.message import UpstreamRequest, UpstreamResponse
from naftiko_runtime.execute.upstream.pooled import PooledClient
from naftiko_runtime.plan.grants import DigestSecret
from naftiko_runtime.plan.origins import Origin
from naftiko_runtime.values import Deadline
from tests.execute.credentials.digest_server import DigestServer
from tests.upstreams import RecordingClient, answer

ORIGIN = Origin("https", "api.test", 443)


def _secret(server: DigestServer) -> DigestSecret:
    return DigestSecret(server.user, server.password)


async def _send(authoriser: Authoriser, secret: DigestSecret, target: bytes = b"/a?b=c") -> int:
    request = UpstreamRequest("GET", ORIGIN, target, ())
    return (await authoriser.send(secret, request, Deadline.after(60))).status


@pytest.mark.parametrize("session", ["", "-sess"])
@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "SHA-512-256"])
async def test_one_challenge_is_enough_for_many_requests(algorithm: str, session: str) -> None:
    server = DigestServer(algorithm=algorithm + session)
    authoriser = Authoriser(RecordingClient(server))
    statuses = [await _send(authoriser, _secret(server), b"/%d" % one) for one in range(3)]
    assert statuses == [200, 200, 200]
    assert server.statuses == [401, 200, 200, 200]


async def test_a_stale_nonce_is_replaced() -> None:
    server = DigestServer()
    authoriser = Authoriser(RecordingClient(server))
    await _send(authoriser, _secret(server))
    server.expire()
    assert await _send(authoriser, _secret(server)) == 200
    assert server.statuses == [401, 200, 401, 200]


async def test_a_nonce_that_is_outdated_at_once_is_replaced_once_more() -> None:
    server = DigestServer()

    def slow(request: UpstreamRequest) -> UpstreamResponse:
        response = server(request)
        if len(server.statuses) == 1:
            server.expire()
        return response

    assert await _send(Authoriser(RecordingClient(slow)), _secret(server)) == 200
    assert server.statuses == [401, 401, 200]


async def test_nonces_that_are_always_outdated_end_in_a_401() -> None:
    server = DigestServer()

    def never(request: UpstreamRequest) -> UpstreamResponse:
        server.expire()
        return server(request)

    assert await _send(Authoriser(RecordingClient(never)), _secret(server)) == 401
    assert server.statuses == [401, 401, 401]


async def test_a_wrong_password_is_tried_once_for_each_call() -> None:
    server = DigestServer()
    client = RecordingClient(server)
    authoriser = Authoriser(client)
    for _ in range(2):
        assert await _send(authoriser, DigestSecret("ada", "wrong")) == 401
    tried = [b"authorization" in dict(one.headers) for one in client.requests]
    assert tried == [False, True, False, True]


async def test_the_nonce_for_the_next_request_is_taken() -> None:
    server = DigestServer(next_nonce=True)
    authoriser = Authoriser(RecordingClient(server))
    assert [await _send(authoriser, _secret(server)) for _ in range(3)] == [200, 200, 200]
    assert server.statuses == [401, 200, 200, 200]


@pytest.mark.parametrize("more", ["", ", charset=UTF-8", ", userhash=true", ", userhash=false"])
@pytest.mark.parametrize("user", ["ada", "Jäsøn Doe"])
async def test_users_and_passwords_may_be_in_any_script(user: str, more: str) -> None:
    server = DigestServer(user=user, algorithm="SHA-256", more=more)
    client = RecordingClient(server)
    assert await _send(Authoriser(client), _secret(server)) == 200
    hidden = "userhash=true" in more or ("charset" in more and not user.isascii())
    shown = f'username="{user}"'.encode() in dict(client.requests[1].headers)[b"authorization"]
    assert shown != hidden


async def test_calls_at_once_share_the_nonce() -> None:
    server = DigestServer(algorithm="SHA-256-sess")
    authoriser = Authoriser(RecordingClient(server))
    await _send(authoriser, _secret(server))
    calls = (_send(authoriser, _secret(server)) for _ in range(10))
    assert await asyncio.gather(*calls) == [200] * 10
    assert server.statuses.count(401) == 1


async def test_another_origin_gets_no_proof_before_it_asks() -> None:
    server = DigestServer()
    client = RecordingClient(server)
    authoriser = Authoriser(client)
    await _send(authoriser, _secret(server))
    server.expire()
    elsewhere = UpstreamRequest("GET", Origin("https", "other.test", 443), b"/", ())
    await authoriser.send(_secret(server), elsewhere, Deadline.after(60))
    [first, _] = [one for one in client.requests if one.origin.host == "other.test"]
    assert b"authorization" not in dict(first.headers)


async def test_a_challenge_for_a_password_in_clear_is_not_answered() -> None:
    header = (b"www-authenticate", b'Basic realm="Digest nonce=1"')
    client = RecordingClient(lambda _: answer({}, 401, (header,)))
    assert await _send(Authoriser(client), DigestSecret("ada", "pw")) == 401
    assert len(client.requests) == 1


async def test_it_works_over_the_network() -> None:
    server = DigestServer(algorithm="SHA-256")

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        method, target, _ = head[0].split(" ")
        pairs = [line.split(": ", 1) for line in head[1:-1]]
        headers = tuple((name.encode(), value.encode()) for name, value in pairs)
        response = server(UpstreamRequest(method, ORIGIN, target.encode(), headers))
        lines = [b"%b: %b\r\n" % header for header in response.headers]
        status = b"HTTP/1.1 %d \r\ncontent-length: %d\r\nconnection: close\r\n"
        writer.write(status % (response.status, len(response.body)))
        writer.write(b"".join(lines) + b"\r\n" + response.body)
        writer.close()
        await writer.wait_closed()

    listener = await asyncio.start_server(connected, "127.0.0.1", 0)
    client = PooledClient()
    async with listener:
        origin = Origin("http", "127.0.0.1", listener.sockets[0].getsockname()[1])
        request = UpstreamRequest("POST", origin, b"/ships?x=%20", (), b"{}")
        response = await Authoriser(client).send(_secret(server), request, Deadline.after(60))
        await client.aclose()
    assert response.body == b'{"in":1}'
    assert server.statuses == [401, 200]
