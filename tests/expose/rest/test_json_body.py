"""JSON that callers send. Sections 4.5 and 7 of the behaviour."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest

from naftiko_runtime.errors import InvalidInput
from naftiko_runtime.expose.rest.json_body import parse_json
from tests.expose.rest.bodies import FIELDS, WHOLE, post
from tests.expose.rest.driving import one_route


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


@pytest.mark.parametrize(("left", "right"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_json_may_be_nested_as_deeply_as_the_limit_says(
    tmp_path: Path, left: bytes, right: bytes
) -> None:
    body = left * 200 + b"1" + right * 200
    server = one_route(tmp_path, "name: body, in: body")
    assert server.ask("POST", "/things", body, content_type="application/json").status == 200


@pytest.mark.parametrize(("depth", "is_taken"), [(1, True), (253, True), (300, True), (301, False)])
def test_a_higher_limit_on_depth_holds_too(depth: int, is_taken: bool) -> None:
    body = b"[" * depth + b"]" * depth
    with nullcontext() if is_taken else pytest.raises(InvalidInput):
        parse_json(body, 300)


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


def test_json_without_a_content_type_that_is_broken_is_refused(tmp_path: Path) -> None:
    server = one_route(tmp_path, *WHOLE)
    assert list(server.ask("POST", "/things", b'{"a": ').problems) == [""]


@pytest.mark.parametrize(
    "body",
    [
        b' { "b" : 1.50,\r\n "a":1e3, "a": "\\u00e4" }\n',
        b"[1, 12345678901234567890123, -0]",
        b' "text"',
        b" null ",
        b"7",
    ],
)
@pytest.mark.parametrize("content_type", ["application/json", "application/merge-patch+json"])
def test_the_callers_own_body_keeps_its_bytes(
    tmp_path: Path, body: bytes, content_type: str
) -> None:
    server = one_route(tmp_path, operation="body: {type: json}")
    answered = server.ask("POST", "/things", body, content_type=content_type)
    assert (answered.status, server.request.body) == (200, body)
    assert server.sent_header("content-type") == "application/json"


def test_the_callers_own_body_goes_without_its_byte_order_mark(tmp_path: Path) -> None:
    server = one_route(tmp_path, operation="body: {type: json}")
    server.ask("POST", "/things", b'\xef\xbb\xbf{"a":  1}', content_type="application/json")
    assert server.request.body == b'{"a":  1}'


def test_json_that_is_taken_as_text_goes_without_its_byte_order_mark(tmp_path: Path) -> None:
    server = one_route(tmp_path, "name: body, in: body, type: string")
    server.ask("POST", "/things", b'\xef\xbb\xbf{"a":  1}', content_type="application/json")
    assert server.request.body == b'{"a":  1}'
    assert server.sent_header("content-type") == "application/json"


def test_json_that_is_a_parameters_whole_body_keeps_its_bytes(tmp_path: Path) -> None:
    server = one_route(tmp_path, "name: body, in: body")
    server.ask("POST", "/things", b'{"a":  1.50, "a": 2}', content_type="application/json")
    assert server.request.body == b'{"a":  1.50, "a": 2}'


@pytest.mark.parametrize("body", [b"{", b'{"a": NaN}', b'"\xff"', b"[" * 201 + b"]" * 201])
def test_the_callers_own_body_has_to_be_json_all_the_same(tmp_path: Path, body: bytes) -> None:
    server = one_route(tmp_path, operation="body: {type: json}")
    answered = server.ask("POST", "/things", body, content_type="application/json")
    assert list(answered.problems) == [""]
    assert not server.client.requests


def test_the_callers_own_body_is_of_its_type_all_the_same(tmp_path: Path) -> None:
    declared = ("name: body, in: body, type: object",)
    server = one_route(tmp_path, operation="body: {type: json}", declared=declared)
    answered = server.ask("POST", "/things", b"[1]", content_type="application/json")
    assert list(answered.problems) == ["/body"]


def test_an_object_that_is_sent_as_text_is_written_anew(tmp_path: Path) -> None:
    declared = ("name: body, in: body, type: object",)
    server = one_route(tmp_path, operation="body: {type: json}", declared=declared)
    server.ask("POST", "/things", b'"{\\"a\\":  1}"', content_type="application/json")
    assert server.request.body == b'{"a":1}'


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b'{"a":  1}', "application/x-www-form-urlencoded"), (b'{"a":  1}', None)],
)
def test_the_callers_own_body_may_be_known_as_json_by_its_look(
    tmp_path: Path, body: bytes, content_type: str | None
) -> None:
    server = one_route(tmp_path, operation="body: {type: json}")
    server.ask("POST", "/things", body, content_type=content_type)
    assert server.request.body == body


def test_a_form_is_written_anew_as_json(tmp_path: Path) -> None:
    server = one_route(tmp_path, operation="body: {type: json}")
    server.ask("POST", "/things", b"a=1", content_type="application/x-www-form-urlencoded")
    assert server.request.body == b'{"a":"1"}'
