"""The least that a proxy in Python does: httptools on both sides, and nothing checked in between.

Requests are told apart by nothing, answers have to have a length, and whatever goes wrong ends the
process. What a call costs here is what event loop, parser and system calls cost.
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from typing import cast

import httptools
import uvloop

_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"


class _Upstream(asyncio.Protocol):
    """A connection to upstream: one exchange at a time."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._pieces: list[bytes] = []
        self._caller: _Caller
        self._idle: deque[_Upstream]
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def send(self, request: bytes, caller: _Caller, idle: deque[_Upstream]) -> None:
        self._caller, self._idle = caller, idle
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._pieces.append(body)

    def on_message_complete(self) -> None:
        body = b"".join(self._pieces)
        self._pieces.clear()
        self._idle.append(self)
        self._caller.answer(body)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self in self._idle:
            self._idle.remove(self)


class _Caller(asyncio.Protocol):
    """A connection of a caller."""

    def __init__(self, address: tuple[str, int], idle: deque[_Upstream]) -> None:
        self._address, self._idle = address, idle
        self._parser = httptools.HttpRequestParser(self)
        self._path = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self._path = url

    def on_message_complete(self) -> None:
        if self._idle:
            self._idle.pop().send(self._request(), self, self._idle)
        else:
            asyncio.get_running_loop().create_task(self._connect())

    def answer(self, body: bytes) -> None:
        self._transport.write(_ANSWER % (len(body), body))

    def _request(self) -> bytes:
        return b"GET %b HTTP/1.1\r\nhost: upstream\r\n\r\n" % self._path

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        _, upstream = await loop.create_connection(_Upstream, *self._address)
        upstream.send(self._request(), self, self._idle)


async def _serve(port: int, upstream: int) -> None:
    idle: deque[_Upstream] = deque()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: _Caller(("127.0.0.1", upstream), idle), "127.0.0.1", port, backlog=4096
    )
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1]), int(sys.argv[2].rpartition(":")[2])))
