"""Forms that callers send. Sections 4.5 and 7 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.expose.rest.bodies import FIELDS, WHOLE, post
from tests.expose.rest.driving import one_route

FORM = "application/x-www-form-urlencoded"


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
