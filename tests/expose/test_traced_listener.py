"""Spans of callers' requests, by what they lead to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from naftiko_runtime.errors import UpstreamTimeout
from naftiko_runtime.execute.upstream.message import UpstreamRequest, UpstreamResponse
from naftiko_runtime.expose.rest.service import RestService
from tests.expose.rest.driving import scope_of
from tests.expose.traced import TOKEN, traced
from tests.spans import PARENT, TRACE, TRACEPARENT
from tests.upstreams import RecordingClient, answer

if TYPE_CHECKING:
    from starlette.types import Message, Scope


async def test_a_request_is_a_span_named_after_its_route(tmp_path: Path) -> None:
    async with traced(tmp_path) as shop:
        await shop.client.get("/orders/secret-9?key=hidden", headers={"cookie": "c=hidden"})
    span = shop.server()
    assert (span.name, span.parent, span.is_error) == ("GET /orders/{id}", None, False)
    assert span.said == {
        "http.request.method": "GET",
        "http.route": "/orders/{id}",
        "url.scheme": "http",
        "network.protocol.version": "1.1",
        "naftiko.unit": "shop-rest.get-order",
        "http.response.status_code": 200,
    }


@pytest.mark.parametrize(
    ("method", "path", "name", "unit"),
    [
        ("HEAD", "/orders/9", "HEAD /orders/{id}", "shop-rest.get-order"),
        ("POST", "/raw/orders/9", "POST /raw/{path}", "shop-rest.raw"),
        ("DELETE", "/orders/9", "DELETE", None),
        ("PURGE", "/raw/orders", "HTTP /raw/{path}", "shop-rest.raw"),
        ("GET", "/skills", "GET /skills", None),
        ("GET", "/skills/watch", "GET /skills/{name}", None),
        ("GET", "/skills/watch/contents/a/b", "GET /skills/{name}/contents/{path}", None),
        ("GET", "/skills/watch/nothing", "GET", None),
        ("GET", "/healthz", "GET /healthz", None),
        ("GET", "/metrics", "GET /metrics", None),
        ("GET", "/nowhere/at/all", "GET", None),
        ("DELETE", "/mcp", "DELETE /mcp", None),
        ("DELETE", "/shop/%6dcp", "DELETE /shop/mcp", None),
    ],
)
async def test_no_span_is_named_after_a_path(
    tmp_path: Path, method: str, path: str, name: str, unit: str | None
) -> None:
    async with traced(tmp_path) as shop:
        await shop.client.request(method, path)
    span = shop.server()
    assert span.name == name
    assert span.said.get("http.route") == (name.partition(" ")[2] or None)
    if unit is not None:
        assert str(span.said["naftiko.unit"]).startswith("shop-rest.")


async def test_a_span_is_the_child_of_the_callers(tmp_path: Path) -> None:
    headers = {"traceparent": TRACEPARENT, "tracestate": "a=1", "baggage": "b=2"}
    async with traced(tmp_path) as shop:
        await shop.client.get("/orders/9", headers=headers)
    upstreams, callers = shop.spans.ended
    assert (callers.trace, callers.parent, callers.state) == (TRACE, PARENT, "a=1")
    assert (upstreams.trace, upstreams.parent) == (TRACE, callers.id)
    sent = dict(shop.upstream.requests[0].headers)
    assert sent[b"traceparent"].decode() == f"00-{TRACE}-{upstreams.id}-01"
    assert sent[b"tracestate"] == b"a=1"
    assert b"baggage" not in sent


async def test_an_invalid_traceparent_begins_another_trace(tmp_path: Path) -> None:
    async with traced(tmp_path) as shop:
        await shop.client.get("/orders/9", headers={"traceparent": f"ff{TRACEPARENT[2:]}"})
    span = shop.server()
    assert span.parent is None
    assert span.trace != TRACE


async def test_a_declared_traceparent_is_the_callers(tmp_path: Path) -> None:
    async with traced(tmp_path) as shop:
        await shop.client.put("/orders/9", headers={"traceparent": TRACEPARENT})
    assert shop.server().trace == TRACE
    sent = [value for name, value in shop.upstream.requests[0].headers if name == b"traceparent"]
    assert sent == [TRACEPARENT.encode()]


async def test_each_attempt_is_a_span(tmp_path: Path) -> None:
    answers = [answer({}, 503), answer({})]
    upstream = RecordingClient(lambda _: answers.pop(0))
    async with traced(tmp_path, upstream) as shop:
        response = await shop.client.get("/orders/9")
    assert response.status_code == 200
    first, second, request = shop.spans.ended
    assert [first.is_error, second.is_error, request.is_error] == [True, False, False]
    assert {first.parent, second.parent} == {request.id}


@pytest.mark.parametrize(("status", "is_error"), [(404, False), (500, True)])
async def test_only_the_servers_errors_are_errors(
    tmp_path: Path, status: int, is_error: bool
) -> None:
    async with traced(tmp_path, RecordingClient(lambda _: answer({}, status))) as shop:
        await shop.client.get("/orders/9")
    span = shop.server()
    assert span.is_error == is_error
    assert span.said["http.response.status_code"] == status
    assert span.said.get("error.type") == (str(status) if is_error else None)


async def test_no_answer_of_upstream_is_an_error(tmp_path: Path) -> None:
    def respond(_: UpstreamRequest) -> UpstreamResponse:
        raise UpstreamTimeout("late")

    async with traced(tmp_path, RecordingClient(respond)) as shop:
        await shop.client.get("/orders/9")
    span = shop.server()
    assert (span.is_error, span.said["error.type"]) == (True, "504")


async def test_no_span_holds_a_secret(tmp_path: Path) -> None:
    headers = {"x-key": "hidden", "authorization": "hidden", "traceparent": TRACEPARENT}
    async with traced(tmp_path, RecordingClient(lambda _: answer({"x": "hidden"}, 500))) as shop:
        await shop.client.post("/raw/a?q=hidden", headers=headers, content=b"hidden")
        await shop.client.get("/orders/9?q=hidden", headers=headers)
    assert len(shop.spans.ended) > 3
    assert "hidden" not in repr(shop.spans.ended)
    assert TOKEN not in repr(shop.spans.ended)


class OwnServer:
    """The sender of the runtime's own server, which takes whole answers and hands requests over."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.written: list[int] = []

    async def __call__(self, message: Message) -> None:
        self.sent.append(message)

    def whole(self, status: int, fields: object, body: bytes) -> bool:
        self.written.append(status)
        return True

    async def hand_over(self, pieces: Sequence[bytes]) -> bool:
        return True


def scope_for(method: str, path: str) -> Scope:
    """Return the ASGI scope of a request over loopback."""
    scope = scope_of(method, path, [(b"host", b"127.0.0.1")])
    return {**scope, "scheme": "http", "http_version": "1.1", "server": ("127.0.0.1", 80)}


async def large_body() -> Message:
    """Return a body that is worth a process of its own."""
    return {"type": "http.request", "body": b" " * 100_000, "more_body": False}


async def test_a_whole_answer_is_written_as_ever(tmp_path: Path) -> None:
    server = OwnServer()
    async with traced(tmp_path) as shop:
        await shop.listener(scope_for("GET", "/orders/9"), large_body, server)
    assert (server.written, server.sent) == ([200], [])
    assert shop.server().said["http.response.status_code"] == 200


async def test_what_another_process_answers_is_its_span_alone(tmp_path: Path) -> None:
    server = OwnServer()
    async with traced(tmp_path) as shop:
        await shop.listener(scope_for("POST", "/mcp"), large_body, server)
    assert (server.written, server.sent) == ([], [])
    assert shop.spans.ended == []


@pytest.mark.parametrize("error", [RuntimeError("hidden"), asyncio.CancelledError()])
async def test_a_request_that_ends_without_an_answer_has_no_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    async def answer(*_: object) -> None:
        raise error

    monkeypatch.setattr(RestService, "answer", answer)
    async with traced(tmp_path) as shop:
        with pytest.raises(type(error)):
            await shop.listener(scope_for("GET", "/orders/9"), large_body, OwnServer())
    span = shop.server()
    assert "http.response.status_code" not in span.said
    assert span.is_error == isinstance(error, RuntimeError)
    assert span.said.get("error.type") == ("RuntimeError" if span.is_error else None)


async def test_only_requests_have_spans(tmp_path: Path) -> None:
    async with traced(tmp_path) as shop:
        await shop.listener({"type": "lifespan"}, large_body, OwnServer())
    assert shop.spans.ended == []
