"""What callers send in the body. Sections 4.5 and 7 of the behaviour."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

import pytest

from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.values import Json
from tests.expose.rest.driving import Server, one_route

FIELDS = ("name: size, in: body, type: integer", "name: user-id, in: body, type: string")
WHOLE = ("name: body, in: body, type: object",)
FORM = "application/x-www-form-urlencoded"
BOUNDARY = "multipart/form-data; boundary=frontier"


def multipart(*parts: tuple[str, bytes]) -> bytes:
    """Return a form: heads without line ends, and contents."""
    sections = (b"--frontier\r\n%b\r\n\r\n%b\r\n" % (head.encode(), body) for head, body in parts)
    return b"".join(sections) + b"--frontier--\r\n"


def field(name: str) -> str:
    return f'Content-Disposition: form-data; name="{name}"'


def post(server: Server, body: bytes | Sequence[bytes], content_type: str | None) -> Json:
    """Send a body and return what upstream gets."""
    answered = server.ask("POST", "/things", body, content_type=content_type)
    assert answered.status == 200, answered.body
    return server.sent_json


# JSON


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/vnd.x+json",
        "text/json",
        None,
    ],
)
def test_json_members_feed_the_inputs_of_their_names(
    tmp_path: Path, content_type: str | None
) -> None:
    sent = post(one_route(tmp_path, *FIELDS), b'{"size": 3, "user-id": "u", "x": 1}', content_type)
    assert sent == {"size": 3, "user-id": "u"}


def test_an_input_named_body_takes_the_whole_body(tmp_path: Path) -> None:
    assert post(one_route(tmp_path, *WHOLE), b'{"a": [1, null]}', "application/json") == {
        "a": [1, None]
    }


def test_a_member_is_found_by_its_exact_name_first(tmp_path: Path) -> None:
    server = one_route(tmp_path, *FIELDS)
    body = b'{"USER_ID": "folded", "user-id": "exact", "User.Id": "other"}'
    assert post(server, body, "application/json") == {"user-id": "exact"}


def test_a_member_is_found_by_another_spelling(tmp_path: Path) -> None:
    sent = post(one_route(tmp_path, *FIELDS), b'{"user_id": "u"}', "application/json")
    assert sent == {"user-id": "u"}


def test_spellings_that_two_inputs_share_are_not_guessed_at(tmp_path: Path) -> None:
    inputs = ("name: a-b, in: body", "name: a_b, in: body", "name: c, in: body")
    sent = post(one_route(tmp_path, *inputs), b'{"a.b": 1, "c": 2}', "application/json")
    assert sent == {"c": 2}


def test_a_null_member_is_sent_as_null(tmp_path: Path) -> None:
    sent = post(one_route(tmp_path, *FIELDS), b'{"size": null}', "application/json")
    assert sent == {"size": None}


def test_of_doubled_members_the_last_one_counts(tmp_path: Path) -> None:
    sent = post(one_route(tmp_path, *WHOLE), b'{"a": 1, "a": 2}', "application/json")
    assert sent == {"a": 2}


def test_integers_keep_all_their_digits(tmp_path: Path) -> None:
    digits = "1" * 40
    server = one_route(tmp_path, *WHOLE)
    assert post(server, f'{{"n": {digits}}}'.encode(), "application/json") == {"n": int(digits)}


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"a": NaN}',
        b"{'a': 1}",
        b'{"a": 1}}',
        b'"\xff"',
        b"nul",
        b'{"a": 1e999}',
        b"1" * 5000,
    ],
)
def test_what_is_not_json_is_refused_as_a_whole(tmp_path: Path, body: bytes) -> None:
    server = one_route(tmp_path, *WHOLE)
    problems = server.ask("POST", "/things", body, content_type="application/json").problems
    assert list(problems) == [""]
    assert problems[""].startswith("the body is not valid JSON: ")
    assert not server.client.requests


@pytest.mark.parametrize("depth", [201, 900, 100_000])
@pytest.mark.parametrize(("left", "right"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_json_that_is_nested_too_deeply_is_refused(
    tmp_path: Path, depth: int, left: bytes, right: bytes
) -> None:
    body = left * depth + b"1" + right * depth
    server = one_route(tmp_path, "name: body, in: body")
    answered = server.ask("POST", "/things", body, content_type="application/json")
    assert list(answered.problems) == [""]


def test_json_with_many_brackets_that_is_not_deep_is_taken(tmp_path: Path) -> None:
    body = b'{"a": [' + b",".join([b"[{}]"] * 300) + b"]}"
    assert post(one_route(tmp_path, *WHOLE), body, "application/json") == {"a": [[{}]] * 300}


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    body = b"\xef\xbb\xbf" + b'{"size": 12345678901234567890123}'
    sent = post(one_route(tmp_path, *FIELDS), body, "application/json")
    assert sent == {"size": 12345678901234567890123}


def test_fields_need_an_object(tmp_path: Path) -> None:
    server = one_route(tmp_path, *FIELDS)
    problems = server.ask("POST", "/things", b"[1]", content_type="application/json").problems
    assert problems == {"": "the body has to be a JSON object with 'size', 'user-id'"}


def test_a_body_that_is_null_has_no_fields(tmp_path: Path) -> None:
    server = one_route(tmp_path, *FIELDS)
    assert server.ask("POST", "/things", b"null", content_type="application/json").status == 200
    assert server.request.body is None


def test_a_whole_body_declared_as_text_takes_json_as_it_is_written(tmp_path: Path) -> None:
    server = one_route(tmp_path, "name: body, in: body, type: string")
    server.ask("POST", "/things", b'{"a":  1.50}', content_type="application/json")
    assert server.request.body == b'{"a":  1.50}'


def test_a_whole_body_declared_as_text_takes_a_json_text(tmp_path: Path) -> None:
    server = one_route(tmp_path, "name: body, in: body, type: string")
    server.ask("POST", "/things", b'"hello"', content_type="application/json")
    assert server.request.body == b"hello"


def test_inputs_may_be_picked_by_a_path(tmp_path: Path) -> None:
    declared = (
        "name: size, in: body, type: integer, value: $.box.size, required: false",
        "name: user-id, in: body, type: string, value: '$.users[0].id', required: false",
    )
    server = one_route(tmp_path, *FIELDS, declared=declared)
    assert post(server, b'{"box": {"size": 3}, "size": 9}', "application/json") == {"size": 3}


def test_a_picked_input_may_come_from_an_array(tmp_path: Path) -> None:
    declared = ("name: size, in: body, type: integer, value: '$[1].size'",)
    server = one_route(tmp_path, *FIELDS, declared=declared)
    assert post(server, b'[{}, {"size": 4}]', "application/json") == {"size": 4}


# Forms


def test_form_fields_feed_inputs_and_are_converted(tmp_path: Path) -> None:
    sent = post(one_route(tmp_path, *FIELDS), b"size=3&user_id=a%26b+c&x=1", FORM)
    assert sent == {"size": 3, "user-id": "a&b c"}


def test_a_form_field_that_does_not_fit_is_named(tmp_path: Path) -> None:
    problems = (
        one_route(tmp_path, *FIELDS)
        .ask("POST", "/things", b"size=large", content_type=FORM)
        .problems
    )
    assert problems == {"/size": "'size' has to be an integer, not 'large'"}


def test_form_fields_with_brackets_make_objects_and_arrays(tmp_path: Path) -> None:
    inputs = ("name: p, in: body, type: object", "name: tags, in: body, type: array")
    sent = post(one_route(tmp_path, *inputs), b"p[a]=1&p[b][c]=2&tags[]=x&tags[]=y&z[]=1", FORM)
    assert sent == {"p": {"a": "1", "b": {"c": "2"}}, "tags": ["x", "y"]}


def test_a_form_is_an_object_of_fields_to_an_input_that_takes_all(tmp_path: Path) -> None:
    sent = post(one_route(tmp_path, *WHOLE), b"a=1&b=&a=2", FORM)
    assert sent == {"a": ["1", "2"], "b": ""}


def test_paths_pick_from_forms(tmp_path: Path) -> None:
    declared = ("name: size, in: body, type: integer, value: $.width",)
    assert post(one_route(tmp_path, *FIELDS, declared=declared), b"width=3", FORM) == {"size": 3}


def test_json_that_is_sent_as_a_form_is_json(tmp_path: Path) -> None:
    assert post(one_route(tmp_path, *FIELDS), b' {"size": 3}', FORM) == {"size": 3}


def test_a_form_may_start_like_json(tmp_path: Path) -> None:
    assert post(one_route(tmp_path, *WHOLE), b"[a]=1", FORM) == {"[a]": "1"}


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"a=%FF", "the form has to be encoded as UTF-8"),
        (b"a=\xff", "the form has to be encoded as UTF-8"),
        (b"a=1&" * 1001, "a form may have 1000 fields at most"),
    ],
)
def test_a_form_that_can_not_be_read_is_refused(tmp_path: Path, body: bytes, detail: str) -> None:
    server = one_route(tmp_path, *WHOLE)
    assert server.ask("POST", "/things", body, content_type=FORM).problems == {"": detail}


# Multipart


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
        (multipart(*[(field("x"), b"")] * 1001), BOUNDARY, "a form may have 1000 parts at most"),
    ],
)
def test_a_multipart_body_that_can_not_be_read_is_refused(
    tmp_path: Path, body: bytes, content_type: str, detail: str
) -> None:
    server = one_route(tmp_path, *FIELDS)
    assert server.ask("POST", "/things", body, content_type=content_type).problems == {"": detail}


# Text and all else


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


def test_json_without_a_content_type_that_is_broken_is_refused(tmp_path: Path) -> None:
    server = one_route(tmp_path, *WHOLE)
    assert list(server.ask("POST", "/things", b'{"a": ').problems) == [""]


def test_an_empty_body_is_no_body(tmp_path: Path) -> None:
    server = one_route(tmp_path, *WHOLE)
    assert server.ask("POST", "/things", content_type="image/png").status == 200
    assert server.request.body is None
    assert server.sent_header("content-type") is None


def test_a_required_body_that_is_missing_is_named(tmp_path: Path) -> None:
    server = one_route(tmp_path, "name: body, in: body, type: object, required: true")
    assert server.ask("POST", "/things").problems == {"/body": "'body' is required in the body"}


# Size and time


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
