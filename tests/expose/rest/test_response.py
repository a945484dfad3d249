"""From outcomes to responses. Section 6 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.expose.rest.driving import Server, one_route


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
