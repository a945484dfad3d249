"""Values to query pairs, headers and cookies: section 5 of the behaviour, OpenAPI 3.1."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naftiko_runtime.errors import InvalidInput
from naftiko_runtime.plan.serialisation import (
    cookie_pair,
    form_pairs,
    header_value,
    query_pairs,
    quote_form,
)
from naftiko_runtime.values import Json


def decoded(pairs: list[str]) -> list[tuple[str, str]]:
    return parse_qsl("&".join(pairs), keep_blank_values=True, strict_parsing=bool(pairs))


@pytest.mark.parametrize(
    ("name", "value", "pairs"),
    [
        pytest.param("a", "x y&z", ["a=x%20y%26z"], id="text"),
        pytest.param("a", "", ["a="], id="empty-text-is-sent"),
        pytest.param("a", None, [], id="null-is-not"),
        pytest.param("a", True, ["a=true"], id="boolean"),
        pytest.param("a", 5, ["a=5"], id="number"),
        pytest.param("a", [1, 2], ["a=1", "a=2"], id="a-list-repeats-the-name"),
        pytest.param("a", [1, None, 2], ["a=1", "a=2"], id="nulls-in-a-list-are-left-out"),
        pytest.param("a", [], [], id="an-empty-list-is-not-sent"),
        pytest.param("$select", "a", ["$select=a"], id="a-dollar-stays-readable"),
        pytest.param("@id", "a", ["@id=a"], id="an-at-sign-stays-readable"),
        pytest.param("filter[x]", "a", ["filter%5Bx%5D=a"], id="brackets-in-a-name"),
        pytest.param("a b", "c", ["a%20b=c"], id="blank-in-a-name"),
    ],
)
def test_without_a_style_values_are_written_the_usual_way(
    name: str, value: Json, pairs: list[str]
) -> None:
    assert query_pairs(name)(value) == pairs


@pytest.mark.parametrize(
    ("value", "pairs"),
    [
        ({"table": "users"}, [("p[table]", "users")]),
        ({"table": ["a", "b"]}, [("p[table]", "a"), ("p[table]", "b")]),
        ({"a": {"b": {"c": 1}}}, [("p[a][b][c]", "1")]),
        ({"a": None, "b": True}, [("p[b]", "true")]),
        ({"a": [{"b": 1}, {"b": 2}]}, [("p[a][0][b]", "1"), ("p[a][1][b]", "2")]),
        ([[1, 2], [3]], [("p[0]", "1"), ("p[0]", "2"), ("p[1]", "3")]),
        ({"a b": "c&d"}, [("p[a b]", "c&d")]),
        ({}, []),
    ],
)
def test_objects_are_deep_objects(value: Json, pairs: list[tuple[str, str]]) -> None:
    assert decoded(query_pairs("p")(value)) == pairs


@pytest.mark.parametrize(
    ("value", "pairs"),
    [
        (["a", "b,c"], ["$select=a,b%2Cc"]),
        ("a,b", ["$select=a%2Cb"]),
        ([None, "a"], ["$select=a"]),
        ([], []),
        ({"a": 1}, ["$select%5Ba%5D=1"]),
    ],
)
def test_names_that_start_with_a_dollar_join_lists_with_commas(
    value: Json, pairs: list[str]
) -> None:
    assert query_pairs("$select")(value) == pairs


LIST: Json = ["blue", "b&w", 3]
OBJECT: Json = {"R": 100, "G": None, "B": "a b"}


@pytest.mark.parametrize(
    ("style", "explode", "for_list", "for_object"),
    [
        ("form", None, ["c=blue", "c=b%26w", "c=3"], ["R=100", "B=a%20b"]),
        ("form", True, ["c=blue", "c=b%26w", "c=3"], ["R=100", "B=a%20b"]),
        ("form", False, ["c=blue,b%26w,3"], ["c=R,100,B,a%20b"]),
        (None, True, ["c=blue", "c=b%26w", "c=3"], ["R=100", "B=a%20b"]),
        (None, False, ["c=blue,b%26w,3"], ["c=R,100,B,a%20b"]),
        ("spaceDelimited", None, ["c=blue%20b%26w%203"], ["c=R%20100%20B%20a%20b"]),
        ("spaceDelimited", False, ["c=blue%20b%26w%203"], ["c=R%20100%20B%20a%20b"]),
        ("spaceDelimited", True, ["c=blue", "c=b%26w", "c=3"], ["R=100", "B=a%20b"]),
        ("pipeDelimited", None, ["c=blue%7Cb%26w%7C3"], ["c=R%7C100%7CB%7Ca%20b"]),
        ("pipeDelimited", True, ["c=blue", "c=b%26w", "c=3"], ["R=100", "B=a%20b"]),
        ("deepObject", None, ["c=blue", "c=b%26w", "c=3"], ["c%5BR%5D=100", "c%5BB%5D=a%20b"]),
    ],
)
def test_style_and_explode_follow_openapi(
    style: str | None, explode: bool | None, for_list: list[str], for_object: list[str]
) -> None:
    write = query_pairs("c", style, explode)
    assert write(LIST) == for_list
    assert write(OBJECT) == for_object
    assert write("a b") == ["c=a%20b"]
    assert write(None) == []


def test_a_style_overrides_the_commas_of_odata() -> None:
    assert query_pairs("$select", "form")(["a", "b"]) == ["$select=a", "$select=b"]
    assert query_pairs("$select", None, True)(["a", "b"]) == ["$select=a", "$select=b"]


@pytest.mark.parametrize(
    ("value", "pairs"),
    [
        ("a b+c", ["f=a+b%2Bc"]),
        ("ü~*", ["f=%C3%BC%7E*"]),
        (["a", "b"], ["f=a", "f=b"]),
        ({"x y": 1}, ["f%5Bx+y%5D=1"]),
        (None, []),
    ],
)
def test_form_fields_are_encoded_as_forms_are(value: Json, pairs: list[str]) -> None:
    assert form_pairs("f", value) == pairs


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
STYLES = st.sampled_from([None, "form", "spaceDelimited", "pipeDelimited", "deepObject", "odd"])


@given(st.text(min_size=1), st.text())
def test_a_text_comes_back_from_query_and_form(name: str, value: str) -> None:
    assert decoded(query_pairs(name)(value)) == [(name, value)]
    assert decoded(form_pairs(name, value)) == [(name, value)]
    assert decoded([f"a={quote_form(value)}"]) == [("a", value)]


@given(st.lists(st.text(), min_size=1))
def test_a_list_of_texts_comes_back_from_a_query(values: list[str]) -> None:
    assert decoded(query_pairs("a")([*values])) == [("a", value) for value in values]
    (pair,) = query_pairs("$a")([*values])
    assert len(pair.removeprefix("$a=").split(",")) == len(values)


@given(st.text(min_size=1), JSON, STYLES, st.sampled_from([None, True, False]))
def test_query_pairs_hold_nothing_that_a_query_may_not(
    name: str, value: Json, style: str | None, explode: bool | None
) -> None:
    for pair in query_pairs(name, style, explode)(value):
        assert re.fullmatch(
            r"(?:[A-Za-z0-9._~$@,-]|%[0-9A-F]{2})*=(?:[\w.~,-]|%[0-9A-F]{2})*", pair
        )


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain", b"plain"),
        ("  around ", b"around"),
        ("ü", "ü".encode()),
        ("", b""),
        (5, b"5"),
        (False, b"false"),
        (["a", 2, None, "c"], b"a,2,c"),
        ({"a": 1}, b'{"a":1}'),
        (None, b""),
    ],
)
def test_a_header_is_one_value_and_lists_are_joined_with_commas(
    value: Json, written: bytes
) -> None:
    assert header_value("X-A", value) == written


@pytest.mark.parametrize("character", ["\r", "\n", "\0", "\t", "\x1b", "\x7f"])
@pytest.mark.parametrize("form", ["a{}b", "{}a"])
def test_a_control_character_in_a_header_is_refused(character: str, form: str) -> None:
    for value in (form.format(character), [form.format(character)]):
        with pytest.raises(InvalidInput) as raised:
            header_value("X-A", [*value] if isinstance(value, list) else value)
        assert raised.value.problems[0].pointer == "/X-A"


@given(JSON)
def test_a_header_never_holds_a_control_character(value: Json) -> None:
    try:
        written = header_value("X-A", value)
    except InvalidInput:
        return
    assert not re.search(rb"[\x00-\x1f\x7f]", written)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain", b"c=plain"),
        ('a b;c,d"e\\', b"c=a%20b%3Bc%2Cd%22e%5C"),
        ("100%", b"c=100%25"),
        ("[a]{b}=|", b"c=[a]{b}=|"),
        (True, b"c=true"),
    ],
)
def test_a_cookie_is_encoded_where_it_may_not_hold_a_character(value: Json, written: bytes) -> None:
    assert cookie_pair("c", value) == written


@given(JSON)
def test_a_cookie_never_ends_early(value: Json) -> None:
    written = cookie_pair("c", value)
    assert re.fullmatch(rb"c=[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*", written)
