"""The contract: `x-tls`, that is private authorities and client certificates."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from naftiko_runtime.errors import UpstreamError, UpstreamUnreachable
from naftiko_runtime.plan.origins import Origin
from naftiko_runtime.plan.tls_identity import TlsIdentity
from tests.execute.upstream.certificates import Authority
from tests.execute.upstream.contract import Clients, request_to, soon
from tests.execute.upstream.scripted_server import OK, Peer, ScriptedServer, Serve, answering


def _origin(server: ScriptedServer, identity: TlsIdentity) -> Origin:
    return Origin("https", "localhost", server.origin.port, identity)


def _identity(authority: Authority, name: str) -> TlsIdentity:
    certificate, key = authority.issue(name)
    return TlsIdentity(ca=authority.pem, certificate=certificate, key=key)


async def _who(peer: Peer) -> None:
    """Answer each request with the name in the client's certificate."""
    while not peer.reader.at_eof():
        await peer.request()
        name = peer.shown_name.encode()
        await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(name), name))


async def test_a_private_authority_of_the_api_is_believed(
    clients: Clients, serve: Serve, authority: Authority
) -> None:
    server = await serve(answering(OK), tls=authority.serving("localhost"))
    origin = _origin(server, TlsIdentity(ca=authority.pem))
    assert (await clients().send(request_to(origin), soon())).body == b"ok"


async def test_an_apis_own_authority_is_the_only_one(
    clients: Clients, serve: Serve, authority: Authority, other_authority: Authority
) -> None:
    server = await serve(answering(OK), tls=authority.serving("localhost"))
    origin = _origin(server, TlsIdentity(ca=other_authority.pem))
    client = clients(verify=authority.trusting())
    with pytest.raises(UpstreamUnreachable, match="certificate is not accepted"):
        await client.send(request_to(origin), soon())


async def test_a_client_certificate_is_shown(
    clients: Clients, serve: Serve, authority: Authority
) -> None:
    server = await serve(_who, tls=authority.serving("localhost", asks=authority))
    origin = _origin(server, _identity(authority, "ada"))
    assert (await clients().send(request_to(origin), soon())).body == b"ada"


async def test_without_a_client_certificate_a_server_that_asks_for_one_is_an_error(
    clients: Clients, serve: Serve, authority: Authority
) -> None:
    server = await serve(_who, tls=authority.serving("localhost", asks=authority))
    with pytest.raises(UpstreamError):
        await clients().send(
            request_to(_origin(server, TlsIdentity(ca=authority.pem)), "POST"), soon()
        )


async def test_identities_never_share_a_connection(
    clients: Clients, serve: Serve, authority: Authority
) -> None:
    server = await serve(_who, tls=authority.serving("localhost", asks=authority))
    client = clients()
    origins = [_origin(server, _identity(authority, name)) for name in ("ada", "bob")]
    bodies = [
        (await client.send(request_to(origin), soon())).body for origin in (*origins, *origins)
    ]
    assert bodies == [b"ada", b"bob", b"ada", b"bob"]
    assert len(server.peers) == 2


async def test_equal_identities_share_a_connection(
    clients: Clients, serve: Serve, authority: Authority
) -> None:
    server = await serve(_who, tls=authority.serving("localhost", asks=authority))
    client, identity = clients(), _identity(authority, "ada")
    for one in (identity, replace(identity)):
        await client.send(request_to(_origin(server, one)), soon())
    assert len(server.peers) == 1


async def test_another_server_name_is_asked_for_and_expected(
    clients: Clients, serve: Serve, authority: Authority
) -> None:
    asked: list[str | None] = []
    context = authority.serving("api.internal")
    context.sni_callback = lambda _, name, __: asked.append(name)
    server = await serve(answering(OK), tls=context)
    origin = _origin(server, TlsIdentity(ca=authority.pem, server_name="api.internal"))
    assert (await clients().send(request_to(origin), soon())).body == b"ok"
    assert asked == ["api.internal"]
    assert b"host: localhost:" in server.requests[0]


async def test_a_certificate_for_another_name_than_asked_is_not_accepted(
    clients: Clients, serve: Serve, authority: Authority
) -> None:
    server = await serve(answering(OK), tls=authority.serving("localhost"))
    origin = _origin(server, TlsIdentity(ca=authority.pem, server_name="api.internal"))
    with pytest.raises(UpstreamUnreachable, match="not accepted: Hostname mismatch"):
        await clients().send(request_to(origin), soon())


async def test_a_server_is_only_believed_blindly_where_the_document_says_so(
    clients: Clients, serve: Serve, other_authority: Authority
) -> None:
    server = await serve(answering(OK), tls=other_authority.serving("other.example"))
    client = clients()
    blind = request_to(_origin(server, TlsIdentity(verify=False)))
    assert (await client.send(blind, soon())).body == b"ok"
    with pytest.raises(UpstreamUnreachable, match="not accepted"):
        await client.send(request_to(_origin(server, TlsIdentity())), soon())


async def test_a_key_that_does_not_fit_makes_the_api_unreachable(
    clients: Clients, authority: Authority
) -> None:
    (certificate, _), (_, key) = authority.issue("ada"), authority.issue("bob")
    origin = Origin("https", "localhost", 9, TlsIdentity(certificate=certificate, key=key))
    with pytest.raises(UpstreamUnreachable, match="'key' does not belong to 'certificate'"):
        await clients().send(request_to(origin), soon())


async def test_many_calls_at_once_keep_to_their_identity(
    clients: Clients, serve: Serve, authority: Authority
) -> None:
    server = await serve(_who, tls=authority.serving("localhost", asks=authority))
    client, names = clients(), ("ada", "bob", "cyd")
    origins = {name: _origin(server, _identity(authority, name)) for name in names}
    calls = [(name, client.send(request_to(origins[name]), soon())) for name in names * 4]
    answers = await asyncio.gather(*(call for _, call in calls))
    assert [one.body.decode() for one in answers] == [name for name, _ in calls]
