"""Path templates: section 5 of the behaviour, RFC 3986."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naftiko_runtime.errors import InvalidInput
from naftiko_runtime.plan.paths import (
    PathTemplate,
    Variable,
    encode_literal,
    encode_query_text,
    encode_variable,
    parse_path,
    pointer_part,
)
from naftiko_runtime.values import ABSENT, Value


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("", (), id="empty"),
        pytest.param("/orders", ("/orders",), id="literal"),
        pytest.param("/orders/{id}", ("/orders/", Variable("id")), id="variable"),
        pytest.param("/{{id}}/x", ("/", Variable("id", doubled=True), "/x"), id="doubled"),
        pytest.param("/{ id }", ("/", Variable("id")), id="blanks-inside"),
        pytest.param("/v{n}.json", ("/v", Variable("n"), ".json"), id="inside-a-segment"),
        pytest.param("/{a}{b}", ("/", Variable("a"), Variable("b")), id="side-by-side"),
        pytest.param("/{a.b[0]}", ("/", Variable("a.b[0]")), id="any-character"),
        pytest.param("/{}/{", ("/{}/{",), id="braces-that-hold-nothing"),
    ],
)
def test_a_path_is_split_into_text_and_variables(
    text: str, parts: tuple[str | Variable, ...]
) -> None:
    assert parse_path(text) == PathTemplate(parts)


@pytest.mark.parametrize(
    ("text", "query"),
    [("/a?x=1&y=#z", "x=1&y="), ("/a#?x", ""), ("/a?", ""), ("/a?x=?", "x=?")],
)
def test_a_query_is_kept_and_a_fragment_is_dropped(text: str, query: str) -> None:
    assert parse_path(text) == PathTemplate(("/a",), query)


def test_a_path_knows_its_variables_once_and_shows_itself() -> None:
    path = parse_path("/{a}/{{b}}/{a}?q=1")
    assert path.variables == (Variable("a"), Variable("b", doubled=True))
    assert str(path) == "/{a}/{b}/{a}"


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("/a-b._~/c", "/a-b._~/c"),
        ("/a:b@c!$&'()*+,;=", "/a:b@c!$&'()*+,;="),
        ("/a b", "/a%20b"),
        ("/ü", "/%C3%BC"),
        ("/%2F", "/%2F"),
        ("/100%", "/100%25"),
        ("/%zz", "/%25zz"),
        ('/"<>`', "/%22%3C%3E%60"),
        ("/a?b", "/a%3Fb"),
    ],
)
def test_literal_text_stays_as_written_but_for_what_is_illegal(text: str, encoded: str) -> None:
    assert encode_literal(text) == encoded


def test_a_query_as_written_keeps_its_question_marks() -> None:
    assert encode_query_text("a=b c?&d=%20%") == "a=b%20c?&d=%20%25"


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        ("a b", "a%20b"),
        ("a/b", "a%2Fb"),
        ("../x", "..%2Fx"),
        ("%2e%2e", "%252e%252e"),
        ("...", "..."),
        ("-._~", "-._~"),
        ("ü?#", "%C3%BC%3F%23"),
        (5, "5"),
        (1.5, "1.5"),
        (True, "true"),
        (["a", "b/c", 3], "a,b%2Fc,3"),
        ({"a": 1}, "%7B%22a%22%3A1%7D"),
    ],
)
def test_a_value_is_encoded_but_for_unreserved_characters(value: Value, encoded: str) -> None:
    assert encode_variable("id", value) == encoded


@pytest.mark.parametrize("value", ["", ".", "..", None, ABSENT, [], [".."], ["a", ""]])
def test_a_value_that_would_change_the_path_is_refused(value: Value) -> None:
    with pytest.raises(InvalidInput) as raised:
        encode_variable("a/b", value)
    (problem,) = raised.value.problems
    assert problem.pointer == "/a~1b"
    assert problem.detail == "'a/b' stands in the path and may not be empty, '.' or '..'"


SCALARS = st.text() | st.integers() | st.booleans() | st.floats(allow_nan=False)


@given(SCALARS | st.lists(SCALARS))
def test_a_value_never_leaves_its_segment(value: Value) -> None:
    try:
        encoded = encode_variable("id", value)
    except InvalidInput:
        return
    assert re.fullmatch(r"(?:[A-Za-z0-9._~,-]|%[0-9A-F]{2})+", encoded)
    assert unquote(encoded) not in (".", "..")


@given(st.text(min_size=1).filter(lambda text: text not in (".", "..")))
def test_a_text_comes_back_from_its_segment(value: str) -> None:
    assert unquote(encode_variable("id", value)) == value


@given(st.text())
def test_literal_text_is_legal_and_encoded_once(text: str) -> None:
    encoded = encode_literal(text)
    assert re.fullmatch(r"(?:[A-Za-z0-9/:@!$&'()*+,;=._~-]|%[0-9A-Fa-f]{2})*", encoded)
    assert encode_literal(encoded) == encoded


@pytest.mark.parametrize(("name", "part"), [("a", "a"), ("a/b", "a~1b"), ("~1", "~01")])
def test_a_name_in_a_pointer_is_escaped(name: str, part: str) -> None:
    assert pointer_part(name) == part
