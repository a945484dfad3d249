"""Query strings: section 4.5 and 4.7 of the behaviour."""

from __future__ import annotations

import pytest

from naftiko_runtime.plan.checking import compile_query
from naftiko_runtime.plan.inputs import Place
from naftiko_runtime.values import Json
from tests.plan.checking.building import an_input, problems_of

INPUTS = [
    an_input("limit", "integer"),
    an_input("page_token", "string"),
    an_input("$select", "array"),
    an_input("@id", "string"),
    an_input("filter[name]", "string"),
    an_input("filter[tags]", "array"),
    an_input("filter", "object"),
    an_input("params", "object"),
    an_input("ids", "array"),
    an_input("any"),
    an_input("größe", "string"),
    an_input("x-y", "string"),
    an_input("x_y", "string"),
    an_input("id", "string", Place.PATH),
]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        (b"", {}),
        (b"limit=5", {"limit": ["5"]}),
        (b"limit", {"limit": [""]}),
        (b"limit=a=b&&limit=", {"limit": ["a=b", ""]}),
        (b"page_token=a+b%2B%C3%A4%zz", {"page_token": ["a b+ä%zz"]}),
        (b"Page-Token=1&page.token=2", {"page_token": ["1", "2"]}),
        (b"$select=a&%24select=b", {"$select": ["a", "b"]}),
        (b"@id=1&%40id=2", {"@id": ["1", "2"]}),
        (b"gr%C3%B6%C3%9Fe=1", {"größe": ["1"]}),
        (b"filter[name]=1&filter%5Bname%5D=2", {"filter[name]": ["1", "2"]}),
        (b"filter[tags][]=1&filter[tags]=2", {"filter[tags]": ["1", "2"]}),
        (b"ids=1&ids[]=2&IDS[]=3", {"ids": ["1", "2", "3"]}),
        (b"x-y=1", {"x-y": ["1"]}),
        (b"x_y=1", {"x_y": ["1"]}),
    ],
)
def test_texts_are_grouped_by_input(query: bytes, text: dict[str, list[str]]) -> None:
    assert compile_query(INPUTS)(query) == (text, {})


@pytest.mark.parametrize(
    "query",
    [
        b"other=1",
        b"id=1",
        b"X.Y=1",
        b"limit[a]=1",
        b"[a]=1",
        b"params[a=1",
        b"params]a[=1",
        b"params" + b"[a]" * 17 + b"=1",
        b"%FF=1",
        b"other=%FF",
    ],
)
def test_other_names_are_ignored(query: bytes) -> None:
    assert compile_query(INPUTS)(query) == ({}, {})


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        (b"params[table]=users", {"params": {"table": "users"}}),
        (b"params[t]=a&params[t]=b", {"params": {"t": ["a", "b"]}}),
        (b"params[t][]=a", {"params": {"t": ["a"]}}),
        (b"params%5Bt%5D%5Ba%5D=1&params[t][b]=2", {"params": {"t": {"a": "1", "b": "2"}}}),
        (b"params[t][1]=b&params[t][0]=a", {"params": {"t": ["a", "b"]}}),
        (b"params[t][1]=b&params[t][2]=a", {"params": {"t": {"1": "b", "2": "a"}}}),
        (b"params[0]=a", {"params": {"0": "a"}}),
        (b"Params[a%20b]=c+d", {"params": {"a b": "c d"}}),
        (b"params[$top]=1&params[a.b]=2", {"params": {"$top": "1", "a.b": "2"}}),
        (b"filter[query]=1&filter[name][x]=2", {"filter": {"query": "1", "name": {"x": "2"}}}),
        (b"ids[0]=a&ids[1]=b", {"ids": ["a", "b"]}),
        (b"ids[0][x]=1&ids[0][y]=2&ids[1][x]=3", {"ids": [{"x": "1", "y": "2"}, {"x": "3"}]}),
        (b"any[a]=1", {"any": {"a": "1"}}),
        (b"any[]=1&any[]=2", {"any": ["1", "2"]}),
    ],
)
def test_brackets_put_values_together(query: bytes, parts: dict[str, Json]) -> None:
    assert compile_query(INPUTS)(query) == ({}, parts)


@pytest.mark.parametrize(
    ("query", "problems"),
    [
        (b"limit=%FF", {"/limit": "'limit' has to be encoded as UTF-8"}),
        (b"params[a]=\xff", {"/params": "'params' has to be encoded as UTF-8"}),
        (b"params[a]=1&params[a][b]=2", {"/params": "'params' is given in two ways"}),
        (b"params[a][b]=1&params[a]=2", {"/params": "'params' is given in two ways"}),
        (b"params[a][]=1&params[a][b]=2", {"/params": "'params' is given in two ways"}),
        (
            b"params[][a]=1&limit=%FF",
            {
                "/params": "'params' may have empty brackets at the end of a name only",
                "/limit": "'limit' has to be encoded as UTF-8",
            },
        ),
    ],
)
def test_what_makes_no_sense_is_a_problem(query: bytes, problems: dict[str, str]) -> None:
    assert problems_of(lambda: compile_query(INPUTS)(query)) == problems


def test_the_number_of_pairs_is_bounded() -> None:
    read = compile_query(INPUTS)
    assert read(b"&".join([b"ids=1"] * 1000)) == ({"ids": ["1"] * 1000}, {})
    assert problems_of(lambda: read(b"&".join([b"ids=1"] * 1001))) == {
        "": "more than 1000 parameters are too many"
    }


def test_forms_are_read_as_queries_are() -> None:
    inputs = [an_input("name", "string", Place.BODY), an_input("limit", "integer")]
    assert compile_query(inputs, Place.BODY)(b"name=a+b&limit=5") == ({"name": ["a b"]}, {})
