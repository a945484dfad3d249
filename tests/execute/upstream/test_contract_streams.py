"""The contract: bodies in pieces, both ways."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable, Iterable

import pytest

from naftiko_runtime.errors import (
    UpstreamProtocolError,
    UpstreamTimeout,
    UpstreamTooLarge,
    UpstreamUnreachable,
)
from naftiko_runtime.execute.upstream.message import (
    StreamedBody,
    StreamedResponse,
    UpstreamClient,
    UpstreamLimits,
    UpstreamRequest,
)
from naftiko_runtime.plan.origins import Origin
from tests.execute.upstream.contract import Capability, Clients, request_to, soon
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
from tests.upstreams import pieces

START = b"HTTP/1.1 200 OK\r\n"
CHUNKED = START + b"transfer-encoding: chunked\r\n\r\n"
LONG = 10.0


async def as_they_are(parts: list[bytes]) -> AsyncIterator[bytes]:
    """Yield each part, empty ones too."""
    for one in parts:
        yield one


def body_of(each: Iterable[bytes], *, counted: bool) -> StreamedBody:
    """Return a body in pieces, its length known or not."""
    parts = list(each)
    return StreamedBody(as_they_are(parts), sum(map(len, parts)) if counted else None)


async def whole(response: StreamedResponse) -> bytes:
    """Read an answer to its end."""
    return b"".join([piece async for piece in response.pieces])


async def fetch(
    client: UpstreamClient,
    request: UpstreamRequest,
    body: StreamedBody | None = None,
    patience_seconds: float = LONG,
) -> bytes:
    """Carry a request and read its answer to the end."""
    async with client.stream(request, body, patience_seconds) as response:
        return await whole(response)


async def chunked_request(peer: Peer) -> bytes:
    """Read a request whose body is chunked; return the body as it came."""
    await peer.head()
    return await peer.reader.readuntil(b"0\r\n\r\n")


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


async def test_pieces_arrive_before_the_answer_is_complete(clients: Clients, serve: Serve) -> None:
    go_on = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(CHUNKED, b"3\r\none\r\n")
        await go_on.wait()
        await peer.send(b"3\r\ntwo\r\n0\r\n\r\n")

    server = await serve(script)
    async with clients().stream(request_to(server), None, LONG) as response:
        assert await anext(response.pieces) == b"one"
        go_on.set()
        assert await whole(response) == b"two"


async def test_no_size_is_too_large(clients: Clients, serve: Serve) -> None:
    size = 3_000_000
    server = await serve(answering(START + b"content-length: %d\r\n\r\n" % size + bytes(size)))
    client = clients(UpstreamLimits(response_bytes=1000))
    assert len(await fetch(client, request_to(server))) == size


async def test_a_head_may_still_be_too_large(clients: Clients, serve: Serve) -> None:
    server = await serve(answering(START + b"x: " + bytes(200_000).replace(b"\0", b"a")))
    with pytest.raises(UpstreamTooLarge):
        await fetch(clients(UpstreamLimits(head_bytes=2000)), request_to(server))


async def test_an_answer_that_nobody_reads_is_not_read_ahead(
    clients: Clients, serve: Serve
) -> None:
    """The server can send what sockets and transports hold, and no more."""
    size = 64 * 1024 * 1024
    sent = 0
    full = asyncio.Event()

    async def script(peer: Peer) -> None:
        nonlocal sent
        await peer.request()
        await peer.send(START + b"content-length: %d\r\n\r\n" % size)
        while sent < size:
            try:
                await asyncio.wait_for(peer.send(bytes(65536)), 0.2)
            except TimeoutError:
                full.set()
                await peer.client_gone()
                return
            sent += 65536

    server = await serve(script)
    async with clients().stream(request_to(server), None, LONG) as response:
        await anext(response.pieces)
        await full.wait()
    assert sent < size // 2
    await server.all_gone()


async def test_a_body_that_nobody_takes_is_not_asked_for(clients: Clients, serve: Serve) -> None:
    size = 64 * 1024 * 1024
    asked = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal asked
        while True:
            asked += 65536
            yield bytes(65536)

    async def script(peer: Peer) -> None:
        await peer.head()
        await asyncio.Event().wait()

    server = await serve(script)
    with pytest.raises(UpstreamTimeout):
        await fetch(clients(), request_to(server, "POST"), StreamedBody(endless(), size), 0.2)
    assert asked < size // 2


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


async def test_nobody_listening_is_an_error(clients: Clients, serve: Serve) -> None:
    server = await serve(answering(OK))
    origin = server.origin
    await server.stop()
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


async def test_nothing_is_asked_for_past_the_length(clients: Clients, serve: Serve) -> None:
    async def then_never() -> AsyncIterator[bytes]:
        yield b"onetwo"
        await asyncio.Event().wait()

    server = await serve(answering(OK))
    body = StreamedBody(then_never(), 6)
    assert await fetch(clients(), request_to(server, "POST"), body) == b"ok"


async def test_an_early_answer_is_read_while_the_body_waits(clients: Clients, serve: Serve) -> None:
    clients.need(Capability.EARLY_ANSWERS)
    refusal = b"HTTP/1.1 413 Content Too Large\r\ncontent-length: 3\r\n\r\nno!"

    async def never() -> AsyncIterator[bytes]:
        yield b"half"
        await asyncio.Event().wait()

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(refusal)
        await peer.client_gone()

    server = await serve(script)
    async with clients().stream(
        request_to(server, "POST"), StreamedBody(never(), 100), LONG
    ) as response:
        assert response.status == 413
        assert await whole(response) == b"no!"
    await server.all_gone()


async def test_an_echo_comes_back_while_the_body_goes_out(clients: Clients, serve: Serve) -> None:
    clients.need(Capability.EARLY_ANSWERS)
    echoed = asyncio.Queue[bytes]()

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(START + b"content-length: 6\r\n\r\n")
        for _ in range(2):
            await peer.send(await peer.reader.readexactly(3))

    async def turn_by_turn() -> AsyncIterator[bytes]:
        yield b"one"
        assert await echoed.get() == b"one"
        yield b"two"

    server = await serve(script)
    body = StreamedBody(turn_by_turn(), 6)
    async with clients().stream(request_to(server, "POST"), body, LONG) as response:
        async for piece in response.pieces:
            echoed.put_nowait(piece)
    assert echoed.get_nowait() == b"two"


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


@pytest.mark.parametrize("target", [b"/a b", b"/a\r\nx: y"])
async def test_a_request_that_is_not_fit_is_not_sent(
    clients: Clients, serve: Serve, target: bytes
) -> None:
    server = await serve(answering(OK))
    with pytest.raises(ValueError, match="not fit"):
        await fetch(clients(), request_to(server, target=target))
    assert not server.requests
