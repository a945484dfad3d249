"""The contract: what goes over the wire is what was asked for, byte for byte."""

from __future__ import annotations

import pytest

from naftiko_runtime.execute.upstream.message import UpstreamRequest
from naftiko_runtime.plan.origins import Origin
from tests.execute.upstream.contract import Clients, request_to, soon
from tests.execute.upstream.scripted_server import OK, Serve, answering
from tests.runtime.ports import needs_ipv6

# Percent-encoding in both cases, dots, double slashes, empty and repeated parameters, brackets.
AWKWARD_TARGETS = (
    b"/",
    b"/a%2fb/%7Euser/../x/./y//z;v=1",
    b"/?",
    b"/p?q=%e2%82%ac&q=&q&params[table]=users&$select=a,b&x='y'|{z}^`\"<>\\",
    b"//double?a=b?c=/d",
    b"/" + b"long" * 2000,
)


@pytest.mark.parametrize("target", AWKWARD_TARGETS)
async def test_the_target_is_sent_as_given(clients: Clients, serve: Serve, target: bytes) -> None:
    server = await serve(answering(OK))
    await clients().send(request_to(server, target=target), soon())
    assert server.requests[0].split(b"\r\n")[0] == b"GET %b HTTP/1.1" % target


async def test_nothing_is_added_but_the_host(clients: Clients, serve: Serve) -> None:
    server = await serve(answering(OK))
    await clients().send(request_to(server), soon())
    port = server.origin.port
    assert server.requests == [b"GET / HTTP/1.1\r\nhost: 127.0.0.1:%d\r\n\r\n" % port]


async def test_headers_and_body_are_sent_in_order_with_the_length_last(
    clients: Clients, serve: Serve
) -> None:
    server = await serve(answering(OK))
    headers = ((b"x-b", b"2"), (b"x-a", b"1"), (b"x-b", b"\xe9 \t;,"), (b"x-empty", b""))
    body = bytes(range(256))
    await clients().send(request_to(server, "POST", b"/x", headers, body), soon())
    head, sent = server.requests[0].split(b"\r\n\r\n", 1)
    assert head.split(b"\r\n")[2:] == [
        b"x-b: 2",
        b"x-a: 1",
        b"x-b: \xe9 \t;,",
        b"x-empty: ",
        b"content-length: 256",
    ]
    assert sent == body


@pytest.mark.parametrize(
    ("method", "body", "length"),
    [
        ("GET", None, None),
        ("DELETE", None, None),
        ("POST", None, b"0"),
        ("PUT", None, b"0"),
        ("PATCH", None, b"0"),
        ("DELETE", b"", b"0"),
        ("GET", b"ab", b"2"),
        ("QUERY", b"ab", b"2"),
    ],
)
async def test_the_length_is_given_where_a_body_is_or_could_be(
    clients: Clients, serve: Serve, method: str, body: bytes | None, length: bytes | None
) -> None:
    server = await serve(answering(OK))
    await clients().send(request_to(server, method, body=body), soon())
    lines = server.requests[0].split(b"\r\n")
    lengths = [line for line in lines if line.startswith(b"content-length")]
    assert lengths == ([] if length is None else [b"content-length: " + length])
    assert b"transfer-encoding" not in server.requests[0]


async def test_a_large_body_arrives_whole(clients: Clients, serve: Serve) -> None:
    server = await serve(answering(OK))
    body = bytes(range(256)) * 20_000
    response = await clients().send(request_to(server, "POST", body=body), soon())
    assert response.body == b"ok"
    assert server.requests[0].endswith(b"\r\n\r\n" + body)


@needs_ipv6
async def test_ipv6_is_reached_and_named_in_brackets(clients: Clients, serve: Serve) -> None:
    server = await serve(answering(OK), host="::1")
    await clients().send(request_to(server), soon())
    assert b"host: [::1]:%d\r\n" % server.origin.port in server.requests[0]


async def test_a_name_is_resolved(clients: Clients, serve: Serve) -> None:
    server = await serve(answering(OK))
    origin = Origin("http", "localhost", server.origin.port)
    response = await clients().send(request_to(origin), soon())
    assert response.status == 200
    assert b"host: localhost:%d\r\n" % origin.port in server.requests[0]


HERE = Origin("http", "127.0.0.1", 9)


@pytest.mark.parametrize(
    "request_",
    [
        request_to(HERE, target=b"/a b"),
        request_to(HERE, target=b"/a\r\nx: y"),
        request_to(HERE, target=b"/\xc3\xa9"),
        request_to(HERE, target=b""),
        request_to(HERE, method="GET /x HTTP/1.1\r\n"),
        request_to(HERE, method="G\u00c9T"),
        request_to(HERE, headers=((b"x", b"a\r\nb: c"),)),
        request_to(HERE, headers=((b"x", b"a\nb"),)),
        request_to(HERE, headers=((b"x", b"a\0"),)),
        request_to(HERE, headers=((b"x: y\r\nz", b"a"),)),
        request_to(HERE, headers=((b"x y", b"a"),)),
        request_to(HERE, headers=((b"", b"a"),)),
        request_to(Origin("http", "a\r\nb", 80)),
        request_to(Origin("http", "b\u00fccher.example", 80)),
    ],
)
async def test_what_would_break_the_request_is_refused(
    clients: Clients, request_: UpstreamRequest
) -> None:
    with pytest.raises(ValueError, match=r"not fit|neither a name|codec"):
        await clients().send(request_, soon())
