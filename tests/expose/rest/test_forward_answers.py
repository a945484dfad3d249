"""What callers get of answers to requests that were passed on."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.execute.upstream.message import Headers
from tests.expose.rest.driving import Server, serve
from tests.expose.rest.forwards import BESIDE, forwards


@pytest.fixture
def server(tmp_path: Path) -> Server:
    """Serve the forward alone."""
    return serve(*forwards(tmp_path).rest)


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


def test_links_lead_to_an_operation_where_there_is_one(tmp_path: Path) -> None:
    server = serve(*forwards(tmp_path, BESIDE).rest)
    server.answers(201, ((b"location", b"https://up.example/api/orders/5"),))
    assert server.ask("POST", "/x/orders").header("location") == "/orders/5"


def test_links_of_operations_lead_to_the_forward_where_no_operation_is(tmp_path: Path) -> None:
    server = serve(*forwards(tmp_path, BESIDE).rest)
    server.answers(404, ((b"link", b"</api/orders/5/items>; rel=items"),), b"{}")
    answered = server.ask("GET", "/orders/5")
    assert answered.header("link") == "</x/orders/5/items>; rel=items"


def test_links_do_not_show_the_credentials_of_the_api(tmp_path: Path) -> None:
    key = "authentication: {type: apikey, key: k, value: s3cret, placement: query}"
    server = serve(*forwards(tmp_path, api=key).rest)
    server.answers(302, ((b"location", b"/api/b?k=s3cret&page=2"),))
    assert server.ask("GET", "/x/a").header("location") == "/x/b?page=2"


def test_a_forward_of_one_path_relocates_that_path_only(tmp_path: Path) -> None:
    server = serve(*forwards(tmp_path, "- {path: /one, forward: {targetNamespace: api}}").rest)
    server.answers(200, ((b"link", b"</api>; rel=a, </api/b>; rel=b"),))
    assert server.ask("GET", "/one").header("link") == "</one>; rel=a, </api/b>; rel=b"
    assert server.request.target == b"/api"


def test_where_the_exposed_path_varies_links_stay(tmp_path: Path) -> None:
    exposed = "- {path: '/{tenant}/{path}', forward: {targetNamespace: api}}"
    server = serve(*forwards(tmp_path, exposed).rest)
    server.answers(201, ((b"location", b"/api/b"),))
    assert server.ask("POST", "/t/a").header("location") == "/api/b"
    assert server.request.target == b"/api/a"


def test_answers_are_told_of(tmp_path: Path) -> None:
    told: list[tuple[str, str, str | None, int]] = []
    server = serve(*forwards(tmp_path).rest, on_answer=lambda *facts: told.append(facts[:4]))
    server.answers(202)
    server.ask("POST", "/x/a/b")
    assert told == [("POST", "/x/a/b", "face.all", 202)]
