"""Outcomes and errors as tool results: sections 6 and 7 of the behaviour."""

from __future__ import annotations

import inspect

import pytest

from naftiko_runtime import errors
from naftiko_runtime.errors import CallError, InputProblem, InvalidInput, UpstreamTimeout
from naftiko_runtime.execute.outcome import Outcome
from naftiko_runtime.expose.mcp.results import (
    ERROR_BODY_BYTES,
    TITLES,
    ToolResult,
    answered,
    failed,
    unforeseen,
)
from naftiko_runtime.plan.shaping.plan import IDENTITY, OutputPlan, whole
from naftiko_runtime.values import Json

_JSON = b"application/json"
_OBJECT = OutputPlan(False, whole, {"type": "object"}, structured=True)
_LIST = OutputPlan(False, whole, {"type": "array"}, structured=False)


def _text(result: ToolResult) -> Json:
    (block,) = result.content
    assert block["type"] == "text"
    return block["text"]


def _answer(body: bytes, content_type: bytes | None = _JSON, status: int = 200) -> ToolResult:
    headers = () if content_type is None else ((b"content-type", content_type),)
    return answered(Outcome(status, headers, body), IDENTITY)


_ERRORS = [
    one
    for _, one in inspect.getmembers(errors, inspect.isclass)
    if issubclass(one, CallError) and one not in (CallError, InvalidInput, errors.UpstreamError)
]


@pytest.mark.parametrize("error", _ERRORS)
def test_every_error_of_a_call_is_in_the_table(error: type[CallError]) -> None:
    result = failed(error("this is why"), "id-1")
    assert result.is_error
    title = TITLES[error]
    assert _text(result) == f"{title} ({error.code}): this is why\nrequest id: id-1"
    assert result.structured == {
        "code": error.code,
        "title": title,
        "detail": "this is why",
        "request_id": "id-1",
    }


def test_an_error_that_the_table_does_not_name_is_told_like_its_kind() -> None:
    class Slow(UpstreamTimeout):
        code = "slow"

    result = failed(Slow("why"), "1")
    assert result.structured is not None
    assert result.structured["title"] == TITLES[UpstreamTimeout]
    assert result.structured["code"] == "slow"


def test_every_problem_with_arguments_is_named() -> None:
    error = InvalidInput((InputProblem("/a", "'a' is bad"), InputProblem("/b/0", "'b' is worse")))
    result = failed(error, "1")
    assert str(_text(result)).splitlines() == [
        "The arguments do not fit (input-invalid):",
        "/a: 'a' is bad",
        "/b/0: 'b' is worse",
        "request id: 1",
    ]
    assert result.structured is not None
    assert result.structured["errors"] == [
        {"pointer": "/a", "detail": "'a' is bad"},
        {"pointer": "/b/0", "detail": "'b' is worse"},
    ]


def test_a_fault_of_the_runtime_is_told_by_its_request_id() -> None:
    result = unforeseen("id-1")
    assert result.is_error
    assert result.structured is not None
    assert (result.structured["code"], result.structured["request_id"]) == (
        "internal-error",
        "id-1",
    )


@pytest.mark.parametrize(
    ("body", "text", "structured"),
    [
        (b'{ "a": [1.0, 2] }\n', '{"a":[1.0,2]}', {"a": [1.0, 2]}),
        (b"[1,  2]", "[1,2]", None),
        (b' "text" ', '"text"', None),
        (b"null", "null", None),
        (b'\xef\xbb\xbf{"a": 1}', '{"a":1}', {"a": 1}),
        (b'{"n": 123456789012345678901234}', None, {"n": 123456789012345678901234}),
    ],
    ids=["object", "list", "string", "null", "byte order mark", "large integer"],
)
@pytest.mark.parametrize("content_type", [_JSON, b"application/problem+json", None])
def test_json_is_compact_text_and_objects_are_structured_too(
    body: bytes,
    text: str | None,
    structured: dict[str, Json] | None,
    content_type: bytes | None,
) -> None:
    result = _answer(body, content_type)
    assert _text(result) == (text or body.decode().replace(" ", ""))
    assert result.structured == structured
    assert not result.is_error


def test_a_lone_surrogate_is_no_json_and_stays_as_it_came() -> None:
    assert _text(_answer(b'"\\ud800"')) == '"\\ud800"'


def test_json_under_another_label_counts_if_it_is_a_list_or_an_object() -> None:
    assert _answer(b'{"a": 1}', b"text/html").structured == {"a": 1}
    assert _text(_answer(b"[1, 2]", b"text/plain")) == "[1,2]"
    assert _text(_answer(b"1.10", b"text/plain")) == "1.10"


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        (b"a,b\n1,2\n", b"text/csv", "a,b\n1,2\n"),
        ("é".encode("latin-1"), b"text/plain; charset=ISO-8859-1", "é"),
        ("é".encode(), b"text/plain; charset=unheard-of", "é"),
        ("é".encode(), b"text/plain; charset=idna", "é"),
        ("é".encode(), b"text/plain; charset=hex", "é"),
        ("é".encode(), b"text/plain; charset=punycode", "é"),
        (b"\xff", b"text/plain", "\N{REPLACEMENT CHARACTER}"),
        (b"<a/>", b"Application/XML", "<a/>"),
        (b"<a/>", b"application/atom+xml;type=entry", "<a/>"),
        (b"{broken", _JSON, "{broken"),
        (b"just words", None, "just words"),
    ],
)
def test_what_is_for_reading_is_text(body: bytes, content_type: bytes | None, text: str) -> None:
    result = _answer(body, content_type)
    assert _text(result) == text
    assert result.structured is None


@pytest.mark.parametrize(("kind", "name"), [("image", "image/png"), ("audio", "audio/mpeg")])
def test_images_and_audio_have_their_own_content(kind: str, name: str) -> None:
    result = _answer(b"\x89PNG", name.encode())
    assert result.content == ({"type": kind, "data": "iVBORw==", "mimeType": name},)
    assert result.structured is None


@pytest.mark.parametrize(
    ("body", "content_type", "name"),
    [
        (b"%PDF", b"application/pdf", "application/pdf"),
        (b"text", b"application/octet-stream", "application/octet-stream"),
        (b"\0\1", None, "application/octet-stream"),
        (b"\xff\xfe", None, "application/octet-stream"),
    ],
)
def test_other_binary_is_an_embedded_blob(
    body: bytes, content_type: bytes | None, name: str
) -> None:
    (block,) = _answer(body, content_type).content
    resource = block["resource"]
    assert block["type"] == "resource"
    assert isinstance(resource, dict)
    assert resource["mimeType"] == name
    assert str(resource["uri"]).startswith("naftiko://results/")
    assert _answer(body, content_type).content == (block,), "the same bytes have the same URI"
    assert _answer(body + b"!", b"application/pdf").content != (block,)


@pytest.mark.parametrize(
    ("outputs", "structured"), [(IDENTITY, None), (_OBJECT, {}), (_LIST, {"result": None})]
)
def test_an_empty_answer_is_an_empty_success(
    outputs: OutputPlan, structured: dict[str, Json] | None
) -> None:
    assert answered(Outcome(204, (), b""), outputs) == ToolResult((), structured)


def test_a_shaped_answer_is_taken_as_it_was_made() -> None:
    headers = ((b"content-type", _JSON),)
    of_object = answered(Outcome(200, headers, b'{"a":1}', {"a": 1}), _OBJECT)
    assert (_text(of_object), of_object.structured) == ('{"a":1}', {"a": 1})
    of_list = answered(Outcome(200, headers, b"[1]", [1]), _LIST)
    assert (_text(of_list), of_list.structured) == ("[1]", {"result": [1]})
    of_null = answered(Outcome(200, headers, b"null", None), IDENTITY)
    assert (_text(of_null), of_null.structured) == ("null", None)


def test_the_body_of_an_upstream_error_is_cut_between_two_characters() -> None:
    body = b"x" * (ERROR_BODY_BYTES - 1) + "é!".encode()
    result = _answer(body, b"text/plain", 500)
    assert result.structured is not None
    assert result.structured["body"] == "x" * (ERROR_BODY_BYTES - 1)
    assert str(_text(result)).endswith("xxx")
    exact = b"x" * (ERROR_BODY_BYTES - 2) + "é".encode()
    whole_body = _answer(exact, b"text/plain", 500).structured
    assert whole_body is not None
    assert whole_body["body"] == exact.decode()


def test_an_upstream_error_without_a_body_has_its_status() -> None:
    result = _answer(b"", None, 503)
    assert _text(result) == "The API behind this tool answered 503 Service Unavailable"
    assert result.structured == {"code": "upstream-status", "status": 503, "body": ""}
    assert _text(_answer(b"", None, 599)) == "The API behind this tool answered 599"


def test_an_upstream_error_of_a_step_names_the_step() -> None:
    result = answered(Outcome(503, (), b"", step="step 2 of 3, get-crew"), IDENTITY)
    text = "The API behind this tool answered 503 Service Unavailable (step 2 of 3, get-crew)"
    assert _text(result) == text
    assert result.structured is not None
    assert result.structured["step"] == "step 2 of 3, get-crew"


def test_a_redirect_is_no_success_and_says_where_it_points() -> None:
    outcome = Outcome(302, ((b"location", b"/elsewhere"),), b"")
    result = answered(outcome, IDENTITY)
    assert result.is_error
    assert result.structured is not None
    assert result.structured["location"] == "/elsewhere"
    assert "Location: /elsewhere" in str(_text(result))


def test_a_result_on_the_wire_has_structured_content_only_where_there_is_some() -> None:
    block: dict[str, Json] = {"type": "text", "text": "1"}
    assert ToolResult((block,)).wire() == {
        "resultType": "complete",
        "content": [block],
        "isError": False,
    }
    assert ToolResult((), {"a": 1}, is_error=True).wire() == {
        "resultType": "complete",
        "content": [],
        "isError": True,
        "structuredContent": {"a": 1},
    }


def test_an_answer_that_is_structured_content_is_written_once() -> None:
    assert _answer(b'{"a": 1}').written == b'{"a":1}'


def test_an_answer_inside_structured_content_is_written_with_it() -> None:
    result = answered(Outcome(200, ((b"content-type", _JSON),), b"[1]"), _LIST)
    assert (result.structured, result.written) == ({"result": [1]}, None)
