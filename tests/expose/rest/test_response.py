"""From outcomes to responses. Section 6 of the behaviour."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from naftiko_runtime.expose.rest.response import Answer, send_answer
from tests.expose.rest.driving import Server, one_route

if TYPE_CHECKING:
    from starlette.types import Message


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return one_route(tmp_path, method="GET")


def test_a_body_is_relayed_byte_for_byte(server: Server) -> None:
    body = b'{ "a": 1.0,\n "\\u00e9": 1e2 }\xff'
    server.answers(201, ((b"content-type", b"application/json"),), body)
    answered = server.ask("GET", "/things")
    assert (answered.status, answered.body) == (201, body)
    assert answered.header("content-length") == str(len(body))


@pytest.mark.parametrize("status", [204, 205, 304])
def test_some_statuses_have_no_body(server: Server, status: int) -> None:
    headers = ((b"content-type", b"application/json"), (b"etag", b'"e"'))
    server.answers(status, headers, b"{}")
    answered = server.ask("GET", "/things", headers={"X-Request-Id": "r1"})
    assert (answered.status, answered.body) == (status, b"")
    assert answered.headers == [("etag", '"e"'), ("x-request-id", "r1")]


def test_an_empty_body_has_its_length(server: Server) -> None:
    server.answers(200)
    assert server.ask("GET", "/things").header("content-length") == "0"


def test_some_headers_are_relayed_and_others_are_not(server: Server) -> None:
    relayed = (
        (b"content-language", b"en"),
        (b"cache-control", b"no-store"),
        (b"vary", b"accept"),
        (b"retry-after", b"3"),
        (b"x-ratelimit-limit", b"9"),
        (b"ratelimit-policy", b"9;w=1"),
    )
    others = ((b"set-cookie", b"a=b"), (b"server", b"x"), (b"x-internal", b"y"))
    server.answers(429, (*relayed, *others), b"slow down")
    answered = server.ask("GET", "/things")
    names = {name for name, _ in answered.headers}
    assert {name.decode() for name, _ in relayed} <= names
    assert not names & {name.decode() for name, _ in others}


class _Send:
    """A server's `send` that may take whole answers."""

    def __init__(self, *, takes: bool) -> None:
        self.takes = takes
        self.wholes: list[tuple[int, bytes]] = []
        self.messages: list[Message] = []

    def whole(self, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> bool:
        self.wholes.append((status, dict(headers)[b"content-length"]))
        return self.takes

    async def __call__(self, message: Message) -> None:
        self.messages.append(message)


@pytest.mark.parametrize("takes", [True, False])
async def test_a_whole_answer_goes_by_the_short_way_where_there_is_one(takes: bool) -> None:
    send = _Send(takes=takes)
    await send_answer(Answer(200, (), b"ok"), "r", send, head=False)
    assert send.wholes == [(200, b"2")]
    assert len(send.messages) == (0 if takes else 2)


@pytest.mark.parametrize(("status", "head"), [(200, True), (204, False), (205, False)])
async def test_an_answer_that_says_no_length_is_left_to_asgi(status: int, head: bool) -> None:
    send = _Send(takes=True)
    await send_answer(Answer(status, ()), "r", send, head=head)
    assert not send.wholes
    assert [one["type"] for one in send.messages] == ["http.response.start", "http.response.body"]
