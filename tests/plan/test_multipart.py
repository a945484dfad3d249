"""`multipart/form-data` bodies: section 5 of the behaviour, RFC 7578."""

from __future__ import annotations

import email
import email.policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naftiko_runtime.errors import InvalidInput
from naftiko_runtime.plan.multipart import multipart_content
from naftiko_runtime.values import Json


def parts(fields: Json) -> list[tuple[str | None, str | None, str | None, bytes]]:
    """Return the parts of a form: name, file name, content type where one is sent, content."""
    body, content_type = multipart_content(fields)
    message = email.message_from_bytes(
        b"Content-Type: " + content_type + b"\r\n\r\n" + body, policy=email.policy.HTTP
    )
    found = []
    for part in message.iter_parts() if message.is_multipart() else ():
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        name = part["Content-Disposition"].params.get("name")
        type_ = part.get_content_type() if "Content-Type" in part else None
        found.append((name, part.get_filename(), type_, content))
    return found


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"a": "x"}, [("a", None, None, b"x")], id="an-object-of-fields"),
        pytest.param([{"name": "a", "value": 5}], [("a", None, None, b"5")], id="a-list-of-parts"),
        pytest.param({"a": None}, [], id="no-value-no-part"),
        pytest.param([{"name": "a"}], [], id="a-part-without-value"),
        pytest.param(
            {"a": [1, None, True]},
            [("a", None, None, b"1"), ("a", None, None, b"true")],
            id="a-part-for-each-of-a-list",
        ),
        pytest.param(
            {"a": {"b": [1]}}, [("a", None, "application/json", b'{"b":[1]}')], id="objects-as-json"
        ),
        pytest.param(
            [{"name": "a", "value": "x", "filename": "r.txt", "contentType": "text/plain"}],
            [("a", "r.txt", "text/plain", b"x")],
            id="a-file",
        ),
        pytest.param(
            [{"name": "a", "value": {}, "contentType": "text/x"}],
            [("a", None, "text/x", b"{}")],
            id="an-object-of-another-type",
        ),
        pytest.param(
            [{"name": "a", "value": "AP8=", "format": "byte"}],
            [("a", None, None, b"\x00\xff")],
            id="base64",
        ),
        pytest.param(
            ["oops", {"name": "a", "value": "x"}], [("a", None, None, b"x")], id="no-part"
        ),
        pytest.param("oops", [], id="no-form"),
    ],
)
def test_a_form_has_a_part_for_each_value(
    fields: Json, expected: list[tuple[str | None, str | None, str | None, bytes]]
) -> None:
    assert parts(fields) == expected


@pytest.mark.parametrize("format_", ["byte", "base64", "binary"])
def test_a_value_that_has_to_be_base64_and_is_not_is_refused(format_: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        multipart_content([{"name": "a/b", "value": "%", "format": format_}])
    (problem,) = raised.value.problems
    assert (problem.pointer, problem.detail) == ("/a~1b", "'a/b' has to be base64 text")


def test_a_name_can_not_end_its_header() -> None:
    body, _ = multipart_content([{"name": 'a"\r\nX: y', "value": "", "filename": 'b"\r\n'}])
    assert b'name="a%22%0D%0AX: y"; filename="b%22%0D%0A"\r\n' in body


def test_the_same_form_gives_the_same_bytes() -> None:
    assert multipart_content({"a": "x"}) == multipart_content({"a": "x"})
    assert multipart_content({"a": "x"})[1] != multipart_content({"a": "y"})[1]


@given(st.lists(st.text(), max_size=4))
def test_no_value_ends_its_part(values: list[str]) -> None:
    body, content_type = multipart_content([{"name": "a", "value": value} for value in values])
    boundary = content_type.partition(b"boundary=")[2]
    assert body.count(b"--" + boundary) == len(values) + 1
    assert body.endswith(b"--" + boundary + b"--\r\n")
    between = body.split(b"--" + boundary)[1:-1]
    assert [one.partition(b"\r\n\r\n")[2] for one in between] == [
        f"{value}\r\n".encode() for value in values
    ]
