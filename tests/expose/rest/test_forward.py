"""Requests that are passed on, without a network."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from naftiko_runtime.errors import UpstreamProtocolError, UpstreamTimeout, UpstreamUnreachable
from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.execute.upstream.message import (
    Headers,
    StreamedBody,
    StreamedResponse,
    UpstreamRequest,
    UpstreamResponse,
)
from naftiko_runtime.expose.callers import Callers
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.rest.service import RestService
from naftiko_runtime.plan.adapters import Capability
from naftiko_runtime.values import Deadline
from tests.expose.rest.driving import Server, capability, scope_of, serve
from tests.upstreams import RecordingClient, pieces

if TYPE_CHECKING:
    from starlette.types import Message

CONSUMED = """
- path: /orders/{id}
  name: order
  operations:
  - {name: get-order, method: GET}
"""
FORWARD = """
- path: /x/{path}
  name: all
  forward: {targetNamespace: api, trustedHeaders: [X-Id]}
"""
BESIDE = """
- path: /x/{path}
  name: all
  forward: {targetNamespace: api}
  operations:
  - {name: mock, method: GET, outputParameters: [{value: mine}]}
- path: /orders/{id}
  operations:
  - {name: get-order, method: GET, call: api.get-order}
"""


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Capability]:
    """Compile a capability whose adapter exposes the given resources."""

    def make(exposed: str = FORWARD, api: str = "", adapter: str = "") -> Capability:
        return capability(tmp_path, CONSUMED, exposed, api=api, adapter=adapter)

    return make


@pytest.fixture
def server(made: Callable[..., Capability]) -> Server:
    """Serve the forward alone."""
    return serve(*made().rest)


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS", "PROPFIND"])
def test_any_method_is_passed_on(server: Server, method: str) -> None:
    server.answers(207, ((b"content-type", b"text/csv"),), b"a,b")
    answered = server.ask(method, "/x/a/b%2Fc?q=1&q=2")
    assert (server.request.method, server.request.target) == (method, b"/api/a/b%2Fc?q=1&q=2")
    assert (answered.status, answered.body) == (207, b"a,b")
    assert answered.header("content-type") == "text/csv"


@pytest.mark.parametrize("method", ["TRACE", "CONNECT"])
def test_what_would_show_credentials_is_not_passed_on(server: Server, method: str) -> None:
    answered = server.ask(method, "/x/a")
    assert (answered.status, answered.json["code"]) == (405, "method-not-allowed")
    assert answered.header("allow") == "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
    assert not server.client.requests


def test_a_head_is_passed_on_as_such(server: Server) -> None:
    server.answers(200, ((b"content-length", b"99"),))
    answered = server.ask("HEAD", "/x/a")
    assert server.request.method == "HEAD"
    assert (answered.header("content-length"), answered.body) == ("99", b"")


def test_a_body_is_passed_on_in_pieces(server: Server) -> None:
    server.ask("PUT", "/x/a", [b"one", b"two"], {"content-length": "6"}, "text/plain")
    assert server.request.body == b"onetwo"
    assert server.sent_header("content-type") == "text/plain"


def test_a_body_of_unknown_length_is_passed_on(server: Server) -> None:
    server.ask("PUT", "/x/a", [b"one", b"two"], {"transfer-encoding": "chunked"})
    assert server.request.body == b"onetwo"


def test_the_limit_on_bodies_is_not_for_forwards(made: Callable[..., Capability]) -> None:
    server = serve(*made().rest, limits=Limits(body_bytes=2))
    assert server.ask("PUT", "/x/a", b"onetwo", {"content-length": "6"}).status == 200


CANARY = "c4n4ry"


@pytest.mark.parametrize(
    "name",
    [
        *("authorization", "cookie", "proxy-authorization", "x-api-key", "x-other", "user-agent"),
        *("accept", "accept-language", "accept-encoding", "referer", "origin", "x-forwarded-for"),
        *("content-type", "content-encoding", "host", "te", "upgrade", "range", "if-none-match"),
    ],
)
def test_nothing_of_the_callers_arrives_undeclared(server: Server, name: str) -> None:
    server.ask("GET", "/x/a", headers={name: CANARY, "x-id": "7"})
    assert CANARY.encode() not in _sent(server.request)
    assert server.sent_header("x-id") == "7"


@pytest.mark.parametrize(
    ("placement", "target", "headers"),
    [
        ("query", f"/x/a?k={CANARY}&b=1", {}),
        ("cookie", "/x/a?b=1", {"cookie": f"k={CANARY}; b=1"}),
        ("header", "/x/a?b=1", {"k": CANARY}),
    ],
)
def test_the_proof_of_callers_ends_here(
    made: Callable[..., Capability], placement: str, target: str, headers: dict[str, str]
) -> None:
    proof = f"authentication: {{type: apikey, key: k, value: {CANARY}, placement: {placement}}}"
    trusted = FORWARD.replace("X-Id", "K, Cookie")
    server = serve(*made(trusted, adapter=proof).rest)
    assert server.ask("GET", "/x/a").status == 401
    assert server.ask("GET", target, headers=headers).status == 200
    assert CANARY.encode() not in _sent(server.request)
    assert b"b=1" in _sent(server.request)


def _sent(request: UpstreamRequest) -> bytes:
    """Return all that goes upstream before the body; a request's `repr` hides it."""
    return b"\n".join([request.target, *(b": ".join(pair) for pair in request.headers)])


def test_a_refused_caller_is_told_how_to_prove_itself(made: Callable[..., Capability]) -> None:
    server = serve(*made(adapter="authentication: {type: bearer, token: t}").rest)
    answered = server.ask("POST", "/x/a", b"{}")
    assert (answered.status, answered.json["code"]) == (401, "not-authenticated")
    assert answered.header("www-authenticate") == 'Bearer realm="naftiko"'


def test_credentials_and_fixed_parameters_of_the_api_are_added(
    made: Callable[..., Capability],
) -> None:
    api = """
authentication: {type: bearer, token: t}
inputParameters:
- {name: X-Version, in: header, value: '2'}
- {name: v, in: query, value: 3}
"""
    server = serve(*made(api=api).rest)
    server.ask("GET", "/x/a?b=1")
    assert server.request.target == b"/api/a?b=1&v=3"
    assert server.sent_header("authorization") == "Bearer t"
    assert server.sent_header("x-version") == "2"


def test_a_missing_credential_is_a_401(made: Callable[..., Capability]) -> None:
    server = serve(*made(api="authentication: {type: bearer, token: '{{env.GONE}}'}").rest)
    answered = server.ask("GET", "/x/a")
    assert (answered.status, answered.json["code"]) == (401, "upstream-credential-missing")


def test_a_missing_base_uri_is_a_503(tmp_path: Path) -> None:
    server = serve(*capability(tmp_path, CONSUMED, FORWARD, base="''").rest)
    answered = server.ask("GET", "/x/a")
    assert (answered.status, answered.json["code"]) == (503, "base-uri-missing")


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (UpstreamUnreachable("no"), 502),
        (UpstreamProtocolError("no"), 502),
        (UpstreamTimeout("no"), 504),
        (RuntimeError("no"), 500),
    ],
)
def test_a_failure_before_the_answer_is_a_problem(
    server: Server, failure: Exception, status: int
) -> None:
    server.fails(failure)
    answered = server.ask("GET", "/x/a")
    assert answered.status == answered.json["status"] == status


@pytest.mark.parametrize("path", ["/x/..", "/x/%2e%2e/a", "/x/a%2f..%2f..", "/x//evil.test"])
def test_a_path_that_leads_out_of_the_base_uri_is_a_400(server: Server, path: str) -> None:
    assert server.ask("GET", path).status == 400
    assert not server.client.requests


def test_an_operation_goes_before_the_forward(made: Callable[..., Capability]) -> None:
    server = serve(*made(BESIDE).rest)
    assert server.ask("GET", "/x/a/b").body == b'"mine"'
    assert server.ask("HEAD", "/x/a/b").status == 200
    assert not server.client.requests
    server.ask("POST", "/x/a/b")
    assert server.request.target == b"/api/a/b"


def test_headers_of_the_answer_are_relayed_as_for_operations(server: Server) -> None:
    received: Headers = (
        (b"content-type", b"text/csv"),
        (b"content-encoding", b"br"),
        (b"set-cookie", b"a=1"),
        (b"server", b"x"),
        (b"x-ratelimit-remaining", b"5"),
    )
    server.answers(200, received, b"coded")
    answered = server.ask("GET", "/x/a")
    kept = {name for name, _ in answered.headers}
    assert kept == {"content-type", "content-encoding", "x-ratelimit-remaining", "x-request-id"}


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body_tells_nothing_of_one(server: Server, status: int) -> None:
    server.answers(status, ((b"content-length", b"9"), (b"etag", b'"e"')))
    answered = server.ask("GET", "/x/a")
    assert (answered.status, answered.header("content-length")) == (status, None)
    assert answered.header("etag") == '"e"'


def test_the_request_id_of_upstream_stays(server: Server) -> None:
    server.answers(200, ((b"x-request-id", b"theirs"),))
    assert server.ask("GET", "/x/a").header("x-request-id") == "theirs"


@pytest.mark.parametrize(
    ("location", "seen"),
    [
        ("https://up.example/api/things/5?x=1", "/x/things/5?x=1"),
        ("/api/things/5", "/x/things/5"),
        ("https://elsewhere.example/api/things", "https://elsewhere.example/api/things"),
        ("https://up.example/other", "https://up.example/other"),
        ("https://up.example/api/../x", "https://up.example/api/../x"),
        ("things/6", "things/6"),
    ],
)
def test_links_lead_to_the_exposed_path(server: Server, location: str, seen: str) -> None:
    server.answers(201, ((b"location", location.encode()),))
    assert server.ask("POST", "/x/things").header("location") == seen


def test_links_lead_to_an_operation_where_there_is_one(made: Callable[..., Capability]) -> None:
    server = serve(*made(BESIDE).rest)
    server.answers(201, ((b"location", b"https://up.example/api/orders/5"),))
    assert server.ask("POST", "/x/orders").header("location") == "/orders/5"


def test_links_of_operations_lead_to_the_forward_where_no_operation_is(
    made: Callable[..., Capability],
) -> None:
    server = serve(*made(BESIDE).rest)
    server.answers(404, ((b"link", b"</api/orders/5/items>; rel=items"),), b"{}")
    answered = server.ask("GET", "/orders/5")
    assert answered.header("link") == "</x/orders/5/items>; rel=items"


def test_links_do_not_show_the_credentials_of_the_api(made: Callable[..., Capability]) -> None:
    key = "authentication: {type: apikey, key: k, value: s3cret, placement: query}"
    server = serve(*made(api=key).rest)
    server.answers(302, ((b"location", b"/api/b?k=s3cret&page=2"),))
    assert server.ask("GET", "/x/a").header("location") == "/x/b?page=2"


def test_a_forward_of_one_path_relocates_that_path_only(made: Callable[..., Capability]) -> None:
    server = serve(*made("- {path: /one, forward: {targetNamespace: api}}").rest)
    server.answers(200, ((b"link", b"</api>; rel=a, </api/b>; rel=b"),))
    assert server.ask("GET", "/one").header("link") == "</one>; rel=a, </api/b>; rel=b"
    assert server.request.target == b"/api"


def test_where_the_exposed_path_varies_links_stay(made: Callable[..., Capability]) -> None:
    exposed = "- {path: '/{tenant}/{path}', forward: {targetNamespace: api}}"
    server = serve(*made(exposed).rest)
    server.answers(201, ((b"location", b"/api/b"),))
    assert server.ask("POST", "/t/a").header("location") == "/api/b"
    assert server.request.target == b"/api/a"


def test_answers_are_told_of(made: Callable[..., Capability]) -> None:
    told: list[tuple[str, str, str | None, int]] = []
    server = serve(*made().rest, on_answer=lambda *facts: told.append(facts[:4]))
    server.answers(202)
    server.ask("POST", "/x/a/b")
    assert told == [("POST", "/x/a/b", "face.all", 202)]


def test_a_caller_that_leaves_within_its_body_gets_nothing(server: Server) -> None:
    scope = scope_of("POST", "/x/a", [(b"content-length", b"9")])
    messages: list[Message] = [
        {"type": "http.request", "body": b"{", "more_body": True},
        {"type": "http.disconnect"},
    ]
    assert asyncio.run(server._ask(scope, messages)).status is None


def test_a_body_that_does_not_come_is_a_408(made: Callable[..., Capability]) -> None:
    server = serve(*made().rest, limits=Limits(call_seconds=0.01))
    scope = scope_of("POST", "/x/a", [(b"content-length", b"9")])
    assert asyncio.run(server._ask(scope, [])).status == 408


@dataclass
class Halting:
    """An upstream that begins to answer, and then waits or fails."""

    failure: Exception | None = None
    open: bool = False
    began: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def stream(
        self, request: UpstreamRequest, body: StreamedBody | None, patience_seconds: float
    ) -> AsyncIterator[StreamedResponse]:
        self.open = True
        try:
            yield StreamedResponse(200, (), self._pieces())
        finally:
            self.open = False

    async def _pieces(self) -> AsyncIterator[bytes]:
        yield b"half"
        if self.failure is not None:
            raise self.failure
        self.began.set()
        await asyncio.Event().wait()


@dataclass
class Line:
    """A caller's connection: what is sent over it, and whether it still stands."""

    sent: list[Message] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    asked: int = 0

    async def receive(self) -> Message:
        self.asked += 1
        if self.asked == 1:
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.sent.append(message)


class HaltingClient:
    """A client of such an upstream."""

    def __init__(self, upstream: Halting) -> None:
        self.upstream = upstream

    async def send(self, request: UpstreamRequest, deadline: Deadline) -> UpstreamResponse:
        raise AssertionError("everything is streamed here")

    async def aclose(self) -> None:
        """Nothing is open."""

    def stream(
        self, request: UpstreamRequest, body: StreamedBody | None, patience_seconds: float
    ) -> AbstractAsyncContextManager[StreamedResponse]:
        return self.upstream.stream(request, body, patience_seconds)


def service_for(made: Capability, upstream: Halting, limits: Limits | None = None) -> RestService:
    return RestService(
        made.rest, Engine(HaltingClient(upstream)), limits or Limits(), Callers(RecordingClient())
    )


async def answer(service: RestService, line: Line) -> None:
    match = service.find("GET", "/x/a")
    assert match is not None
    await service.answer(match, scope_of("GET", "/x/a", []), line.receive, line.send)


@pytest.mark.parametrize(
    "failure", [UpstreamProtocolError("The answer breaks off."), RuntimeError("a bug")]
)
def test_an_answer_that_breaks_off_is_left_incomplete(
    made: Callable[..., Capability], failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    line, upstream = Line(), Halting(failure)
    with caplog.at_level(logging.WARNING):
        asyncio.run(answer(service_for(made(), upstream), line))
    assert [one.get("body") for one in line.sent] == [None, b"half"]
    assert line.sent[-1]["more_body"]
    assert not upstream.open
    assert "face.all" in caplog.text


async def test_when_the_caller_leaves_upstream_is_let_go_at_once(
    made: Callable[..., Capability],
) -> None:
    line, upstream = Line(), Halting()
    answering = asyncio.create_task(answer(service_for(made(), upstream), line))
    await upstream.began.wait()
    assert upstream.open
    line.gone.set()
    await answering
    assert not upstream.open
    assert line.sent[-1]["more_body"]


async def test_when_the_server_ends_the_request_upstream_is_let_go(
    made: Callable[..., Capability],
) -> None:
    line, upstream = Line(), Halting()
    answering = asyncio.create_task(answer(service_for(made(), upstream), line))
    await upstream.began.wait()
    answering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answering
    assert not upstream.open


@pytest.mark.parametrize("blocked_after", [0, 1])
async def test_a_caller_that_does_not_take_the_answer_is_let_go(
    made: Callable[..., Capability], blocked_after: int, caplog: pytest.LogCaptureFixture
) -> None:
    class Blocked(Line):
        async def send(self, message: Message) -> None:
            if len(self.sent) == blocked_after:
                await asyncio.Event().wait()
            self.sent.append(message)

    line, upstream = Blocked(), Halting()
    await answer(service_for(made(), upstream, Limits(call_seconds=0.01)), line)
    assert not upstream.open
    assert len(line.sent) == blocked_after
    assert "the caller did not take the answer in time" in caplog.text


async def test_what_upstream_does_after_the_answer_is_not_cut_short(
    made: Callable[..., Capability],
) -> None:
    """Servers report the end of an answer as if the caller had left."""

    class Closing(Halting):
        closed = False

        @asynccontextmanager
        async def stream(
            self, request: UpstreamRequest, body: StreamedBody | None, patience_seconds: float
        ) -> AsyncIterator[StreamedResponse]:
            yield StreamedResponse(200, (), pieces(b"whole"))
            for _ in range(5):
                await asyncio.sleep(0)
            self.closed = True

    class Ending(Line):
        async def send(self, message: Message) -> None:
            self.sent.append(message)
            if message.get("body") == b"":
                self.gone.set()

    told: list[int] = []
    upstream = Closing()
    service = RestService(
        made().rest,
        Engine(HaltingClient(upstream)),
        Limits(),
        Callers(RecordingClient()),
        lambda *facts: told.append(facts[3]),
    )
    await answer(service, Ending())
    assert upstream.closed
    assert told == [200]
