"""Section 5: the upstream request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote

import pytest

from naftiko_runtime import __version__
from tests.behaviour.world import Reply, World, as_json, world

REQUESTS = """
naftiko: 1.0.0-alpha2
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: UPSTREAM/base/v1/
    inputParameters:
    - {name: p1, in: query, value: api}
    - {name: p2, in: query, value: api}
    - {name: X-Api, in: header, value: from-api}
    resources:
    - name: precedence
      path: /precedence
      inputParameters:
      - {name: p2, in: query, value: resource}
      - {name: p3, in: query, value: resource}
      operations:
      - name: precedence
        method: GET
        inputParameters:
        - {name: p3, in: query, value: operation}
        - {name: p4, in: query}
        - {name: p5, in: query}
      - {name: other-path, method: GET, path: '/replaced/{{v}}/#fragment'}
    - name: paths
      path: '/paths/{v}/and literal^'
      operations: [{name: paths, method: GET}]
    - name: query
      path: /query?kept=1
      operations:
      - name: query
        method: GET
        inputParameters:
        - {name: list, in: query, type: array}
        - {name: obj, in: query, type: object}
        - {name: $expand, in: query, type: array}
        - {name: text, in: query, type: string}
        - {name: flag, in: query, type: boolean}
        - {name: comma, in: query, type: array, style: form, explode: false}
        - {name: space, in: query, type: array, style: spaceDelimited, explode: false}
        - {name: pipe, in: query, type: array, style: pipeDelimited, explode: false}
        - {name: $repeat, in: query, type: array, style: form, explode: true}
        - {name: flat, in: query, type: object, style: form, explode: true}
        - {name: joined, in: query, type: object, style: form, explode: false}
        - {name: deep, in: query, type: object, style: deepObject}
    - name: heads
      path: /heads
      operations:
      - name: heads
        method: GET
        inputParameters:
        - {name: X-One, in: header}
        - {name: X-Many, in: header, type: array}
        - {name: Host, in: header}
        - {name: Content-Length, in: header}
        - {name: Connection, in: header}
        - {name: Transfer-Encoding, in: header}
        - {name: session, in: cookie}
        - {name: theme, in: cookie}
    - name: bodies
      path: /bodies
      operations:
      - {name: raw, method: POST, body: '{"a": "{{v}}"}'}
      - {name: raw-type, method: POST, body: {type: raw, data: 'plain {{v}}'}}
      - {name: json, method: POST, body: {type: json, data: {a: '{{v}}'}}}
      - {name: json-text, method: POST, body: {type: json, data: '{"a": "{{v}}"}'}}
      - {name: empty, method: POST, body: {type: json, data: {a: '{{gone}}'}}}
      - {name: text, method: POST, body: {type: text, data: 'to {{v}}'}}
      - {name: xml, method: POST, body: {type: xml, data: '<a>{{v}}</a>'}}
      - {name: sparql, method: POST, body: {type: sparql, data: 'SELECT {{v}}'}}
      - {name: form, method: POST, body: {type: formUrlEncoded, data: {a: '{{v}}', b: x y}}}
      - {name: form-text, method: POST, body: {type: formUrlEncoded, data: 'a={{v}}&b=1'}}
      - {name: multipart, method: POST, body: {type: multipartForm, data: [
          {name: a, value: '{{v}}'},
          {name: f, value: 'x,y', filename: f.csv, contentType: text/csv}]}}
      - {name: whole, method: POST, inputParameters: [{name: body, in: body, type: object}]}
      - {name: fields, method: POST, inputParameters: [
          {name: a, in: body, type: string}, {name: b, in: body, type: integer}]}
      - {name: as-it-came, method: POST, body: {type: json}}
      - {name: both, method: POST, body: {type: json, data: {a: b}}, inputParameters: [
          {name: body, in: body}]}
      - {name: none, method: POST}
      - {name: own-type, method: POST, body: '{"a":1}', inputParameters: [
          {name: Content-Type, in: header, value: application/vnd.x+json}]}
    - name: auth
      path: /auth
      operations:
      - {name: basic, method: GET, authentication: {type: basic, username: u, password: 'p:w'}}
      - {name: doubled, method: GET, authentication: {type: bearer, token: Bearer t}}
      - {name: extra, method: GET, authentication: {type: bearer, token: t, headers: {X-Extra: e}}}
      - {name: key-query, method: GET, authentication: {type: apikey, key: k, value: a b,
          placement: query}}
      - {name: key-cookie, method: GET, authentication: {type: apikey, key: k, value: v,
          placement: cookie}}
      - {name: none, method: GET}
    - {name: prefix, path: '/{a}{b}/x', operations: [{name: prefix, method: GET}]}
    - {name: formats, path: /formats, operations: [
        {name: f-xml, method: GET, outputRawFormat: xml},
        {name: f-csv, method: GET, outputRawFormat: csv}]}
  - type: http
    namespace: other
    baseUri: UPSTREAM/oauth
    authentication: {type: oauth2, tokenUri: UPSTREAM/token, tokenUrl: UPSTREAM/token,
      grantType: client_credentials, clientId: me, clientSecret: s3cr3t-client, scopes: [a, b]}
    resources: [{name: x, path: /x, operations: [{name: get-x, method: GET}]}]
  - type: http
    namespace: renewed
    baseUri: UPSTREAM/renewed
    authentication: {type: oauth2, tokenUri: UPSTREAM/new, tokenUrl: UPSTREAM/new,
      grantType: client_credentials, clientId: me, clientSecret: s3cr3t-client}
    resources: [{name: x, path: /x, operations: [{name: get-x, method: GET}]}]
  exposes:
  - type: rest
    namespace: face
    resources:
    - {path: /s5/precedence, operations: [{name: precedence, method: GET, call: api.precedence,
        with: {p5: fixed}}]}
    - {path: /s5/with, operations: [{name: with, method: GET, call: api.precedence,
        with: {p1: unit, p2: unit, p3: unit, p4: unit}}]}
    - {path: /s5/steps, operations: [{name: steps, method: GET, with: {p3: unit, p4: unit},
        steps: [{name: s, type: call, call: api.precedence, with: {p4: step}}]}]}
    - {path: '/s5/other-path/{v}', operations: [{name: other-path, method: GET,
        call: api.other-path}]}
    - {path: '/s5/paths/{v}', operations: [{name: paths, method: GET, call: api.paths}]}
    - {path: '/s5/paths', operations: [{name: paths-q, method: GET, call: api.paths}]}
    - {path: /s5/query, operations: [{name: query, method: GET, call: api.query}]}
    - {path: /s5/heads, operations: [{name: heads, method: GET, call: api.heads}]}
    - {path: /s5/prefix, operations: [{name: prefix, method: GET, call: api.prefix}]}
    - {path: /s5/null, operations: [{name: nul, method: GET, call: api.paths, with: {v: null}}]}
    - {path: /s5/oauth, operations: [{name: oauth, method: GET, call: other.get-x}]}
    - {path: /s5/renewed, operations: [{name: renewed, method: GET, call: renewed.get-x}]}
BODIES
  - type: mcp
    namespace: face-mcp
    tools:
    - {name: query, description: q, call: api.query}
    - {name: heads, description: h, call: api.heads}
    - {name: paths, description: p, call: api.paths}
    - {name: multipart, description: m, call: api.multipart}
"""
_NAMES = [
    *("raw", "raw-type", "json", "json-text", "empty", "text", "xml", "sparql", "form"),
    *("form-text", "multipart", "whole", "fields", "as-it-came", "both", "none", "own-type"),
]
_AUTH = ["basic", "doubled", "extra", "key-query", "key-cookie", "f-xml", "f-csv"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    line = "    - {{path: /s5/{0}/{1}, operations: [{{name: x{1}, method: {2}, call: api.{1}}}]}}"
    units = [line.format("bodies", one, "POST") for one in _NAMES]
    units += [line.format("auth", one, "GET") for one in _AUTH]
    text = REQUESTS.replace("BODIES", "\n".join(units))
    text = text.replace("{name: none, method: GET}\n", "{name: no-auth, method: GET}\n")
    with world(tmp_path_factory.mktemp("requests"), {"requests.yaml": text}) as one:
        token = as_json({"access_token": "tok", "expires_in": 3600})
        one.upstream.replies |= {"/token": token, "/new": token}
        yield one


def test_5_precedence_of_fixed_values(served: World) -> None:
    seen = served.sent("GET", "/s5/precedence?p4=caller")
    assert sorted(seen.query) == [
        ("p1", "api"),
        ("p2", "resource"),
        ("p3", "operation"),
        ("p4", "caller"),
        ("p5", "fixed"),
    ]
    assert seen.header("X-Api") == "from-api"


def test_5_with_beats_every_fixed_value(served: World) -> None:
    query = dict(served.sent("GET", "/s5/with?p4=caller").query)
    assert query == {"p1": "unit", "p2": "unit", "p3": "unit", "p4": "unit"}


def test_5_a_steps_with_beats_the_units(served: World) -> None:
    query = dict(served.sent("GET", "/s5/steps?p5=caller").query)
    assert query["p4"] == "step"
    assert query["p3"] == "unit"
    assert query["p5"] == "caller"


def test_5_an_operations_path_replaces_its_resources_and_loses_the_fragment(served: World) -> None:
    assert served.sent("GET", "/s5/other-path/x").path == "/base/v1/replaced/x/"


@pytest.mark.parametrize("value", ["a/b", "a b", "ä", "a%2Fb", "-._~", "?#&=", ":@!$'()*+,;"])
def test_5_everything_but_unreserved_is_encoded_in_paths(served: World, value: str) -> None:
    encoded = quote(value, safe="-._~")
    target = served.sent_by_tool("face-mcp", "paths", v=value).path
    assert target == f"/base/v1/paths/{encoded}/and%20literal%5E"
    assert served.sent("GET", f"/s5/paths/{encoded}").path == target


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_5_a_path_value_that_leaves_its_segment_is_a_400(served: World, value: str) -> None:
    assert served.refused("GET", "/s5/paths", params={"v": value}).status_code == 400
    assert served.call("face-mcp", "paths", v=value)["isError"] is True


def test_5_the_url_never_leaves_the_base_uri(served: World) -> None:
    before = len(served.upstream.seen)
    for values in [{"a": ".", "b": "."}, {"a": "..", "b": "x"}, {"a": "/", "b": "evil"}]:
        served.get("/s5/prefix", params=values)
    for seen in served.upstream.seen[before:]:
        assert seen.path.startswith("/base/v1/")
        assert "/.." not in seen.path


def test_5_a_path_variable_without_a_value_is_a_400(served: World) -> None:
    assert served.refused("GET", "/s5/null").status_code == 400


def test_5_an_operations_body_beats_body_parameters(served: World) -> None:
    assert served.sent("POST", "/s5/bodies/both", json={"x": 1}).json == {"a": "b"}


def _query(served: World, **arguments: Any) -> str:
    sent = served.sent_by_tool("face-mcp", "query", **arguments)
    fixed = ("kept=", "p1=", "p2=")
    pairs = sent.target.partition("?")[2].split("&")
    assert "kept=1" in pairs
    return "&".join(one for one in pairs if not one.startswith(fixed))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"list": ["a", "b c"]}, ["list=a&list=b%20c", "list=a&list=b+c"]),
        (
            {"obj": {"table": ["users", "orders"], "deep": {"k": 1}}},
            ["obj[table]=users&obj[table]=orders&obj[deep][k]=1"],
        ),
        ({"$expand": ["a", "b"]}, ["$expand=a,b"]),
        ({"text": ""}, ["text="]),
        ({"flag": False}, ["flag=false"]),
        ({"comma": ["a", "b"]}, ["comma=a,b"]),
        ({"space": ["a", "b"]}, ["space=a b"]),
        ({"pipe": ["a", "b"]}, ["pipe=a|b"]),
        ({"$repeat": ["a", "b"]}, ["$repeat=a&$repeat=b"]),
        ({"flat": {"x": 1, "y": "z"}}, ["x=1&y=z"]),
        ({"joined": {"x": 1, "y": "z"}}, ["joined=x,1,y,z"]),
        ({"deep": {"x": 1}}, ["deep[x]=1"]),
        ({}, [""]),
    ],
)
def test_5_queries(served: World, arguments: dict[str, Any], expected: list[str]) -> None:
    sent = _query(served, **arguments)
    assert unquote(sent) in [unquote(one) for one in expected]


def test_5_null_is_not_sent(served: World) -> None:
    assert _query(served, obj={"a": None, "b": 1}) in ("obj[b]=1", "obj%5Bb%5D=1")


def test_5_header_arrays_are_joined_and_cookies_are_one_header(served: World) -> None:
    headers = {"X-One": "1", "Cookie": "session=s; theme=t; other=o"}
    seen = served.sent("GET", "/s5/heads", headers=headers)
    assert seen.header("X-One") == "1"
    assert seen.header("Cookie") == "session=s; theme=t"
    seen = served.sent_by_tool("face-mcp", "heads", **{"X-Many": ["a", "b"]})
    assert seen.header("X-Many") in ("a,b", "a, b")


@pytest.mark.parametrize("value", ["a\r\nX-Injected: 1", "a\nb", "a\0b"])
def test_5_a_control_character_in_a_header_is_refused(served: World, value: str) -> None:
    assert served.call("face-mcp", "heads", **{"X-One": value})["isError"] is True


def test_5_hop_by_hop_headers_can_not_be_set(served: World) -> None:
    properties = served.tools("face-mcp")["heads"]["inputSchema"]["properties"]
    wanted = {"Host": "evil", "Content-Length": "9", "Connection": "x", "Transfer-Encoding": "y"}
    arguments = {name: value for name, value in wanted.items() if name in properties}
    before = len(served.upstream.seen)
    served.call("face-mcp", "heads", **arguments)
    for seen in served.upstream.seen[before:]:
        assert seen.header("Host") == served.upstream.url.removeprefix("http://")
        assert seen.headers.get("transfer-encoding") is None
        assert seen.header("Content-Length") in (None, "0")
        assert seen.headers.get("connection", ["keep-alive"]) != ["x"]


@pytest.mark.parametrize(
    ("name", "type_", "body"),
    [
        ("raw", "application/json", b'{"a": "<\\"&>"}'),
        ("json", "application/json", b'{"a":"<\\"&>"}'),
        ("json-text", "application/json", b'{"a": "<\\"&>"}'),
        ("empty", "application/json", b"{}"),
        ("text", "text/plain; charset=utf-8", b'to <"&>'),
        ("xml", "application/xml", b"<a>&lt;&quot;&amp;&gt;</a>"),
        ("sparql", "application/sparql-query", b'SELECT <"&>'),
        ("form", "application/x-www-form-urlencoded", b"a=%3C%22%26%3E&b=x+y"),
        ("form-text", "application/x-www-form-urlencoded", b"a=%3C%22%26%3E&b=1"),
    ],
)
def test_5_bodies_have_their_type_and_are_escaped(
    served: World, name: str, type_: str, body: bytes
) -> None:
    seen = served.sent("POST", f"/s5/bodies/{name}", json={"v": '<"&>'})
    assert seen.header("Content-Type") == type_
    if type_ == "application/json":
        assert seen.json == json.loads(body)
    else:
        assert seen.body in (body, body.replace(b"&quot;", b'"'), body.replace(b"x+y", b"x%20y"))


def test_5_a_raw_body_is_what_it_is(served: World) -> None:
    seen = served.sent("POST", "/s5/bodies/raw-type", json={"v": "x"})
    assert seen.body == b"plain x"


def test_5_multipart_bodies(served: World) -> None:
    seen = served.sent_by_tool("face-mcp", "multipart", v="snow ☃")
    content_type = seen.header("Content-Type") or ""
    assert content_type.startswith("multipart/form-data; boundary=")
    assert "snow ☃".encode() in seen.body
    assert b'filename="f.csv"' in seen.body
    assert b"text/csv" in seen.body


def test_5_in_body_parameters(served: World) -> None:
    assert served.sent("POST", "/s5/bodies/whole", json={"z": 1}).json == {"z": 1}
    assert served.sent("POST", "/s5/bodies/fields", json={"a": "x", "b": 2}).json == {
        "a": "x",
        "b": 2,
    }


def test_5_the_callers_json_is_passed_on_as_it_came(served: World) -> None:
    body = b'{ "b": 1.10,\n "a": 123456789012345678901234567890 }'
    headers = {"Content-Type": "application/json"}
    seen = served.sent("POST", "/s5/bodies/as-it-came", content=body, headers=headers)
    assert seen.body == body


def test_5_without_a_body_there_is_no_content_type(served: World) -> None:
    seen = served.sent("POST", "/s5/bodies/none", json={"ignored": 1})
    assert seen.header("Content-Type") is None
    assert seen.body == b""
    assert served.sent("GET", "/s5/precedence").header("Content-Type") is None


def test_5_a_declared_content_type_is_sent(served: World) -> None:
    seen = served.sent("POST", "/s5/bodies/own-type")
    assert seen.header("Content-Type") == "application/vnd.x+json"


def test_5_credentials(served: World) -> None:
    def header(name: str) -> str | None:
        return served.sent("GET", f"/s5/auth/{name}").header("Authorization")

    assert header("basic") == "Basic dTpwOnc="
    assert header("doubled") == "Bearer t"
    assert header("extra") == "Bearer t"
    assert header("f-xml") is None
    assert served.sent("GET", "/s5/auth/extra").header("X-Extra") == "e"
    assert ("k", "a b") in served.sent("GET", "/s5/auth/key-query").query
    assert served.sent("GET", "/s5/auth/key-cookie").header("Cookie") == "k=v"


def test_5_an_oauth2_token_is_fetched_once(served: World) -> None:
    assert [served.get("/s5/oauth").status_code for _ in range(3)] == [200] * 3
    asked = [one for one in served.upstream.seen if one.path == "/token"]
    sent = [one for one in served.upstream.seen if one.path == "/oauth/x"]
    assert len(asked) == 1
    assert b"grant_type=client_credentials" in asked[0].body
    assert [one.header("Authorization") for one in sent] == ["Bearer tok"] * 3


def test_5_an_oauth2_token_is_renewed_once_after_a_401(served: World) -> None:
    assert served.get("/s5/renewed").status_code == 200
    served.upstream.replies["/renewed/x"] = Reply(b"{}", 401)
    before = len(served.upstream.seen)
    assert served.get("/s5/renewed").status_code == 401
    assert [one.path for one in served.upstream.seen[before:]] == [
        *["/renewed/x", "/new", "/renewed/x"]
    ]


def test_5_the_runtimes_own_headers(served: World) -> None:
    seen = served.sent("GET", "/s5/precedence", headers={"User-Agent": "x", "Accept": "x/y"})
    assert seen.header("User-Agent") == f"naftiko-runtime/{__version__}"
    assert seen.header("Accept") == "application/json"
    assert "gzip" in (seen.header("Accept-Encoding") or "")
    assert "xml" in (served.sent("GET", "/s5/auth/f-xml").header("Accept") or "")
    assert "csv" in (served.sent("GET", "/s5/auth/f-csv").header("Accept") or "")
