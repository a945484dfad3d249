"""Request bodies and their content types: section 5 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.values import Json
from tests.plan.planned import Planned, one_tool

JSON = b"application/json"
TEXT = b"text/plain; charset=utf-8"
XML = b"application/xml"
FORM = b"application/x-www-form-urlencoded"


def content(
    planned: Planned, arguments: dict[str, Json] | None = None
) -> tuple[bytes | None, bytes | None]:
    """Return the body that a call sends, and its content type."""
    request = planned.request(arguments)
    return request.body, dict(request.headers).get(b"content-type")


def content_of_known(
    planned: Planned, arguments: dict[str, Json]
) -> tuple[bytes | None, bytes | None]:
    """Return the content that a call sends which is given only what the tool has inputs for."""
    names = planned.inputs()
    return content(planned, {k: value for k, value in arguments.items() if k in names})


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("'{{x}}!'", (b"5!", JSON), id="a-bare-string"),
        pytest.param("{type: raw, data: 'x {{x}}'}", (b"x 5", JSON), id="raw"),
        pytest.param("{type: raw, data: {a: '{{x}}'}}", (b'{"a":5}', JSON), id="raw-object"),
        pytest.param("{type: text, data: 'x {{x}}'}", (b"x 5", TEXT), id="text"),
        pytest.param("{type: text, data: tools.x}", (b"tools.x", TEXT), id="text-is-a-template"),
        pytest.param("{type: text, data: 5}", (b"5", TEXT), id="text-of-a-number"),
        pytest.param("{type: xml, data: '<a>{{x}}</a>'}", (b"<a>5</a>", XML), id="xml"),
        pytest.param(
            "{type: sparql, data: 'ASK {{x}}'}",
            (b"ASK 5", b"application/sparql-query"),
            id="sparql",
        ),
        pytest.param("{type: json, data: {a: '{{x}}'}}", (b'{"a":5}', JSON), id="json"),
        pytest.param("{type: JSON, data: [tools.x]}", (b"[5]", JSON), id="json-list"),
        pytest.param("{data: {a: 1}}", (b'{"data":{"a":1}}', JSON), id="no-type"),
        pytest.param("[1, tools.x]", (b"[1,5]", JSON), id="a-bare-list"),
        pytest.param("{type: json, data: null}", (b"null", JSON), id="json-null"),
        pytest.param(
            "{type: json, data: {}, contentType: application/merge-patch+json}",
            (b"{}", b"application/merge-patch+json"),
            id="json-of-another-content-type",
        ),
        pytest.param(
            "{type: text, data: x, contentType: text/csv}", (b"x", b"text/csv"), id="other-text"
        ),
    ],
)
def test_a_body_has_the_content_type_of_its_kind(
    tmp_path: Path, body: str, expected: tuple[bytes, bytes]
) -> None:
    assert content_of_known(one_tool(tmp_path, f"body: {body}"), {"x": 5}) == expected


def test_the_header_of_an_input_goes_before_the_content_type_of_the_body(tmp_path: Path) -> None:
    planned = one_tool(
        tmp_path,
        """
        body: 'a,b'
        inputParameters: [{name: Content-Type, in: header, value: text/csv}]
        """,
    )
    assert content(planned) == (b"a,b", b"text/csv")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("{type: text, data: '{{x}}'}", id="text"),
        pytest.param("{type: json, data: '{{x}}'}", id="json"),
        pytest.param("{type: raw, data: '{{x}}'}", id="raw"),
        pytest.param("{type: formUrlEncoded, data: '{{x}}'}", id="form"),
        pytest.param("{type: multipartForm, data: '{{x}}'}", id="multipart"),
        pytest.param("{type: text}", id="text-without-data"),
        pytest.param("{type: formUrlEncoded}", id="form-without-data"),
        pytest.param("{type: multipartForm}", id="multipart-without-data"),
    ],
)
def test_without_a_value_there_is_neither_body_nor_content_type(tmp_path: Path, body: str) -> None:
    planned = one_tool(tmp_path, f"body: {body}", "inputParameters: [{name: x, required: false}]")
    assert content(planned) == (None, None)


def test_members_whose_template_is_absent_are_left_out(tmp_path: Path) -> None:
    planned = one_tool(tmp_path, "body: {type: json, data: {a: '{{x}}', b: {c: '{{y}}'}}}")
    assert content(planned) == (b'{"b":{}}', JSON)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param('\'{"a": "{{x}}", "b": {{n}}}\'', b'{"a":"<\\">","b":5}', id="an-object"),
        pytest.param("'[{{n}}]'", b"[5]", id="a-list"),
        pytest.param("'{\"a\": 1}'", b'{"a":1}', id="a-constant"),
        pytest.param("'{{n}}'", b"5", id="one-value"),
        pytest.param("tools.n", b"5", id="one-reference"),
        pytest.param("'no {{n}}'", b'"no 5"', id="text-that-is-no-json"),
    ],
)
def test_json_data_may_be_a_text_that_is_a_template_of_json(
    tmp_path: Path, data: str, expected: bytes
) -> None:
    planned = one_tool(tmp_path, f"body: {{type: json, data: {data}}}")
    assert content_of_known(planned, {"x": '<">', "n": 5}) == (expected, JSON)


def test_text_put_into_xml_is_escaped_for_content_and_attributes(tmp_path: Path) -> None:
    planned = one_tool(
        tmp_path, """body: {type: xml, data: "<a b=\\"{{x}}\\" c='{{x}}'>{{x}}</a>"}"""
    )
    escaped = b"&lt;&amp;&quot;&apos;&gt;"
    body, _ = content(planned, {"x": "<&\"'>"})
    assert body == b"<a b=\"%b\" c='%b'>%b</a>" % (escaped, escaped, escaped)


def test_xml_that_is_all_the_callers_is_not_escaped(tmp_path: Path) -> None:
    planned = one_tool(tmp_path, "body: {type: xml, data: '{{x}}'}")
    assert content(planned, {"x": "<a/>"}) == (b"<a/>", XML)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param("{a: '{{x}}', b c: 1}", b"a=1%262+3%C3%A9&b+c=1", id="fields"),
        pytest.param("{a: [1, 2], b: {c: true}}", b"a=1&a=2&b%5Bc%5D=true", id="nested"),
        pytest.param("{a: '{{y}}', b: 1}", b"b=1", id="an-absent-field"),
        pytest.param("'a=b%20c&d=e'", b"a=b%20c&d=e", id="encoded-already"),
        pytest.param("'a={{x}}&b={{y}}'", b"a=1%262+3%C3%A9&b=", id="a-template"),
        pytest.param("'{{z}}'", b"a+b=1&c=2&c=3", id="an-object-of-the-callers"),
        pytest.param("'{{w}}'", b"a=b&c", id="a-text-of-the-callers"),
    ],
)
def test_forms_are_encoded(tmp_path: Path, data: str, expected: bytes) -> None:
    planned = one_tool(tmp_path, f"body: {{type: formUrlEncoded, data: {data}}}")
    arguments: dict[str, Json] = {"x": "1&2 3é", "z": {"a b": 1, "c": [2, 3]}, "w": "a=b&c"}
    assert content_of_known(planned, arguments) == (expected, FORM)


@pytest.mark.parametrize(
    "data",
    ["{a: '{{x}}'}", "[{name: a, value: '{{x}}'}]"],
    ids=["fields", "parts"],
)
def test_a_multipart_form_has_its_fields_as_parts(tmp_path: Path, data: str) -> None:
    planned = one_tool(tmp_path, f"body: {{type: multipartForm, data: {data}}}")
    body, content_type = content(planned, {"x": "5"})
    assert (content_type or b"").startswith(b"multipart/form-data; boundary=")
    assert b'name="a"\r\n\r\n5\r\n' in (body or b"")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param({"a": 2**70}, b'{"a":1180591620717411303424}', id="object"),
        pytest.param([], b"[]", id="list"),
        pytest.param("x", b'"x"', id="text"),
    ],
)
def test_a_json_body_without_data_is_the_callers(
    tmp_path: Path, value: Json, expected: bytes
) -> None:
    planned = one_tool(tmp_path, "body: {type: json}")
    assert content(planned, {"body": value}) == (expected, JSON)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param({"a": 1}, (b'{"a":1}', JSON), id="object"),
        pytest.param(' {"a": 1}', (b' {"a": 1}', JSON), id="json-as-text"),
        pytest.param("[1, 2]", (b"[1, 2]", JSON), id="a-list-as-text"),
        pytest.param("{a}", (b"{a}", TEXT), id="text-that-looks-like-json"),
        pytest.param("[" * 100_000, (b"[" * 100_000, TEXT), id="text-that-opens-only"),
        pytest.param("[NaN]", (b"[NaN]", TEXT), id="no-number-of-json"),
        pytest.param("hello", (b"hello", TEXT), id="text"),
    ],
)
def test_a_lone_parameter_body_is_the_whole_body(
    tmp_path: Path, value: Json, expected: tuple[bytes, bytes]
) -> None:
    planned = one_tool(tmp_path, "inputParameters: [{name: body, in: body}]")
    assert content(planned, {"body": value}) == expected


def test_a_lone_parameter_body_that_is_left_out_is_no_body(tmp_path: Path) -> None:
    planned = one_tool(tmp_path, "inputParameters: [{name: body, in: body}]")
    assert content(planned) == (None, None)


def test_several_body_parameters_are_the_members_of_an_object(tmp_path: Path) -> None:
    planned = one_tool(
        tmp_path,
        """
        inputParameters:
        - {name: a, in: body, type: integer}
        - {name: b, in: body}
        - {name: c, in: body, value: 3}
        """,
    )
    assert content(planned, {"a": 1}) == (b'{"a":1,"c":3}', JSON)


def test_body_parameters_that_are_all_left_out_are_no_body(tmp_path: Path) -> None:
    planned = one_tool(tmp_path, "inputParameters: [{name: a, in: body}, {name: b, in: body}]")
    assert content(planned) == (None, None)


def test_a_body_has_bound_variables(tmp_path: Path) -> None:
    planned = one_tool(tmp_path, 'body: \'{"token": "{{TOKEN}}"}\'')
    assert content(planned) == (b'{"token":"s3c\\"ret"}', JSON)
