"""An upstream that is busy, slow or gone, through the whole stack: `examples/resilience.yaml`."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import httpx
import pytest

from tests.end_to_end.commands import ROOT, Serve, Served, until
from tests.end_to_end.faces import Mode, mcp_face, rest_client, text_of
from tests.end_to_end.scripted_upstream import ScriptedUpstream, scripted_upstream

EXAMPLE = ROOT / "examples" / "resilience.yaml"
CLOSE = b"connection: close\r\ncontent-length: "
"""A scripted upstream closes each connection, and a client that is not told may try it again."""

OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n" + CLOSE + b"2\r\n\r\n{}"
BUSY = b"HTTP/1.1 503 Service Unavailable\r\n" + CLOSE + b"0\r\n\r\n"
COME_BACK = b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 0\r\n" + CLOSE + b"0\r\n\r\n"
LATER = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 3600\r\n" + CLOSE + b"0\r\n\r\n"


@dataclass(slots=True)
class Shop:
    """The example, served before an upstream that answers what it is told to."""

    served: Served
    upstream: ScriptedUpstream
    client: httpx.Client
    answers: list[bytes] = field(default_factory=list)

    def will_answer(self, *answers: bytes) -> None:
        """Have upstream answer the next requests so, and all later ones with success."""
        self.answers[:] = answers
        self.upstream.received.clear()

    @property
    def attempts(self) -> int:
        """How many requests upstream got."""
        return len(self.upstream.received)

    def play(self, connection: socket.socket) -> None:
        """Answer one request."""
        connection.sendall(self.answers.pop(0) if self.answers else OK)


@pytest.fixture(scope="module")
def shop(served: Serve) -> Iterator[Shop]:
    with (
        scripted_upstream() as upstream,
        served(
            EXAMPLE, f"orders={upstream.url}", {}, "--base-uri", f"stock={upstream.url}"
        ) as runtime,
        rest_client(runtime.rest) as client,
    ):
        shop = Shop(runtime, upstream, client)
        for last in (b"1", b"2", b"orders", b"prices"):
            upstream.scripts[last] = shop.play
        yield shop


def place(shop: Shop) -> httpx.Response:
    return shop.client.post("/orders", json={"article": 7})


def price(shop: Shop) -> httpx.Response:
    return shop.client.post("/prices", json={"article": 7})


def get(shop: Shop) -> httpx.Response:
    return shop.client.get("/orders/1")


def cancel(shop: Shop) -> httpx.Response:
    return shop.client.delete("/orders/1")


@pytest.mark.parametrize("call", [get, cancel, price])
@pytest.mark.parametrize("ending", [BUSY, b""], ids=["busy", "hangs up"])
def test_what_may_run_twice_is_sent_again(
    shop: Shop, call: Callable[[Shop], httpx.Response], ending: bytes
) -> None:
    shop.will_answer(ending)
    assert call(shop).status_code == 200
    assert shop.attempts == 2


def test_what_must_not_run_twice_is_not_sent_again(shop: Shop) -> None:
    shop.will_answer(BUSY)
    assert place(shop).status_code == 503
    assert shop.attempts == 1


def test_what_must_not_run_twice_is_sent_again_when_upstream_asks_for_it(shop: Shop) -> None:
    shop.will_answer(COME_BACK)
    assert place(shop).status_code == 200
    assert shop.attempts == 2


def test_a_wait_that_is_too_long_is_the_callers(shop: Shop) -> None:
    shop.will_answer(LATER)
    response = get(shop)
    assert (response.status_code, response.headers["retry-after"]) == (503, "3600")
    assert shop.attempts == 1


def test_the_attempts_are_told(shop: Shop) -> None:
    shop.will_answer(BUSY, BUSY, BUSY)
    assert get(shop).status_code == 503
    assert "orders.get-order: 3 attempts, last: 503" in shop.served.process.stderr
    shop.will_answer(b"", b"", b"")
    response = get(shop)
    assert response.status_code == 502
    assert response.json()["detail"].startswith("3 attempts, last: The connection")


def test_a_line_that_tells_of_attempts_says_whose_they_are(shop: Shop) -> None:
    shop.will_answer(BUSY)
    shop.client.get("/orders/1", headers={"x-request-id": "twice"})
    assert _called_in(shop, "2 attempts, last: 200")[-1] == "twice"


@pytest.mark.parametrize("revision", ["legacy", "2026-07-28"])
def test_so_does_one_of_a_tool_call(shop: Shop, revision: Mode) -> None:
    shop.will_answer(BUSY)
    with mcp_face(shop.served.mcp, revision) as face:
        face.result("get-order", {"id": "1"})
        called = _called_in(shop, "2 attempts, last: 200")[-1]
        until(lambda: called in _called_in(shop, "tools/call ok"), shop.served.process)


def _called_in(shop: Shop, words: str) -> list[str]:
    """Return the request ids of the log lines that hold some words."""
    lines = shop.served.process.stderr.splitlines()
    return [one.rpartition("request_id=")[2] for one in lines if words in one]


def test_an_upstream_that_is_gone_is_left_alone(shop: Shop) -> None:
    shop.will_answer(BUSY, BUSY, BUSY)
    statuses = [
        shop.client.get("/stock/2", headers={"x-request-id": f"call-{number}"}).status_code
        for number in range(3)
    ]
    assert (statuses, shop.attempts) == ([503, 503, 503], 3)
    [opened] = [one for one in shop.served.process.stderr.splitlines() if "in a row: no" in one]
    assert opened.endswith(" request_id=call-2"), "it was the last straw"
    response = shop.client.get("/stock/2")
    assert (response.status_code, response.json()["code"]) == (503, "upstream-circuit-open")
    assert 0 < int(response.headers["retry-after"]) <= 60
    with mcp_face(shop.served.mcp, "2026-07-28") as face:
        result = face.result("get-stock", {"article": "2"})
    assert result.is_error
    assert "upstream-circuit-open" in text_of(result)
    assert "Retry-After: " in text_of(result)
    assert shop.attempts == 3
