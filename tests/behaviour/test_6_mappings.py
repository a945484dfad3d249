"""Section 6: how answers are decoded and mapped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.behaviour.world import Reply, World, as_json, world

_CAPABILITY = """
naftiko: 1.0.0-alpha2
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: UPSTREAM/a
    resources:
FORMATS
    - {name: named, path: /data, operations: [
        {name: data, method: GET},
        {name: named, method: GET, outputParameters: [
          {name: city, type: string, value: $.address.city},
          {name: count, type: number, value: $.count}]},
        {name: lone, method: GET, outputParameters: [{name: result, type: object, value: $.}]}]}
  exposes:
  - type: rest
    namespace: face
    resources:
    - {path: /s6/consumed, operations: [{name: consumed, method: GET, call: api.named}]}
    - {path: /s6/consumed-lone, operations: [{name: cl, method: GET, call: api.lone}]}
    - {path: /s6/by-name, operations: [{name: bn, method: GET, call: api.named,
        outputParameters: [{type: object, properties: {
          where: {type: string, mapping: $.city}, raw: {type: number, mapping: $.count},
          deep: {type: string, mapping: $.address.city}}}]}]}
EXPOSED
"""
FORMATS = {
    "xml": ("text/xml", "<r a='1'><b>x</b><b>y</b><c/><d e='2'>t</d></r>"),
    "csv": ("text/csv", 'n,v\n"a, b",1\nc,\n'),
    "tsv": ("text/tab-separated-values", "n\tv\na\t1\n"),
    "psv": ("text/plain", "n|v\na|1\n"),
    "yaml": ("application/yaml", "a: 1\nb: [x, true]\n"),
    "html": ("text/html", "<table><tr><th>n</th></tr><tr><td> a  b </td></tr></table>"),
    "markdown": ("text/markdown", "---\nt: 1\n---\n# H\ntext\n\n| n |\n|---|\n| a |\n"),
}
_SHAPES: dict[str, Any] = {
    "xml": {"a": "1", "b": ["x", "y"], "c": "", "d": {"e": "2", "": "t"}},
    "csv": [{"n": "a, b", "v": "1"}, {"n": "c", "v": ""}],
    "tsv": [{"n": "a", "v": "1"}],
    "psv": [{"n": "a", "v": "1"}],
    "yaml": {"a": 1, "b": ["x", True]},
    "html": {"tables": [[{"n": "a b"}]]},
    "markdown": {
        "frontMatter": {"t": 1},
        "tables": [[{"n": "a"}]],
        "sections": [{"heading": "H", "level": 1, "content": "text"}],
    },
}
MAPPINGS = {
    "root": ("{type: object, mapping: $}", "data"),
    "convert": ("{type: number, mapping: $.text12}", 12),
    "lossy": ("{type: number, mapping: $.word}", "word"),
    "to-text": ("{type: string, mapping: $.count}", "3"),
    "to-bool": ("{type: boolean, mapping: $.textTrue}", True),
    "cut": ("{type: string, mapping: $.word, maxLength: 2}", "wo"),
    "missing": (
        "{type: object, properties: {a: {type: string, mapping: $.nope.deep}}}",
        {"a": None},
    ),
    "no-root": ("{type: string, mapping: address.city}", "Berlin"),
    "negative": ("{type: number, mapping: '$.numbers[-1]'}", 4),
    "slice": ("{type: array, mapping: '$.numbers[1:3]'}", [2, 3]),
    "union": ("{type: array, mapping: '$.numbers[0,2]'}", [1, 3]),
    "wild": ("{type: array, mapping: '$.list[*].name'}", ["a", "b"]),
    "descent": ("{type: array, mapping: '$..name'}", ["a", "b"]),
    "filter": ('{type: array, mapping: "$.list[?(@.n>1)].name"}', ["b"]),
    "filter-text": ("{type: array, mapping: '$.list[?(@.name==\"a\")].n'}", [1]),
    "length": ("{type: number, mapping: '$.numbers.length()'}", 4),
    "spaced": ("{type: number, mapping: '$.with space'}", 7),
    "quoted": ("{type: number, mapping: \"$['with space']\"}", 7),
    "umlaut": ("{type: number, mapping: $.größe}", 8),
    "dashed": ("{type: number, mapping: $.kebab-name}", 9),
    "at": ("{type: number, mapping: \"$['@id']\"}", 10),
    "at-dot": ("{type: number, mapping: '$.@id'}", 10),
    "value": ("{type: number, value: '5'}", 5),
    "const": ("{type: boolean, const: 'true'}", True),
    "deep": (
        "{type: object, properties: {out: {type: array, mapping: $.list, items: {type: object,"
        " properties: {label: {type: string, mapping: $.name}, in: {type: object, properties:"
        " {n: {type: string, mapping: $.n}}}}}}}}",
        {"out": [{"label": "a", "in": {"n": "1"}}, {"label": "b", "in": {"n": "2"}}]},
    ),
    "listed": (
        "{type: object, properties: [{name: x, type: number, mapping: $.count}]}",
        {"x": 3},
    ),
    "items-list": (
        "{type: array, mapping: $.list, items: [{type: object, properties: {n: {type: number,"
        " mapping: $.n}}}]}",
        [{"n": 1}, {"n": 2}],
    ),
    "relative": (
        "{type: object, mapping: $.address, properties: {c: {type: string, mapping: $.city}}}",
        {"c": "Berlin"},
    ),
    "nested-mapping": (
        "{type: object, mapping: {properties: {c: {type: string, mapping: $.address.city}}}}",
        {"c": "Berlin"},
    ),
    "first": (
        "{type: string, mapping: $.nope}, {type: string, mapping: $.word},"
        " {type: number, mapping: $.count}",
        "word",
    ),
    "named": (
        "{name: a, type: string, mapping: $.word}, {name: b, type: number, mapping: $.count}",
        {"a": "word", "b": 3},
    ),
    "values": (
        "{type: object, mapping: $.address, values: {type: string, maxLength: 3}}",
        {"city": "Ber"},
    ),
    "nested-items": (
        "{type: array, mapping: {items: {properties: {n: {type: string, mapping: $.n}}}}}",
        None,
    ),
    "value-template": ("{type: string, value: 'n {{n}}'}", "n "),
    "const-number": ("{type: number, const: 5}", 5),
    "whole-array": ("{type: array, mapping: $.numbers}", [1, 2, 3, 4]),
    "array-of-object": ("{type: array, mapping: $.address}", None),
    "object-items": (
        "{type: object, properties: {l: {type: array, mapping: $.list, items: {type: number,"
        " mapping: $.n}}, b: {type: boolean, mapping: $.textTrue}, c: {type: string,"
        " const: x}}}",
        {"l": [1, 2], "b": True, "c": "x"},
    ),
    "integer": ("{type: integer, mapping: $.text12}", 12),
    "cut-items": (
        "{type: array, mapping: '$.list[*].name', items: {type: string, maxLength: 1}}",
        ["a", "b"],
    ),
    "lone-result": ("{name: result, type: object, mapping: $.address}", None),
    "lone-identity": ("{name: result, type: object, mapping: $.}", "data"),
}
DATA: dict[str, Any] = {
    "text12": "12",
    "word": "word",
    "count": 3,
    "textTrue": "true",
    "address": {"city": "Berlin"},
    "numbers": [1, 2, 3, 4],
    "list": [{"name": "a", "n": 1}, {"name": "b", "n": 2}],
    "with space": 7,
    "größe": 8,
    "kebab-name": 9,
    "@id": 10,
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    formats = [
        f"    - {{name: {one}, path: /{one}, operations: [{{name: f-{one}, method: GET,"
        f" outputRawFormat: {one}}}]}}"
        for one in FORMATS
    ]
    exposed = [
        f"    - {{path: /s6/f/{one}, operations: [{{name: f-{one}, method: GET,"
        f" call: api.f-{one}, outputParameters: [{{type: object, properties: {{"
        f"all: {{type: object, mapping: $}}}}}}]}}]}}"
        for one in FORMATS
    ]
    exposed += [
        f"    - {{path: /s6/m/{name}, operations: [{{name: m-{name}, method: GET, call: api.data,"
        f" outputParameters: [{outputs}]}}]}}"
        for name, (outputs, _) in MAPPINGS.items()
    ]
    text = _CAPABILITY.replace("FORMATS", "\n".join(formats)).replace("EXPOSED", "\n".join(exposed))
    with world(tmp_path_factory.mktemp("mappings"), {"mappings.yaml": text}) as one:
        for name, (type_, body) in FORMATS.items():
            one.upstream.replies[f"/a/{name}"] = Reply(body.encode(), type=type_)
        one.upstream.replies["/a/data"] = as_json(DATA)
        yield one


@pytest.mark.parametrize("name", FORMATS)
def test_6_formats_are_decoded(served: World, name: str) -> None:
    assert served.get(f"/s6/f/{name}").json() == {"all": _SHAPES[name]}


@pytest.mark.parametrize("name", ["xml", "yaml"])
def test_6_a_body_that_does_not_parse_is_a_502(served: World, name: str) -> None:
    kept = served.upstream.replies[f"/a/{name}"]
    served.upstream.replies[f"/a/{name}"] = Reply(b"<a>{: [", type=kept.type)
    assert served.get(f"/s6/f/{name}").status_code == 502
    served.upstream.replies[f"/a/{name}"] = kept


@pytest.mark.parametrize(
    "name",
    [one for one in MAPPINGS if one not in ("lone-result", "nested-items", "array-of-object")],
)
def test_6_mappings(served: World, name: str) -> None:
    expected = MAPPINGS[name][1]
    assert served.get(f"/s6/m/{name}").json() == (DATA if expected == "data" else expected)


def test_6_a_mapping_sees_the_body_and_the_consumed_outputs(served: World) -> None:
    expected = {"where": "Berlin", "raw": 3, "deep": "Berlin"}
    assert served.get("/s6/by-name").json() == expected


def test_6_consumed_outputs_shape_the_answer_where_nothing_else_does(served: World) -> None:
    assert served.get("/s6/consumed").json() == {"city": "Berlin", "count": 3}
    assert served.get("/s6/consumed-lone").json() == DATA


def test_6_upstream_errors_are_relayed(served: World) -> None:
    served.upstream.replies["/a/data"] = Reply(b"<no/>", 418, "text/xml", {"Retry-After": "3"})
    response = served.get("/s6/m/deep")
    served.upstream.replies["/a/data"] = as_json(DATA)
    assert (response.status_code, response.content) == (418, b"<no/>")
    assert response.headers["content-type"] == "text/xml"
    assert response.headers["retry-after"] == "3"


def test_6_the_upstream_status_is_the_answers(served: World) -> None:
    served.upstream.replies["/a/data"] = as_json(DATA, 202)
    response = served.get("/s6/m/deep")
    served.upstream.replies["/a/data"] = as_json(DATA)
    assert response.status_code == 202
