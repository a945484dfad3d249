"""Section 6: how answers are passed on, and what tools make of them."""

from __future__ import annotations

import base64
from collections.abc import Iterator

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
    - {name: plain, path: /plain, operations: [{name: plain, method: GET}]}
    - {name: item, path: '/items/{id}', operations: [{name: item, method: GET},
        {name: make, method: POST}]}
    - {name: binary, path: /binary, operations: [
        {name: binary, method: GET, outputRawFormat: binary}]}
  exposes:
  - type: rest
    namespace: face
    resources:
    - {path: /s6/plain, operations: [{name: plain, method: GET, call: api.plain,
        outputParameters: [{type: object, mapping: $.}]}]}
    - {path: '/s6/items/{id}', operations: [{name: item, method: GET, call: api.item},
        {name: make, method: POST, call: api.make}]}
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
    - {name: binary, description: b, call: api.binary}
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("answers"), {"answers.yaml": _CAPABILITY}) as one:
        yield one


_ODD_JSON = b'{ "z":1.10, "a" : [1e3,  "\\u00e4"] }\n'


def test_6_the_identity_relays_bytes_unparsed(served: World) -> None:
    for body in [_ODD_JSON, b"not json at all {", b""]:
        served.upstream.replies["/a/plain"] = Reply(body)
        response = served.get("/s6/plain")
        assert (response.status_code, response.content) == (200, body)


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
