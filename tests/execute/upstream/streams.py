"""Bodies in pieces: what the contract sends, and reads to its end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from naftiko_runtime.execute.upstream.message import (
    StreamedBody,
    StreamedResponse,
    UpstreamClient,
    UpstreamRequest,
)
from tests.execute.upstream.scripted_server import Peer

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
