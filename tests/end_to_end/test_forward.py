"""Requests that are passed on, over real connections: whatever their size, and however they end."""

from __future__ import annotations

import http.client
import json
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.end_to_end.commands import PATIENCE_SECONDS, ROOT, Serve, Served, until
from tests.end_to_end.streaming_upstream import BLOCK, StreamingUpstream, streaming_upstream

GATEWAY = ROOT / "examples" / "forward" / "gateway.yaml"
TOKEN = {"SHIPS_TOKEN": "t0k3n-of-the-ships-api"}
BLOCKS = 256
GROWTH_KIB = 48 * 1024


@pytest.fixture(scope="module")
def upstream() -> Iterator[StreamingUpstream]:
    with streaming_upstream() as upstream:
        yield upstream


@pytest.fixture(scope="module")
def gateway(served: Serve, upstream: StreamingUpstream) -> Iterator[Served]:
    """The example in front of the upstream."""
    with served(GATEWAY, f"ships={upstream.url}", TOKEN) as runtime:
        yield runtime


@pytest.fixture(scope="module")
def impatient(served: Serve, upstream: StreamingUpstream) -> Iterator[Served]:
    """The same, but upstream may only be silent for two seconds."""
    with served(GATEWAY, f"ships={upstream.url}", TOKEN, "--timeout", "2") as runtime:
        yield runtime


@contextmanager
def connected(runtime: Served) -> Iterator[http.client.HTTPConnection]:
    """Hold a connection to the gateway."""
    address = urlsplit(runtime.rest)
    assert address.hostname is not None
    connection = http.client.HTTPConnection(address.hostname, address.port, PATIENCE_SECONDS)
    try:
        yield connection
    finally:
        connection.close()


def resident_kib(runtime: Served, figure: str) -> int:
    """Return a figure of the process's memory in KiB: `VmRSS` is now, `VmHWM` the most so far."""
    status = Path(f"/proc/{runtime.process.pid}/status")
    if not status.exists():
        pytest.skip("only Linux tells how much memory a process has")
    found = re.search(rf"{figure}:\s+(\d+) kB", status.read_text())
    assert found is not None
    return int(found[1])


@contextmanager
def bounded_memory(runtime: Served) -> Iterator[None]:
    """Check that the process never has much more memory than before."""
    before = resident_kib(runtime, "VmRSS")
    yield
    assert resident_kib(runtime, "VmHWM") - before < GROWTH_KIB


@pytest.mark.parametrize("counted", [True, False])
def test_a_large_body_goes_up_in_bounded_memory(gateway: Served, counted: bool) -> None:
    headers = {"Content-Length": str(BLOCKS * len(BLOCK))} if counted else {}
    blocks = (BLOCK for _ in range(BLOCKS))
    with connected(gateway) as connection, bounded_memory(gateway):
        connection.request("PUT", "/ships-api/size", blocks, headers, encode_chunked=not counted)
        assert int(connection.getresponse().read()) == BLOCKS * len(BLOCK)


@pytest.mark.parametrize("framing", ["blocks", "chunks"])
def test_a_large_answer_comes_down_in_bounded_memory(gateway: Served, framing: str) -> None:
    size = 0
    with connected(gateway) as connection, bounded_memory(gateway):
        connection.request("GET", f"/ships-api/{framing}/{BLOCKS}")
        response = connection.getresponse()
        while piece := response.read(len(BLOCK)):
            size += len(piece)
    assert size == BLOCKS * len(BLOCK)


def test_an_answer_that_nobody_reads_is_not_kept(gateway: Served) -> None:
    """Sixteen callers ask for much and read nothing."""
    address = urlsplit(gateway.rest)
    request = f"GET /ships-api/blocks/{BLOCKS} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with bounded_memory(gateway):
        callers = [
            socket.create_connection((address.hostname, address.port), PATIENCE_SECONDS)
            for _ in range(16)
        ]
        for caller in callers:
            caller.sendall(request)
        for caller in callers:
            assert caller.recv(1) == b"H"
        for caller in callers:
            caller.close()


@pytest.mark.parametrize("word", ["half", "half-chunked"])
def test_an_answer_that_breaks_off_does_not_look_complete(gateway: Served, word: str) -> None:
    with connected(gateway) as connection:
        connection.request("GET", f"/ships-api/{word}")
        response = connection.getresponse()
        with pytest.raises(http.client.IncompleteRead) as raised:
            response.read()
    assert raised.value.partial == b"half"
    until(lambda: "the answer was cut short" in gateway.process.stderr, gateway.process)


def test_when_the_caller_leaves_the_upstream_connection_is_closed(
    gateway: Served, upstream: StreamingUpstream
) -> None:
    with connected(gateway) as connection:
        connection.request("GET", "/ships-api/halt")
        assert connection.getresponse().read(4) == b"half"
        assert upstream.seen.halted.wait(PATIENCE_SECONDS)
        assert not upstream.seen.left.is_set()
    assert upstream.seen.left.wait(PATIENCE_SECONDS)


def test_silence_within_the_answer_closes_the_connection(impatient: Served) -> None:
    with connected(impatient) as connection:
        connection.request("GET", "/ships-api/halt")
        with pytest.raises(http.client.IncompleteRead):
            connection.getresponse().read()


def test_an_early_refusal_reaches_the_caller(gateway: Served) -> None:
    with connected(gateway) as connection:
        connection.putrequest("PUT", "/ships-api/refuse")
        connection.putheader("Content-Length", "1000000")
        connection.endheaders(b"the first few bytes")
        response = connection.getresponse()
        assert (response.status, response.read()) == (413, b"no")


def test_connections_to_upstream_are_kept(gateway: Served, upstream: StreamingUpstream) -> None:
    with connected(gateway) as connection:
        for _ in range(2):
            connection.request("POST", "/ships-api/size", b"12345")
            assert connection.getresponse().read() == b"5"
            before = upstream.seen.connections
        for _ in range(5):
            connection.request("POST", "/ships-api/size", b"12345")
            assert connection.getresponse().read() == b"5"
    assert upstream.seen.connections == before


def test_nothing_of_the_caller_arrives_but_what_is_trusted(
    gateway: Served, upstream: StreamingUpstream
) -> None:
    canary = "c4n4ry-of-the-caller"
    names = ("Authorization", "Cookie", "X-Api-Key", "X-Forwarded-For", "Referer", "User-Agent")
    headers = dict.fromkeys(names, canary) | {"X-Correlation-Id": "7", "Accept": "text/csv"}
    with connected(gateway) as connection:
        connection.request("POST", "/ships-api/a%2Fb?q=%20&q=2", b"x=1", headers)
        connection.getresponse().read()
    head = upstream.seen.heads[-1]
    assert (head.method, head.target) == ("POST", "/v1/a%2Fb?q=%20&q=2")
    assert canary not in str(head)
    expected = {"x-correlation-id": "7", "accept": "text/csv", "x-api-version": "2"}
    assert expected.items() <= head.headers.items()
    assert head.headers["authorization"] == f"Bearer {TOKEN['SHIPS_TOKEN']}"


def test_the_operation_beside_the_forward_goes_first(gateway: Served) -> None:
    with connected(gateway) as connection:
        connection.request("GET", "/ships-api/ships/7")
        assert json.loads(connection.getresponse().read()) == {"ship": "Fram"}
        connection.request("PUT", "/ships-api/ships/7", b"{}")
        assert json.loads(connection.getresponse().read()) == {"name": "Fram"}


@pytest.mark.parametrize("path", ["/ships-api/%2e%2e/x", "/ships-api/a%2f..%2f..%2fx"])
def test_no_path_leads_out_of_the_base_uri(
    gateway: Served, upstream: StreamingUpstream, path: str
) -> None:
    before = len(upstream.seen.heads)
    with connected(gateway) as connection:
        connection.request("GET", path)
        assert connection.getresponse().status == 400
    assert len(upstream.seen.heads) == before
