"""The seam to the network between this server and an authorization server: a real client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from naftiko_runtime.errors import CallerUnverifiable
from naftiko_runtime.execute.upstream.clients import RoutedClient
from naftiko_runtime.execute.upstream.message import Origin, UpstreamRequest
from naftiko_runtime.expose.callers import AUTHORIZATION_SERVER_LIMITS, Callers
from naftiko_runtime.values import Deadline
from tests.expose.callers.identity_server import IdentityServer, by_keys
from tests.expose.callers.requests import admitted, bearing, refused


@asynccontextmanager
async def _listening(identity: IdentityServer) -> AsyncIterator[str]:
    """Let the authorization server listen on a port; yield its issuer."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        method, target, _ = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)
        request = UpstreamRequest(method.decode(), Origin("http", "", 80), target, ())
        response = await identity.send(request, Deadline.after(5))
        length = b"content-length: %d\r\nconnection: close\r\n\r\n" % len(response.body)
        writer.write(b"HTTP/1.1 %d \r\n" % response.status + length + response.body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        issuer = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/tenant"
        keys = issuer.replace("/tenant", "/keys")
        identity.metadata = {"issuer": issuer, "jwks_uri": keys}
        yield issuer


async def test_keys_come_over_the_network() -> None:
    identity = IdentityServer()
    callers = Callers(RoutedClient(AUTHORIZATION_SERVER_LIMITS))
    async with _listening(identity) as issuer:
        admission = callers.admission(by_keys(server=issuer))
        caller = await admitted(admission, bearing(identity.token(iss=issuer)))
        assert caller.name == "ada"
        await callers.aclose()


async def test_an_answer_that_is_too_large_is_not_read() -> None:
    identity = IdentityServer(published=["x" * 300_000])
    callers = Callers(RoutedClient(AUTHORIZATION_SERVER_LIMITS))
    async with _listening(identity) as issuer:
        admission = callers.admission(by_keys(server=issuer))
        error = await refused(admission, bearing(identity.token(iss=issuer)))
        assert isinstance(error, CallerUnverifiable)
        await callers.aclose()
