"""Section 10: steps, lookups, mappings, aggregates, mocks, forwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.behaviour.world import Reply, World, as_json, world

STEPS = """
naftiko: 1.0.0-alpha2
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: UPSTREAM/o
    inputParameters: [{name: X-Fixed, in: header, value: fixed}]
    authentication: {type: bearer, token: configured}
    resources:
    - {name: ships, path: /ships, operations: [{name: ships, method: GET}]}
    - {name: ship, path: '/ships/{imo}', operations: [{name: ship, method: GET,
        outputParameters: [{name: title, type: string, value: $.name},
          {name: port, type: string, value: $.home.port}]}]}
    - {name: note, path: /notes, operations: [{name: note, method: POST,
        body: '{"ids": {{ids}}, "first": "{{first}}"}'}]}
    - {name: fails, path: /fails, operations: [{name: fails, method: GET}]}
    - {name: xml, path: /xml, operations: [{name: xml, method: GET, outputRawFormat: xml}]}
    - {name: one, path: /one, operations: [{name: one, method: GET}]}
  aggregates:
  - label: Fleet
    namespace: fleet
    functions:
    - name: get-ship
      description: From the function
      semantics: {safe: true, idempotent: true, cacheable: true}
      inputParameters: [{name: imo, type: string, description: The number}]
      call: api.ship
      with: {imo: fleet.imo}
      outputParameters: [{type: object, properties: {t: {type: string, mapping: $.name}}}]
    - name: stepped
      description: Steps in a function
      inputParameters: [{name: key, type: string}]
      steps: [{name: s, type: call, call: api.ship, with: {imo: '{{key}}'}}]
      mappings: [{targetName: port, value: $.s.port}]
  exposes:
  - type: rest
    namespace: face
    resources:
    - path: /s10/templates/{imo}
      operations:
      - name: templates
        method: GET
        inputParameters: [{name: imo, in: path, type: string}]
        steps:
        - {name: ship, type: call, call: api.ship, with: {imo: rest.imo}}
        - {name: list, type: call, call: api.ships}
        - {name: note, type: call, call: api.note, with: {ids: '$.list[*].id',
            first: '{{list.0.name}} at {{ship.port}}'}}
    - path: /s10/lookup
      operations:
      - name: lookup
        method: GET
        steps:
        - {name: list, type: call, call: api.ships}
        - {name: one, type: call, call: api.one}
        - {name: hit, type: lookup, index: list, match: id, lookupValue: $.one.wanted,
           outputParameters: [name, id]}
        - {name: hits, type: lookup, index: list, match: id, lookupValue: $.one.several,
           outputParameters: [name]}
        - {name: miss, type: lookup, index: list, match: id, lookupValue: nothing,
           outputParameters: [name]}
        - {name: misses, type: lookup, index: list, match: id, lookupValue: $.one.none,
           outputParameters: [name]}
        - {name: by-template, type: lookup, index: list, match: name,
           lookupValue: '{{one.word}}', outputParameters: [id]}
        - {name: by-input, type: lookup, index: list, match: id, lookupValue: rest.want,
           outputParameters: [name]}
        - {name: in-one, type: lookup, index: one, match: wanted, lookupValue: '2',
           outputParameters: [word]}
        mappings:
        - {targetName: hit, value: $.hit}
        - {targetName: hits, value: $.hits}
        - {targetName: miss, value: $.miss}
        - {targetName: misses, value: $.misses}
        - {targetName: template, value: $.by-template.id}
        - {targetName: input, value: $.by-input.name}
        - {targetName: single, value: $.in-one.word}
    - path: /s10/mappings
      operations:
      - name: mappings
        method: GET
        steps:
        - {name: ship, type: call, call: api.ship, with: {imo: '1'}}
        - {name: list, type: call, call: api.ships}
        mappings:
        - {targetName: deep.er.port, value: $.ship.port}
        - {targetName: names, value: '$.list[*].name'}
        - {targetName: count, value: '$.list[0].text'}
        outputParameters:
        - {name: count, type: number}
        - {name: names, type: array, items: {type: string}}
        - {name: deep, type: object, properties: {er: {type: object, properties: {
             port: {type: string}}}}}
    - path: /s10/last
      operations:
      - name: last
        method: GET
        steps:
        - {name: list, type: call, call: api.ships}
        - {name: ship, type: call, call: api.one}
        - {name: hit, type: lookup, index: list, match: id, lookupValue: '1',
           outputParameters: [name]}
        outputParameters: [{type: object, properties: {w: {type: string, mapping: $.word}}}]
    - path: /s10/fails
      operations:
      - name: stops
        method: GET
        steps:
        - {name: bad, type: call, call: api.fails}
        - {name: after, type: call, call: api.note, with: {ids: '{{bad.x}}', first: x}}
        mappings: [{targetName: x, value: $.after}]
      - name: goes-on
        method: POST
        steps:
        - {name: bad, type: call, call: api.fails, continueOnError: true}
        - {name: after, type: call, call: api.one}
        mappings: [{targetName: word, value: $.after.word}]
    - path: /s10/xml
      operations:
      - name: xml
        method: GET
        steps: [{name: doc, type: call, call: api.xml}]
        mappings: [{targetName: a, value: $.doc.a}]
    - {path: '/s10/ref/{imo}', operations: [{name: ref, method: GET, ref: fleet.get-ship}]}
    - {path: '/s10/own/{imo}', operations: [{name: own, method: GET, ref: fleet.get-ship,
        outputParameters: [{type: object, properties: {own: {type: string, mapping: $.name}}}]}]}
    - {path: '/s10/stepped/{key}', operations: [{name: stepped, method: GET,
        ref: fleet.stepped}]}
    - {path: /s10/unknown, operations: [{name: unknown, method: GET, ref: fleet.nothing}]}
    - path: /s10/mock/{id}
      operations:
      - name: mock
        method: POST
        inputParameters: [{name: id, in: path, type: integer}, {name: who, in: query,
          type: string, required: false}]
        outputParameters:
        - {name: id, type: number, value: '{{id}}'}
        - {name: hello, type: string, value: 'hello {{who}}'}
        - {name: on, type: boolean, value: 'true'}
        - {name: deep, type: object, properties: {n: {type: number, value: '1.5'}}}
        - {name: list, type: array, items: {type: object, properties: {
            k: {type: string, value: v}}}}
    - {path: '/s10/forward/{path}', forward: {targetNamespace: api,
        trustedHeaders: [X-Trusted, Content-Type]}}
  - type: mcp
    namespace: face-mcp
    tools:
    - {name: inherits, ref: fleet.get-ship}
    - {name: overrides, description: Own, ref: fleet.get-ship, hints: {readOnly: false}}
    - {name: unknown, description: u, ref: fleet.nothing}
    - {name: mock, description: m, inputParameters: [{name: n, type: number, description: n}],
       outputParameters: [{name: twice, type: string, value: '{{n}}{{n}}'}]}
    - name: fails
      description: f
      steps: [{name: bad, type: call, call: api.fails}]
      mappings: [{targetName: x, value: $.bad}]
"""
_SHIPS = [
    {"id": 1, "name": "first", "text": "12"},
    {"id": 2, "name": "second", "text": "13"},
    {"id": "2", "name": "shadowed"},
]
_ONE = {"wanted": 2, "several": [1, 9, 2], "none": [8, 9], "word": "second"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("steps"), {"steps.yaml": STEPS}) as one:
        ship = {"name": "Aurora", "home": {"port": "Oslo"}}
        one.upstream.replies = {
            "/o/ships": as_json(_SHIPS),
            "/o/ships/1": as_json(ship),
            "/o/one": as_json(_ONE),
            "/o/fails": as_json({"message": "broken"}, 503),
            "/o/xml": Reply(b"<r><a>x</a></r>", type="application/xml"),
            "/o/notes": as_json({"noted": True}, 201),
        }
        one.upstream.replies["/o/fails"] = as_json({"message": "broken"}, 409)
        yield one


def test_10_later_steps_use_the_outputs_of_earlier_ones(served: World) -> None:
    response = served.get("/s10/templates/1")
    assert response.json() == {"noted": True}
    assert served.upstream.seen[-1].json == {"ids": [1, 2, "2"], "first": "first at Oslo"}


def test_10_lookups(served: World) -> None:
    assert served.get("/s10/lookup?want=1").json() == {
        "hit": {"name": "second", "id": 2},
        "hits": [{"name": "first"}, {"name": "second"}],
        "miss": None,
        "misses": [],
        "template": 2,
        "input": "first",
        "single": "second",
    }


def test_10_mappings_build_the_answer_in_the_declared_order_and_types(served: World) -> None:
    response = served.get("/s10/mappings")
    assert response.status_code == 200
    assert response.text == (
        '{"count":12,"names":["first","second","shadowed"],"deep":{"er":{"port":"Oslo"}}}'
    )


def test_10_without_mappings_the_last_call_is_the_answer(served: World) -> None:
    assert served.get("/s10/last").json() == {"w": "second"}


def test_10_an_upstream_error_ends_the_run_and_is_the_answer(served: World) -> None:
    before = len(served.upstream.seen)
    response = served.get("/s10/fails")
    assert (response.status_code, response.json()) == (409, {"message": "broken"})
    assert [one.path for one in served.upstream.seen[before:]] == ["/o/fails"]
    result = served.call("face-mcp", "fails")
    assert result["isError"] is True
    assert "409" in result["content"][0]["text"]


def test_10_continue_on_error_goes_on(served: World) -> None:
    response = served.rest("POST", "/s10/fails")
    assert (response.status_code, response.json()) == (200, {"word": "second"})


def test_10_steps_decode_their_format(served: World) -> None:
    assert served.get("/s10/xml").json() == {"a": "x"}


def test_10_a_ref_inherits_what_the_unit_does_not_declare(served: World) -> None:
    assert served.get("/s10/ref/1").json() == {"t": "Aurora"}
    assert served.get("/s10/own/1").json() == {"own": "Aurora"}
    assert served.get("/s10/stepped/1").json() == {"port": "Oslo"}
    tool = served.tools("face-mcp")["inherits"]
    assert tool["description"] == "From the function"
    assert tool["inputSchema"]["properties"]["imo"]["description"] == "The number"
    assert served.call("face-mcp", "inherits", imo="1")["structuredContent"] == {"t": "Aurora"}


def test_10_semantics_become_hints_unless_the_tool_has_its_own(served: World) -> None:
    tools = served.tools("face-mcp")
    assert tools["inherits"]["annotations"]["readOnlyHint"] is True
    assert tools["inherits"]["annotations"]["idempotentHint"] is True
    assert tools["overrides"]["annotations"]["readOnlyHint"] is False
    assert tools["overrides"]["description"] == "Own"


def test_10_an_unknown_ref_is_an_error_of_that_unit(served: World) -> None:
    assert served.get("/s10/unknown").status_code == 404
    assert "unknown" not in served.tools("face-mcp")
    assert "fleet.nothing" in served.process.stderr


def test_10_mocks_are_typed_and_resolve_templates(served: World) -> None:
    expected: dict[str, Any] = {
        "id": 7,
        "hello": "hello me",
        "on": True,
        "deep": {"n": 1.5},
        "list": [{"k": "v"}],
    }
    response = served.refused("POST", "/s10/mock/7?who=me")
    assert (response.status_code, response.json()) == (200, expected)
    assert served.refused("POST", "/s10/mock/7").json()["hello"] == "hello "
    assert served.refused("POST", "/s10/mock/x").status_code == 400
    result = served.call("face-mcp", "mock", n=2)
    assert result["structuredContent"] == {"twice": "22"}


def test_10_forward_passes_on_what_is_declared_and_nothing_else(served: World) -> None:
    headers = {
        "X-Trusted": "t",
        "X-Other": "o",
        "Cookie": "c=1",
        "Authorization": "Bearer callers",
        "Content-Type": "text/csv",
    }
    seen = served.sent(
        "PATCH", "/s10/forward/a/b%2Fc/d?x=1&x=2&y", content=b"\x00bytes", headers=headers
    )
    assert (seen.method, seen.target) == ("PATCH", "/o/a/b%2Fc/d?x=1&x=2&y")
    assert seen.body == b"\x00bytes"
    assert seen.header("X-Trusted") == "t"
    assert seen.header("Content-Type") == "text/csv"
    assert seen.header("Authorization") == "Bearer configured"
    assert seen.header("X-Fixed") == "fixed"
    assert seen.header("X-Other") is None
    assert seen.header("Cookie") is None


def test_10_forward_relays_answers_as_they_come(served: World) -> None:
    served.upstream.replies["/o/raw/1"] = Reply(b"\x00raw", 418, "application/x-raw")
    response = served.rest("PROPFIND", "/s10/forward/raw/1")
    assert (response.status_code, response.content) == (418, b"\x00raw")
    assert response.headers["content-type"] == "application/x-raw"
