"""JSONPath: what is found, and what is no path."""

from __future__ import annotations

import pytest

from naftiko_runtime.plan.jsonpath import JsonPathInvalid, compile_path
from naftiko_runtime.values import ABSENT, Json, Value

DOCUMENT: Json = {
    "a": {"b": [{"c": 1}, {"c": None}], "d": "text"},
    "items": [{"id": 1, "price": 5}, {"id": 2, "price": 50}, {"name": "x", "price": 7}],
    "user details": {"email": "e@example.com"},
    "vessel-name": "Star",
    "@id": 9,
    "$ref": "here",
    "it's": "quoted",
    'say "hi"': "said",
    "back\\slash": 0,
    "dotted.name": "d",
    "naïve": "ï",
    "@odata.nextLink": "more",
    "0": "zero",
    "limit": 10,
    "first": "A",
    "last": "B",
    "empty": {},
    "none": None,
    "deep": {"e": {"f": {"g": {"h": "bottom"}}}},
    "matrix": [[1, 2], [3, [4]]],
    "Amount (USD)": 12,
}


@pytest.mark.parametrize("text", ["$", "$.", "@", "@.", " $ ", " $. "])
def test_the_root_is_the_whole_value(text: str) -> None:
    path = compile_path(text)

    assert path.is_root
    assert path.definite
    assert path.first_name is None
    assert path.find(DOCUMENT) is DOCUMENT
    assert path.find(None) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$.a.d", "text"),
        ("a.d", "text"),
        ("@.a.d", "text"),
        ("$.a.d.", "text"),
        ("$.none", None),
        ("$.a.b[1].c", None),
        ("$.a.b[0].c", 1),
        ("$.a.b[-2].c", 1),
        ("$.deep.e.f", {"g": {"h": "bottom"}}),
        ("$.deep.e.f.g", {"h": "bottom"}),
        ("$.deep.e.f.g.h", "bottom"),
        ("$.items[0]", {"id": 1, "price": 5}),
        ("items[-1].name", "x"),
        ("$.matrix[1][1][0]", 4),
        ("$.items.0.id", 1),
        ("$.matrix.1.0", 3),
        ("$.0", "zero"),
        ("$['0']", "zero"),
        ("$[a][d]", "text"),
        ("$.a['d']", "text"),
        ("$.['a'].['d']", "text"),
        ("$.a.b.[0].c", 1),
        ("['user details']['email']", "e@example.com"),
        ("$.user details.email", "e@example.com"),
        ("$[user details].email", "e@example.com"),
        ("$.'user details'.email", "e@example.com"),
        ('$."user details".email', "e@example.com"),
        ("$.vessel-name", "Star"),
        ("$.@id", 9),
        ("@id", 9),
        ("$.$ref", "here"),
        ("$ref", "here"),
        ("$.it's", "quoted"),
        (r"$['it\'s']", "quoted"),
        ('$["say \\"hi\\""]', "said"),
        (r"$['back\\slash']", 0),
        ("$['dotted.name']", "d"),
        ("$.'dotted.name'", "d"),
        ("$.naïve", "ï"),
        ("$.@odata.nextLink", "more"),
        ("$.Amount (USD)", 12),
        ("$.items.length()", 3),
        ("$.items.size()", 3),
        ("$.a.length()", 2),
        ("$.a.d.length()", 4),
        ("$.length()", 21),
    ],
)
def test_a_definite_path_finds_one_value(text: str, value: Json) -> None:
    path = compile_path(text)

    assert path.definite
    assert path.find(DOCUMENT) == value
    assert not path.is_root


@pytest.mark.parametrize(
    "text",
    [
        "$.x",
        "$.x.y",
        "$.a.x",
        "$.x.y.z",
        "$.a.d.x",
        "$.a.d.x.y",
        "$.none.x",
        "$.a.d[0]",
        "$.a.d[0].x",
        "$.a.b[0].c[0]",
        "$.a.b[2].c",
        "$.a.b[-3]",
        "$.a[0]",
        "$.limit[0]",
        "$.items.id",
        "$.items.3.id",
        "$.a.0",
        "$.limit.0",
        "$.x.0.y",
        "$.items.0.x.0",
        "$['items.0']",
        "$.none.length()",
        "$.x.length()",
        "$.deep.e.x.g.h",
        "$.deep.e.f.g.h.i",
    ],
)
def test_a_definite_path_that_leads_nowhere_is_absent(text: str) -> None:
    assert compile_path(text).find(DOCUMENT) is ABSENT


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("$.items[*].id", [1, 2]),
        ("$.items.*.id", [1, 2]),
        ("$.a.*", [[{"c": 1}, {"c": None}], "text"]),
        ("$.a.b[*].c", [1, None]),
        ("$.matrix[*][*]", [1, 2, 3, [4]]),
        ("$.matrix[*][0]", [1, 3]),
        ("$.items[*]['id','price']", [1, 5, 2, 50, 7]),
        ("$.items[0,2].price", [5, 7]),
        ("$.items[0,'id',1:].price", [5, 50, 7]),
        ("$['first','last','x']", ["A", "B"]),
        ("$.items[1:].price", [50, 7]),
        ("$.items[:2].price", [5, 50]),
        ("$.items[::-1].price", [7, 50, 5]),
        ("$.items[-1:].price", [7]),
        ("$.items[0:3:2].price", [5, 7]),
        ("$.items[::0].price", []),
        ("$.a[0:1]", []),
        ("$..c", [1, None]),
        ("$.a..c", [1, None]),
        ("$..items[0].id", [1]),
        ("$..[1].price", [50]),
        ("$.matrix..[0]", [[1, 2], 1, 3, 4]),
        (
            "$.deep..*",
            [{"f": {"g": {"h": "bottom"}}}, {"g": {"h": "bottom"}}, {"h": "bottom"}, "bottom"],
        ),
        ("$..g..h", ["bottom"]),
        ("$..['email']", ["e@example.com"]),
        ("$..items.length()", [3]),
        ("$.items[*].name.length()", [1]),
        ("$.limit[*]", []),
        ("$.x[*].y", []),
        ("$.none..y", []),
        ("$.items[?(@.price > 10)].id", [2]),
        ("$.items[?(@.price < $.limit && @.id == 1)].price", [5]),
        ("$.items[?(@.id == 1 || @.name == 'x')].price", [5, 7]),
        ("$.items[?(@.name)].price", [7]),
        ("$.items[?(!@.name)].price", [5, 50]),
        ("$.items[?@.price>=50].id", [2]),
        ("$.items[?(@.name == ']')]", []),
        ("$.items[?(@['name'] == 'x')].price", [7]),
        ("$.items[?(@.id =~ 'x')]", []),
        ("$.items[?(@.name == x)].price", [7]),
        ("$..[?(@.price == 7)].name", ["x"]),
        ("$.limit[?(@.x)]", []),
    ],
)
def test_an_indefinite_path_gives_a_list(text: str, values: list[Json]) -> None:
    path = compile_path(text)

    assert not path.definite
    assert path.find(DOCUMENT) == values


@pytest.mark.parametrize(
    ("text", "definite", "value"),
    [
        ("$.items.`len`", True, 3),
        ("$.first + $.last", True, "AB"),
        ("$.first.`str()`", True, "A"),
        ("($.first)", True, "A"),
        ("$.a.d.`sub(/t/, d)`", True, "dexd"),
        ("$.a.b[0].c.`sub(/t/, d)`", True, ABSENT),
        ("$.items[0].id + $.items[1].id", True, 3),
        ("$.matrix[0][\\`this`]", True, [2, 1]),
        ("$.items[/`this`]", True, ABSENT),
        ("$.x[/`this`]", True, ABSENT),
        ("$['first','last'].`len`", False, [1, 1]),
        ("$.items[0,1].`len`", False, [2, 2]),
    ],
)
def test_scripts_are_the_librarys(text: str, definite: bool, value: Value) -> None:
    path = compile_path(text)

    assert path.definite is definite
    assert path.find(DOCUMENT) == value


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("$.a.b", "a"),
        ("a", "a"),
        ("$['user-id'].x", "user-id"),
        ("$.items[?(@.id)].x", "items"),
        ("$[0].a", None),
        ("$..a", None),
        ("$[*].a", None),
        ("$['a','b']", None),
        ("$.length()", None),
        ("$.a + $.b", None),
    ],
)
def test_the_first_name_is_known(text: str, name: str | None) -> None:
    assert compile_path(text).first_name == name


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is empty"),
        ("  ", "it is empty"),
        ("$.a[", "not closed"),
        ("$.a['b]", "not closed"),
        ("$.a[[0]", "not closed"),
        ("$..", "a name is missing"),
        ("$.a..", "a name is missing"),
        ("$. .a", "a name is missing"),
        ("$.a]", "']' is not expected"),
        ("$['a']b", "'b' is not expected"),
        ("$.a[]", "'[]' is not understood"),
        ("$.a[0 1:]", "is not understood"),
        ("$.a[(@.length-1)]", "is not understood"),
        ("$.a.sum()", "there is no function 'sum()'"),
        ("$.a.length().b", "has to come last"),
        ("$.a[?(@.b ==)]", "Parse error"),
        ("$.a[?(@.b", "not closed"),
        ("$.a.`nothing`", "Unknown named operator"),
        ("$.a.`sub(/x)`", "is not valid"),
        ("$.a[?(@.b == 'x\n)]", "not closed"),
    ],
)
def test_what_is_no_path_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(JsonPathInvalid) as caught:
        compile_path(text)

    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_recursive_descent_visits_each_place_once_however_deep() -> None:
    document: Json = "bottom"
    for _ in range(20_000):
        document = {"a": document}

    assert compile_path("$..a..a").find(document) == _values_of(document)[1:]


def _values_of(document: Json) -> list[Json]:
    values: list[Json] = []
    while isinstance(document, dict):
        document = document["a"]
        values.append(document)
    return values
