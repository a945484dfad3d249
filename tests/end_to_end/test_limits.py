"""Limits that the operator sets, through the whole stack."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import httpx
import pytest

from tests.end_to_end.commands import MODELSYNC, PATIENCE_SECONDS, POLYTOMIC, Serve, Served
from tests.end_to_end.faces import KEY, rest_client
from tests.end_to_end.scripted_upstream import ScriptedUpstream

HEAD = b"POST /v1/api/syncs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"


@pytest.fixture(scope="module")
def bounded(served: Serve, upstream: ScriptedUpstream) -> Iterator[Served]:
    """The Polytomic capability within narrow bounds, but for those in time."""
    options = ["--max-body", "1KiB", "--max-head", "2KiB", "--max-json-depth", "5"]
    options += ["--max-connections", "20"]
    with served(MODELSYNC, f"{POLYTOMIC}={upstream.url}", KEY, *options) as runtime:
        yield runtime


@pytest.fixture(scope="module")
def hurried(served: Serve, upstream: ScriptedUpstream) -> Iterator[Served]:
    """The same for callers who have little time, and may not call often."""
    options = ["--head-timeout", "2", "--body-timeout", "0.5", "--rate-limit", "20/h"]
    with served(MODELSYNC, f"{POLYTOMIC}={upstream.url}", KEY, *options) as runtime:
        yield runtime


@pytest.fixture
def rest(bounded: Served) -> Iterator[httpx.Client]:
    with rest_client(bounded.rest) as client:
        yield client


def connected(served: Served) -> socket.socket:
    """Return a connection to the REST listener."""
    parts = urlsplit(served.rest)
    return socket.create_connection((parts.hostname, parts.port or 80), PATIENCE_SECONDS)


def answer(served: Served, *pieces: bytes) -> bytes:
    """Send pieces of a request, and return all that comes until the connection is closed."""
    received = b""
    with connected(served) as connection:
        for piece in pieces:
            connection.sendall(piece)
        while more := connection.recv(65_536):
            received += more
    return received


def test_a_body_that_is_too_large_is_a_413(rest: httpx.Client) -> None:
    response = rest.post("/v1/api/syncs", content=b"{" + b" " * 1024)
    assert (response.status_code, response.json()["code"]) == (413, "request-too-large")


def test_json_that_is_too_deep_is_a_400(rest: httpx.Client) -> None:
    response = rest.post("/v1/api/syncs", json=[[[[[[]]]]]])
    assert response.status_code == 400
    assert "5 levels deep" in response.text


def test_a_head_that_is_too_large_is_a_431(bounded: Served) -> None:
    got = answer(bounded, b"GET /healthz HTTP/1.1\r\na: " + b"x" * 2048 + b"\r\n\r\n")
    assert got.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")


def test_a_caller_that_says_nothing_is_left(hurried: Served) -> None:
    assert answer(hurried) == b""


def test_a_head_that_does_not_end_is_a_408(hurried: Served) -> None:
    assert answer(hurried, HEAD).startswith(b"HTTP/1.1 408 Request Timeout\r\n")


def test_a_body_that_does_not_end_is_a_problem(hurried: Served) -> None:
    got = answer(hurried, HEAD, b"content-length: 100\r\n\r\n{")
    assert got.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b'"code":"request-timeout"' in got


def test_a_connection_too_many_is_a_503(bounded: Served) -> None:
    with ExitStack() as open_connections:
        for _ in range(20):
            open_connections.enter_context(connected(bounded))
        assert answer(bounded).startswith(b"HTTP/1.1 503 Service Unavailable\r\n")


def test_a_caller_that_calls_too_often_is_a_429(hurried: Served) -> None:
    with rest_client(hurried.rest) as rest:
        statuses = [rest.get("/v1/api/syncs").status_code for _ in range(21)]
        assert statuses[-1] == 429
        response = rest.get("/v1/api/syncs")
        assert response.json()["code"] == "caller-rate-exceeded"
        assert int(response.headers["retry-after"]) > 60
        assert rest.get("/healthz").status_code == 200
