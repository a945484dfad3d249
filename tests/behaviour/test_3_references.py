"""Section 3: references and templates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest

from tests.behaviour.world import World, world

REFERENCES = """
naftiko: 1.0.0-alpha2
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: UPSTREAM/r
    resources:
    - name: any
      path: /any
      operations:
      - {name: get, method: GET, inputParameters: [{name: out, in: query}]}
      - {name: post, method: POST, body: {type: json}}
      - {name: json, method: POST, body: {type: json, data: {text: 'a {{one}} z', one: '{{one}}',
          list: ['{{one}}', 1, true, null], gone: '{{two}}', whole: {deep: '{{rest.two}}'}}}}
      - {name: text, method: POST, body: '{"text": "a {{one}} z", "one": "{{one}}", "n": {{two}}}'}
      - {name: xml, method: POST, body: {type: xml, data: '<a b="{{one}}">{{one}}</a>'}}
      - {name: form, method: POST, body: {type: formUrlEncoded, data: {one: '{{one}}', f: x}}}
    - name: odd
      path: /odd
      operations:
      - name: odd
        method: GET
        inputParameters:
        - {name: $select, in: query, type: array}
        - {name: 'filter[name]', in: query}
        - {name: '@id', in: query}
        - {name: X-Polytomic-Version, in: header}
        - {name: dotted.name, in: query}
    - name: many
      path: /many
      operations:
      - name: many
        method: GET
        inputParameters: &many
        - {name: a, in: query}
        - {name: b, in: query}
        - {name: c, in: query}
        - {name: d, in: query}
        - {name: e, in: query}
  exposes:
  - type: rest
    namespace: my-face
    resources:
    - path: /s3/forms
      operations:
      - method: GET
        call: api.many
        with: {a: rest.x, b: my-face.x, c: '{{rest.x}}', d: '{{my-face.x}}', e: '{{x}}'}
    - path: /s3/other-faces
      operations:
      - method: GET
        call: api.many
        with: {a: tools.x, b: mcp.x, c: resources.x, d: prompts.x, e: '{{tools.x}}'}
    - path: /s3/places/{p}
      operations:
      - method: POST
        call: api.many
        with: {a: rest.path.p, b: rest.query.q, c: rest.header.X-H, d: rest.cookie.c,
               e: rest.body.f}
    - path: /s3/literals
      operations:
      - method: GET
        call: api.many
        with: {a: 5, b: true, c: null, d: plain text, e: [1, '{{x}}', y]}
    - path: /s3/literals-2
      operations:
      - method: GET
        call: api.many
        with: {a: 'restless.thing', b: '$.', c: {k: '{{x}}'}, d: 'pre-{{x}}-post', e: ''}
    - path: /s3/odd
      operations:
      - method: GET
        call: api.odd
        with: {$select: rest.$select, 'filter[name]': 'rest.filter[name]', '@id': rest.@id,
               X-Polytomic-Version: rest.X-Polytomic-Version, dotted.name: rest.dotted.name}
    - {path: /s3/json, operations: [{method: POST, call: api.json}]}
    - {path: /s3/text, operations: [{method: POST, call: api.text}]}
    - {path: /s3/xml, operations: [{method: POST, call: api.xml}]}
    - {path: /s3/form, operations: [{method: POST, call: api.form}]}
  - type: mcp
    namespace: my-tools
    tools:
    - name: forms
      description: Every form
      call: api.many
      with: {a: tools.x, b: my-tools.x, c: '{{tools.x}}', d: 'mcp.x', e: '{{x}}!'}
    - name: odd
      description: Odd names
      call: api.odd
      with: {$select: tools.$select, 'filter[name]': 'tools.filter[name]', '@id': tools.@id,
             X-Polytomic-Version: tools.X-Polytomic-Version, dotted.name: tools.dotted.name}
    - {name: json, description: Typed, call: api.json}
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("references"), {"r.yaml": REFERENCES}) as one:
        yield one


@pytest.mark.parametrize("path", ["/s3/forms", "/s3/other-faces"])
def test_3_every_form_refers_to_the_input(served: World, path: str) -> None:
    seen = served.sent("GET", path, params={"x": "v"})
    assert seen.query == [(name, "v") for name in "abcde"]


def test_3_tools_take_the_same_forms(served: World) -> None:
    seen = served.sent_by_tool("my-tools", "forms", x="v")
    assert seen.query == [("a", "v"), ("b", "v"), ("c", "v"), ("d", "v"), ("e", "v!")]
    assert list(served.tools("my-tools")["forms"]["inputSchema"]["properties"]) == ["x"]


def test_3_an_input_that_is_left_out_is_not_sent(served: World) -> None:
    assert served.sent("GET", "/s3/forms").target == "/r/many"
    assert served.sent_by_tool("my-tools", "forms").query == [("e", "!")]


def test_3_inputs_come_from_the_place_that_is_named(served: World) -> None:
    seen = served.sent(
        "POST",
        "/s3/places/1?q=2&p=x",
        headers={"X-H": "3", "Cookie": "c=4"},
        json={"f": "5", "q": "x"},
    )
    assert seen.query == [("a", "1"), ("b", "2"), ("c", "3"), ("d", "4"), ("e", "5")]


def test_3_literals_are_themselves(served: World) -> None:
    seen = served.sent("GET", "/s3/literals?x=v")
    assert seen.query == [
        ("a", "5"),
        ("b", "true"),
        ("d", "plain text"),
        ("e", "1"),
        ("e", "v"),
        ("e", "y"),
    ]


def test_3_templates_in_mappings_and_texts(served: World) -> None:
    seen = served.sent("GET", "/s3/literals-2?x=v")
    assert ("a", "restless.thing") in seen.query
    assert ("c[k]", "v") in seen.query
    assert ("d", "pre-v-post") in seen.query
    assert ("e", "") in seen.query


def test_3_an_absent_value_in_a_longer_text_is_empty(served: World) -> None:
    assert ("d", "pre--post") in served.sent("GET", "/s3/literals-2").query


def test_3_odd_names_are_names(served: World) -> None:
    query = {"$select": "a,b", "filter[name]": "n", "@id": "i", "dotted.name": "d"}
    seen = served.sent("GET", "/s3/odd", params=query, headers={"X-Polytomic-Version": "2024"})
    assert seen.query == list(query.items())
    assert seen.header("X-Polytomic-Version") == "2024"


def test_3_odd_names_are_names_for_tools(served: World) -> None:
    published = served.tools("my-tools")["odd"]["inputSchema"]["properties"]
    safe = dict(zip(["$select", "filter[name]", "@id", "v", "dotted.name"], published, strict=True))
    values: dict[str, Any] = {
        safe["$select"]: ["a", "b"],
        safe["filter[name]"]: "n",
        safe["@id"]: "i",
        safe["v"]: "2024",
        safe["dotted.name"]: "d",
    }
    seen = served.sent_by_tool("my-tools", "odd", **values)
    assert seen.query == [
        ("$select", "a,b"),
        ("filter[name]", "n"),
        ("@id", "i"),
        ("dotted.name", "d"),
    ]
    assert seen.header("X-Polytomic-Version") == "2024"


@pytest.mark.parametrize("value", [5, 1.5, True, ["a", {"b": 1}], {"k": [1]}, 'q"\\\n', "", "5"])
def test_3_a_template_alone_keeps_the_type(served: World, value: Any) -> None:
    sent = served.sent("POST", "/s3/json", json={"one": value, "two": value}).json
    assert sent["one"] == value
    assert sent["list"] == [value, 1, True, None]
    assert sent["whole"] == {"deep": value}


def test_3_lists_and_objects_in_a_longer_text_are_compact_json(served: World) -> None:
    sent = served.sent("POST", "/s3/json", json={"one": {"k": [1, "x"]}}).json
    assert sent["text"] == 'a {"k":[1,"x"]} z'


def test_3_an_absent_member_is_left_out(served: World) -> None:
    sent = served.sent("POST", "/s3/json", json={"one": 1}).json
    assert "gone" not in sent
    assert sent["whole"] == {}


@pytest.mark.parametrize("value", ['say "x"', "back\\slash", "line\nfeed", "snow ☃", "plain"])
def test_3_text_in_a_json_template_is_escaped(served: World, value: str) -> None:
    sent = served.sent("POST", "/s3/text", json={"one": value, "two": {"n": [value]}}).json
    assert sent == {"text": f"a {value} z", "one": value, "n": {"n": [value]}}


def test_3_text_in_xml_is_escaped(served: World) -> None:
    sent = served.sent("POST", "/s3/xml", json={"one": "<&\"'>"}).body.decode()
    assert "<a " in sent
    assert "<&" not in sent
    assert "&lt;&amp;" in sent


def test_3_text_in_a_form_is_escaped(served: World) -> None:
    seen = served.sent("POST", "/s3/form", json={"one": "a&b=c d+"})
    assert seen.header("Content-Type") == "application/x-www-form-urlencoded"
    assert parse_qsl(seen.body.decode()) == [("one", "a&b=c d+"), ("f", "x")]
