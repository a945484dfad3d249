"""Section 6: how answers are read, mapped and passed on."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from tests.behaviour.world import Reply, World, as_json, world

_HEAD = """
naftiko: 1.0.0-alpha2
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: UPSTREAM/a
    resources:
    - {name: plain, path: /plain, operations: [{name: plain, method: GET}]}
    - {name: item, path: '/items/{id}', operations: [{name: item, method: GET},
        {name: make, method: POST}]}
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
    - {path: /s6/plain, operations: [{name: plain, method: GET, call: api.plain,
        outputParameters: [{type: object, mapping: $.}]}]}
    - {path: '/s6/items/{id}', operations: [{name: item, method: GET, call: api.item},
        {name: make, method: POST, call: api.make}]}
    - {path: /s6/consumed, operations: [{name: consumed, method: GET, call: api.named}]}
    - {path: /s6/consumed-lone, operations: [{name: cl, method: GET, call: api.lone}]}
    - {path: /s6/by-name, operations: [{name: bn, method: GET, call: api.named,
        outputParameters: [{type: object, properties: {
          where: {type: string, mapping: $.city}, raw: {type: number, mapping: $.count},
          deep: {type: string, mapping: $.address.city}}}]}]}
EXPOSED
  - type: mcp
    namespace: face-mcp
    tools:
    - {name: plain, description: p, call: api.plain}
    - {name: identity, description: p, call: api.plain,
       outputParameters: [{type: object, mapping: $.}]}
    - {name: shaped, description: s, call: api.plain, outputParameters: [
        {type: object, properties: {a: {type: string, mapping: $.a}, n: {type: number,
          mapping: $.n}, kind: {type: string, const: ship}}}]}
    - {name: list, description: l, call: api.plain, outputParameters: [
        {type: array, mapping: $.list, items: {type: string, mapping: $.name}}]}
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
        for one in [*FORMATS, "binary"]
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
    text = _HEAD.replace("FORMATS", "\n".join(formats)).replace("EXPOSED", "\n".join(exposed))
    binary = """
    - {name: binary, description: b, call: api.f-binary}
    """
    text += binary.rstrip(" ")[1:]
    with world(tmp_path_factory.mktemp("answers"), {"answers.yaml": text}) as one:
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


_ODD_JSON = b'{ "z":1.10, "a" : [1e3,  "\\u00e4"] }\n'


def test_6_the_identity_relays_bytes_unparsed(served: World) -> None:
    for body in [_ODD_JSON, b"not json at all {", b""]:
        served.upstream.replies["/a/plain"] = Reply(body)
        response = served.get("/s6/plain")
        assert (response.status_code, response.content) == (200, body)


def test_6_upstream_errors_are_relayed(served: World) -> None:
    served.upstream.replies["/a/data"] = Reply(b"<no/>", 418, "text/xml", {"Retry-After": "3"})
    response = served.get("/s6/m/deep")
    served.upstream.replies["/a/data"] = as_json(DATA)
    assert (response.status_code, response.content) == (418, b"<no/>")
    assert response.headers["content-type"] == "text/xml"
    assert response.headers["retry-after"] == "3"


_RELAYED = {
    "Content-Language": "de",
    "ETag": '"e"',
    "Last-Modified": "Thu, 01 Jan 1970 00:00:00 GMT",
    "Cache-Control": "max-age=1",
    "Expires": "Thu, 01 Jan 1970 00:00:00 GMT",
    "Vary": "Accept",
    "Retry-After": "1",
    "X-RateLimit-Remaining": "5",
    "RateLimit-Limit": "6",
    "RateLimit": "limit=1",
    "X-Request-Id": "their-id",
}
_NEVER = {"Set-Cookie": "a=b", "Keep-Alive": "timeout=5", "X-Internal": "1", "Server": "secret-x"}


def test_6_which_headers_are_relayed(served: World) -> None:
    served.upstream.replies["/a/plain"] = Reply(headers={**_RELAYED, **_NEVER})
    headers = served.get("/s6/plain").headers
    assert {name: headers.get(name) for name in _RELAYED} == _RELAYED
    assert {name: headers.get(name) for name in ["Set-Cookie", "Keep-Alive", "X-Internal"]} == {
        "Set-Cookie": None,
        "Keep-Alive": None,
        "X-Internal": None,
    }
    assert "secret-x" not in headers.get("Server", "")


def test_6_location_is_rewritten_where_it_is_ours(served: World) -> None:
    url = served.upstream.url
    for location, expected in {
        f"{url}/a/items/42": "/s6/items/42",
        "/a/items/42?x=1": "/s6/items/42?x=1",
        "https://elsewhere.test/a/items/42": "https://elsewhere.test/a/items/42",
    }.items():
        served.upstream.replies["POST /a/items/1"] = Reply(
            status=201, headers={"Location": location}
        )
        response = served.rest("POST", "/s6/items/1")
        assert response.status_code == 201
        found = response.headers["location"].removeprefix(str(served.client.base_url).rstrip("/"))
        assert found == expected


def test_6_link_is_rewritten_where_it_is_ours(served: World) -> None:
    link = f'<{served.upstream.url}/a/items/2?p=2>; rel="next", <https://e.test/x>; rel="last"'
    served.upstream.replies["GET /a/items/1"] = Reply(headers={"Link": link})
    found = served.get("/s6/items/1").headers["link"]
    assert "/s6/items/2?p=2>" in found
    assert served.upstream.url not in found
    assert "<https://e.test/x>" in found


def test_6_the_upstream_status_is_the_answers(served: World) -> None:
    served.upstream.replies["/a/data"] = as_json(DATA, 202)
    response = served.get("/s6/m/deep")
    served.upstream.replies["/a/data"] = as_json(DATA)
    assert response.status_code == 202


def test_6_204_has_no_body(served: World) -> None:
    served.upstream.replies["/a/plain"] = Reply(b"", 204, None)
    response = served.get("/s6/plain")
    assert (response.status_code, response.content) == (204, b"")
    result = served.call("face-mcp", "shaped")
    assert result.get("isError", False) is False
    assert result["content"] in ([], [{"type": "text", "text": ""}])


def test_6_tools_answer_compact_json_as_text_and_structure(served: World) -> None:
    served.upstream.replies["/a/plain"] = Reply(b'{ "a": "x",\n "n": "12" }')
    result = served.call("face-mcp", "shaped")
    assert result["content"][0]["text"] == '{"a":"x","n":12,"kind":"ship"}'
    assert result["structuredContent"] == {"a": "x", "n": 12, "kind": "ship"}
    for tool in ["plain", "identity"]:
        result = served.call("face-mcp", tool)
        assert result["structuredContent"] == {"a": "x", "n": "12"}
        assert result["content"][0]["text"] == '{"a":"x","n":"12"}'


def test_6_an_answer_that_is_no_object_has_no_structure(served: World) -> None:
    served.upstream.replies["/a/plain"] = as_json([1, 2])
    result = served.call("face-mcp", "plain")
    assert "structuredContent" not in result
    assert result["content"][0]["text"] == "[1,2]"


def test_6_a_declared_list_has_a_structure_that_fits_its_schema(served: World) -> None:
    served.upstream.replies["/a/plain"] = as_json({"list": [{"name": "a"}, {}]})
    result = served.call("face-mcp", "list")
    assert result["content"][0]["text"] == '["a",null]'
    schema = served.tools("face-mcp")["list"]["outputSchema"]
    assert schema["type"] == "object"
    assert "structuredContent" in result
    assert set(schema.get("required", [])) <= set(result["structuredContent"])


def test_6_output_schemas_never_promise_too_much(served: World) -> None:
    tools = served.tools("face-mcp")
    assert "outputSchema" not in tools["plain"]
    assert "outputSchema" not in tools["identity"]
    properties = tools["shaped"]["outputSchema"]["properties"]
    assert "null" in str(properties["a"])
    assert "null" not in str(properties["kind"])


@pytest.mark.parametrize(
    ("type_", "kind"),
    [("image/png", "image"), ("audio/wav", "audio"), ("application/zip", "resource")],
)
def test_6_binary_answers_of_tools(served: World, type_: str, kind: str) -> None:
    body = bytes(range(256))
    served.upstream.replies["/a/binary"] = Reply(body, type=type_)
    (content,) = served.call("face-mcp", "binary")["content"]
    assert content["type"] == kind
    data = content["resource"]["blob"] if kind == "resource" else content["data"]
    assert base64.b64decode(data) == body
    assert (content.get("resource") or content)["mimeType"] == type_


def test_6_error_results_are_cut_at_4_kib_and_at_a_character(served: World) -> None:
    body = ("a" + "ä" * 4000).encode()
    headers = {"Retry-After": "1700"}
    served.upstream.replies["/a/plain"] = Reply(body, 429, "text/plain; charset=utf-8", headers)
    result = served.call("face-mcp", "plain")
    text = result["content"][0]["text"]
    assert result["isError"] is True
    assert "429" in text
    assert "1700" in text
    assert "�" not in text
    assert text.count("ä") == 2047
    structure = str(result["structuredContent"])
    assert "429" in structure
    assert "1700" in structure


def test_6_an_error_result_has_status_and_body(served: World) -> None:
    served.upstream.replies["/a/plain"] = as_json({"message": "nope"}, 404)
    result = served.call("face-mcp", "shaped")
    assert result["isError"] is True
    assert "404" in result["content"][0]["text"]
    assert "nope" in result["content"][0]["text"]
    assert result["structuredContent"]["status"] == 404
