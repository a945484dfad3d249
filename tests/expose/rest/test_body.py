"""What callers send in the body. Sections 4.5 and 7 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.expose.limits import Limits
from tests.expose.rest.bodies import FIELDS, WHOLE, post
from tests.expose.rest.driving import one_route


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "application/soap+xml", "text/xml; charset=utf-8"],
)
def test_text_is_taken_whole(tmp_path: Path, content_type: str) -> None:
    server = one_route(tmp_path, "name: body, in: body, type: string")
    server.ask("POST", "/things", "<ü/>".encode(), content_type=content_type)
    assert server.request.body == "<ü/>".encode()


def test_text_has_the_charset_it_says(tmp_path: Path) -> None:
    server = one_route(tmp_path, "name: body, in: body, type: string")
    server.ask("POST", "/things", b"\xfc", content_type="text/plain; charset=latin-1")
    assert server.request.body == "ü".encode()


def test_text_that_is_not_in_its_charset_is_refused(tmp_path: Path) -> None:
    server = one_route(tmp_path, *WHOLE)
    problems = server.ask("POST", "/things", b"\xff", content_type="text/plain").problems
    assert problems == {"": "the body is not valid text in its charset"}


@pytest.mark.parametrize(
    ("body", "content_type", "detail"),
    [
        (b"x", "image/png", "a request body of type image/png is not read here; JSON is"),
        (b"x", "text/plain; charset=no", "the charset of the request body is not known here"),
        (b"x", "text/plain; charset=punycode", "the charset of the request body is not known here"),
        (b"x=1", None, "the request body needs a Content-Type that says what it is"),
        (b"x=1", " ", "the request body needs a Content-Type that says what it is"),
    ],
)
def test_what_is_not_read_here_is_a_415(
    tmp_path: Path, body: bytes, content_type: str | None, detail: str
) -> None:
    answered = one_route(tmp_path, *WHOLE).ask("POST", "/things", body, content_type=content_type)
    assert (answered.status, answered.json["code"]) == (415, "content-type-unsupported")
    assert answered.json["detail"] == detail


def test_text_is_not_read_where_fields_are_needed(tmp_path: Path) -> None:
    declared = ("name: size, in: body, value: $.size", "name: user-id, in: body")
    server = one_route(tmp_path, *FIELDS, declared=declared)
    answered = server.ask("POST", "/things", b"size=1", content_type="text/plain")
    assert answered.status == 415
    assert answered.json["detail"] == "the body has to be JSON or a form, with 'user-id', 'size'"


@pytest.mark.parametrize(("encoding", "status"), [("gzip", 415), ("identity", 200), ("", 200)])
def test_encoded_bodies_are_not_read(tmp_path: Path, encoding: str, status: int) -> None:
    headers = {"Content-Encoding": encoding, "Content-Type": "application/json"}
    answered = one_route(tmp_path, *WHOLE).ask("POST", "/things", b"{}", headers)
    assert answered.status == status


def test_an_empty_body_is_no_body(tmp_path: Path) -> None:
    server = one_route(tmp_path, *WHOLE)
    assert server.ask("POST", "/things", content_type="image/png").status == 200
    assert server.request.body is None
    assert server.sent_header("content-type") is None


def test_a_required_body_that_is_missing_is_named(tmp_path: Path) -> None:
    server = one_route(tmp_path, "name: body, in: body, type: object, required: true")
    assert server.ask("POST", "/things").problems == {"/body": "'body' is required in the body"}


def test_a_body_in_pieces_is_put_together(tmp_path: Path) -> None:
    sent = post(one_route(tmp_path, *FIELDS), [b'{"si', b'ze": ', b"3}", b""], "application/json")
    assert sent == {"size": 3}


def test_a_body_that_says_it_is_too_large_is_not_read(tmp_path: Path) -> None:
    server = one_route(tmp_path, *WHOLE, limits=Limits(body_bytes=10))
    answered = server.ask("POST", "/things", b"{}", {"Content-Length": "11"})
    assert (answered.status, answered.json["code"]) == (413, "request-too-large")
    assert answered.json["detail"] == "the request body may have 10 bytes at most"
    assert server.pieces_read == 0


@pytest.mark.parametrize("pieces", [[b"x" * 11], [b"x" * 6, b"x" * 5], [b"x" * 11, b"", b"y"]])
def test_a_body_that_grows_too_large_is_read_no_further(
    tmp_path: Path, pieces: list[bytes]
) -> None:
    server = one_route(tmp_path, *WHOLE, limits=Limits(body_bytes=10))
    answered = server.ask("POST", "/things", pieces, {"Content-Length": "-1"})
    assert answered.status == 413
    assert server.pieces_read == min(len(pieces), 2) if len(pieces[0]) < 11 else 1


def test_a_body_of_just_the_limit_is_taken(tmp_path: Path) -> None:
    server = one_route(tmp_path, *WHOLE, limits=Limits(body_bytes=10))
    assert post(server, [b'{"a"', b": 100}"[:6]], "application/json") == {"a": 100}


def test_a_body_that_does_not_come_is_a_408(tmp_path: Path) -> None:
    server = one_route(tmp_path, *WHOLE, limits=Limits(body_seconds=0.01))
    answered = server.stall("POST", "/things")
    assert (answered.status, answered.json["code"]) == (408, "request-timeout")
