"""Forms in parts that callers send. Sections 4.5 and 7 of the behaviour."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.expose.rest.bodies import FIELDS, WHOLE, post
from tests.expose.rest.driving import one_route

BOUNDARY = "multipart/form-data; boundary=frontier"


def multipart(*parts: tuple[str, bytes]) -> bytes:
    """Return a form: heads without line ends, and contents."""
    sections = (b"--frontier\r\n%b\r\n\r\n%b\r\n" % (head.encode(), body) for head, body in parts)
    return b"".join(sections) + b"--frontier--\r\n"


def field(name: str) -> str:
    return f'Content-Disposition: form-data; name="{name}"'


def test_multipart_fields_feed_inputs(tmp_path: Path) -> None:
    body = multipart((field("size"), b"3"), (field("USER-ID"), "ü".encode()), (field("x"), b"1"))
    assert post(one_route(tmp_path, *FIELDS), body, BOUNDARY) == {"size": 3, "user-id": "ü"}


def test_a_multipart_field_may_have_its_own_charset(tmp_path: Path) -> None:
    head = field("user-id") + "\r\nContent-Type: text/plain; charset=iso-8859-1"
    sent = post(one_route(tmp_path, *FIELDS), multipart((head, b"\xfc")), BOUNDARY)
    assert sent == {"user-id": "ü"}


def test_a_multipart_field_may_be_json(tmp_path: Path) -> None:
    head = field("size") + "\r\nContent-Type: application/json"
    sent = post(one_route(tmp_path, *FIELDS), multipart((head, b"3")), BOUNDARY)
    assert sent == {"size": 3}


def test_repeated_multipart_fields_are_an_array(tmp_path: Path) -> None:
    server = one_route(tmp_path, "name: tags, in: body, type: array")
    body = multipart((field("tags"), b"a"), (field("tags"), b"b"))
    assert post(server, body, BOUNDARY) == {"tags": ["a", "b"]}


def test_bracketed_multipart_fields_are_put_together(tmp_path: Path) -> None:
    server = one_route(tmp_path, "name: tags, in: body, type: array")
    body = multipart((field("tags[]"), b"a&b"), (field("tags[]"), b"c"))
    assert post(server, body, BOUNDARY) == {"tags": ["a&b", "c"]}


def test_a_file_is_text_where_it_is_text_and_else_base64(tmp_path: Path) -> None:
    inputs = ("name: text, in: body", "name: image, in: body")
    body = multipart(
        (field("text") + '; filename="a.txt"', b"line\r\n--frontierless"),
        (field("image") + '; filename="a.png"\r\nContent-Type: image/png', b"\x89PNG\xff"),
    )
    assert post(one_route(tmp_path, *inputs), body, BOUNDARY) == {
        "text": "line\r\n--frontierless",
        "image": base64.b64encode(b"\x89PNG\xff").decode(),
    }


def test_a_file_for_an_input_in_base64_is_always_base64(tmp_path: Path) -> None:
    server = one_route(tmp_path, "name: f, in: body, type: string, format: byte")
    body = multipart((field("f") + '; filename="a.txt"', b"text"))
    assert post(server, body, BOUNDARY) == {"f": base64.b64encode(b"text").decode()}


def test_a_multipart_form_is_an_object_to_an_input_that_takes_all(tmp_path: Path) -> None:
    body = multipart((field("a"), b"1"), (field("b"), b"2"))
    assert post(one_route(tmp_path, *WHOLE), body, BOUNDARY) == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    ("body", "content_type", "detail"),
    [
        (b"x", "multipart/form-data", "multipart/form-data needs a boundary in its Content-Type"),
        (b"x", BOUNDARY, "the body is not valid multipart/form-data"),
        (b"--frontier\r\n", BOUNDARY, "the multipart/form-data body breaks off"),
        (
            multipart((field("size"), b"3"))[:-14],
            BOUNDARY,
            "the multipart/form-data body breaks off",
        ),
        (multipart(("X: y", b"3")), BOUNDARY, "a part of the form has no name"),
        (
            multipart((field("size"), b"\xff")),
            BOUNDARY,
            "the part 'size' of the form is not valid text",
        ),
        (
            multipart((field("size") + "\r\nContent-Type: a/b; charset=none", b"3")),
            BOUNDARY,
            "the part 'size' of the form is not valid text",
        ),
        (
            multipart((field("size") + "\r\nContent-Type: a/b; charset=punycode", b"3")),
            BOUNDARY,
            "the part 'size' of the form is not valid text",
        ),
        (multipart(*[(field("x"), b"")] * 1001), BOUNDARY, "a form may have 1000 parts at most"),
    ],
)
def test_a_multipart_body_that_can_not_be_read_is_refused(
    tmp_path: Path, body: bytes, content_type: str, detail: str
) -> None:
    server = one_route(tmp_path, *FIELDS)
    assert server.ask("POST", "/things", body, content_type=content_type).problems == {"": detail}
