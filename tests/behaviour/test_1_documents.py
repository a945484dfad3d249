"""Section 1: which documents are read, in which spellings, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.behaviour.world import Reply, World, as_json, validate, world

SUCCESSOR = """
ikanos: 1.0.0-beta5
info: {display: Successor, description: The successor's spelling}
capability:
  consumes:
  - {from: ./shared/fleet.yaml, import: fleet, as: ships-api}
  aggregates:
  - display: Fleet
    namespace: fleet-aggregate
    flows:
      get-ship:
        description: Get one ship
        inputParameters: {imo: {type: string, description: The number}}
        call: ships-api.get-ship
        with: {imo: fleet-aggregate.imo}
        outputParameters: [{type: object, mapping: $.}]
  exposes:
  - type: rest
    namespace: successor-rest
    resources:
      ship:
        path: /s1/ships/{imo}
        operations:
          get-ship: {method: GET, ref: fleet-aggregate.get-ship}
      both:
        path: /s1/both
        operations:
          get-both:
            method: GET
            steps:
              one: {type: call, call: ships-api.get-ship, with: {imo: first}}
              two: {type: call, call: ships-api.get-ship, with: {imo: '{{one.next}}'}}
            mappings:
            - {target: last.name, value: $.two.name}
  - type: mcp
    namespace: successor-mcp
    tools:
      get-ship: {display: A ship, description: Get a ship, ref: fleet-aggregate.get-ship}
      zulu:
        description: First is not alphabetical
        call: ships-api.get-ship
        inputParameters: {number: {type: string, description: n, required: true}}
        with: {imo: tools.number}
      alpha: {description: Last in the file, call: ships-api.get-ship}
"""
SECTIONS = """
ikanos: 1.0.0-beta4
binds: [{from: shared/binds.yaml, import: shared-env}]
capability:
  consumes: [{from: shared/whole.yaml, import: whole}]
  aggregates: [{from: shared/aggregates.yaml, import: agg, as: mine}]
  exposes:
  - {from: shared/exposes.yaml, import: far-rest, as: near-rest}
  - {type: rest, namespace: s, resources: {x: {path: /s1/sections, operations: {
      get: {ref: mine.f}}}}}
"""
SHARED = {
    "shared/binds.yaml": "binds: [{namespace: shared-env, keys: {SECTION_KEY: THE_SECTION_KEY}}]",
    "shared/whole.yaml": """
        naftiko: 1.0.0-alpha2
        capability:
          consumes:
          - {type: http, namespace: whole, baseUri: UPSTREAM/whole, resources: [
              {path: /x, operations: [{name: get-x, method: GET, inputParameters: [
                {name: X-Key, in: header, value: '{{SECTION_KEY}}'}]}]}]}
          exposes: []
        """,
    "shared/aggregates.yaml": """
        aggregates:
        - {namespace: agg, display: A, flows: {f: {description: f, call: whole.get-x}}}
        """,
    "shared/exposes.yaml": """
        exposes:
        - {type: rest, namespace: far-rest, resources: [{path: /s1/far, operations: [
            {method: GET, call: whole.get-x, with: {}}]}]}
        """,
}
KEYED = """
ikanos: 1.0.0-beta3
binds: {env: {keys: {KEYED_KEY: THE_SECTION_KEY}}}
capability:
  consumes:
    api: {type: http, baseUri: UPSTREAM/keyed, inputParameters: {X-Key: {in: header,
      value: '{{KEYED_KEY}}'}}, resources: {x: {path: '/x/{id}', operations: {get-x: {
      method: GET, inputParameters: {q: {in: query, type: integer}}, outputParameters: {
        name: {type: string, value: $.name}}}}}}}
  aggregates:
    agg: {flows: {f: {description: f, call: api.get-x}}}
  exposes:
    keyed-rest: {type: rest, resources: {x: {path: '/s1/keyed/{id}', operations: {
      get: {method: GET, call: api.get-x, outputParameters: {out: {type: string,
        mapping: $.name}}}, post: {method: POST, ref: agg.f}}}}}
    keyed-mcp: {type: mcp, tools: {t: {description: t, call: api.get-x}},
      prompts: {p: {description: p, arguments: {a: {description: a}},
        template: [{role: user, content: 'Hi {{a}}'}]}},
      resources: {r: {display: R, uri: 'ships://one', description: r, call: api.get-x,
        with: {id: 3}}}}
"""
FLEET = """
naftiko: 1.0.0-alpha3
consumes:
- {location: deeper/really.yaml, import: really, as: fleet}
"""
REALLY = """
naftiko: 1.0.0-alpha2
capability:
  consumes:
  - type: http
    namespace: really
    baseUri: UPSTREAM/fleet
    resources:
    - path: /ships/{imo}
      name: ship
      operations: [{name: get-ship, method: GET}]
  exposes: []
"""
TWINS = """
naftiko: 1.0.0-alpha2
capability:
  consumes:
  - type: http
    namespace: twins
    baseUri: UPSTREAM/twins
    resources:
    - {name: a, path: /a, operations: [{name: list, method: GET}]}
    - {name: b, path: /b, operations: [{name: list, method: GET}]}
    - {name: c, path: /c, operations: [{name: lone, method: get}]}
  exposes:
  - type: rest
    namespace: twins-rest
    resources:
    - {path: /s1/twins/b, operations: [{name: list, method: GET, call: twins.list}]}
    - {path: /s1/twins/a, operations: [{name: list, method: GET, call: twins.list}]}
    - {path: /s1/twins/same, operations: [{name: first, method: GET, call: twins.lone}]}
    - {path: /s1/twins/same, operations: [{name: second, method: GET, call: twins.list}]}
    - {path: /s1/twins/named, operations: [{name: lone, method: GET}]}
    - {path: /s1/twins/broken, operations: [{name: broken, method: GET, call: twins.lnoe}]}
    - {path: /s1/twins/idle, operations: [{name: idle, method: GET}]}
  - type: mcp
    namespace: twins-mcp
    tools:
    - {name: list-it, description: The first, call: twins.list}
    - {name: list-it, description: The second, call: twins.list}
    - {name: broken, description: Broken, call: nowhere.at-all}
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    files = {
        "successor.yaml": SUCCESSOR,
        "shared/fleet.yaml": FLEET,
        "shared/deeper/really.yaml": REALLY,
        "twins.yaml": TWINS,
        "sections.yaml": SECTIONS,
        "keyed.yaml": KEYED,
        **SHARED,
    }
    environment = {"THE_SECTION_KEY": "sect-key"}
    folder = tmp_path_factory.mktemp("documents")
    with world(folder, files, environment=environment) as one:
        one.upstream.replies["/fleet/ships/first"] = _ship("second")
        one.upstream.replies["/fleet/ships/second"] = _ship("third")
        yield one


def _ship(following: str) -> Reply:
    return as_json({"name": f"before {following}", "next": following})


def test_1_flows_target_from_and_keyed_maps_are_read(served: World) -> None:
    assert served.sent("GET", "/s1/ships/9").target == "/fleet/ships/9"
    assert served.get("/s1/both").json() == {"last": {"name": "before third"}}


def test_1_keyed_tools_keep_the_order_of_the_document(served: World) -> None:
    tools = served.tools("successor-mcp")
    assert list(tools) == ["get-ship", "zulu", "alpha"]
    assert tools["get-ship"]["title"] == "A ship"
    assert served.sent_by_tool("successor-mcp", "zulu", number="7").target == "/fleet/ships/7"


def test_1_every_section_can_be_imported(served: World) -> None:
    for path in ["/s1/sections", "/s1/far"]:
        seen = served.sent("GET", path)
        assert (seen.path, seen.header("X-Key")) == ("/whole/x", "sect-key")


def test_1_keyed_maps_are_read_everywhere(served: World) -> None:
    seen = served.sent("GET", "/s1/keyed/1?q=2")
    assert (seen.target, seen.header("X-Key")) == ("/keyed/x/1?q=2", "sect-key")
    assert served.sent("POST", "/s1/keyed/1").path == "/keyed/x/1"
    assert list(served.tools("keyed-mcp")) == ["t"]
    prompt = served.ask("keyed-mcp", "prompts/get", name="p", arguments={"a": "you"})["result"]
    assert prompt["messages"][0]["content"]["text"] == "Hi you"
    served.ask("keyed-mcp", "resources/read", uri="ships://one")
    assert served.upstream.seen[-1].path == "/keyed/x/3"


def test_1_operations_of_one_name_are_told_apart_by_path(served: World) -> None:
    assert served.sent("GET", "/s1/twins/b").path == "/twins/b"
    assert served.sent("GET", "/s1/twins/a").path == "/twins/a"


def test_1_tools_of_one_name_get_a_suffix_and_are_paired_in_order(served: World) -> None:
    assert list(served.tools("twins-mcp")) == ["list-it", "list-it-2"]
    assert served.sent_by_tool("twins-mcp", "list-it").path == "/twins/a"
    assert served.sent_by_tool("twins-mcp", "list-it-2").path == "/twins/b"


def test_1_the_first_of_two_rest_operations_on_one_route_wins(served: World) -> None:
    assert served.sent("GET", "/s1/twins/same").path == "/twins/c"


def test_1_an_operation_without_a_call_is_bound_to_its_name(served: World) -> None:
    assert served.sent("GET", "/s1/twins/named").path == "/twins/c"


@pytest.mark.parametrize("name", ["broken", "idle"])
def test_1_a_broken_unit_is_left_out_alone(served: World, name: str) -> None:
    assert served.get(f"/s1/twins/{name}").status_code == 404


_WRONG = {
    "twice.yaml": "naftiko: 1.0.0-alpha2\ncapability: {}\ncapability: {}\n",
    "deep.yaml": "naftiko: 1.0.0-alpha2\ncapability: " + "[" * 101 + "]" * 101 + "\n",
    "bomb.yaml": "naftiko: 1.0.0-alpha2\ninfo:\n  a: &a [1,1,1,1,1,1,1,1,1,1]\n"
    "  b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n  c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
    "  d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n  e: [*d,*d,*d]\ncapability: {}\n",
    "large.yaml": "naftiko: 1.0.0-alpha2\n#" + "x" * (16 << 20) + "\ncapability: {}\n",
    "scheme.yaml": """
        naftiko: 1.0.0-alpha2
        binds: [{namespace: v, location: 'vault://secret/x', keys: {A: a}}]
        capability: {consumes: [], exposes: []}
        """,
    "loop.yaml": """
        naftiko: 1.0.0-alpha2
        capability:
          consumes: [{location: shared/one.yaml, import: one}]
          exposes: []
        """,
    "shared/one.yaml": "consumes: [{location: two.yaml, import: one}]\n",
    "shared/two.yaml": "consumes: [{location: one.yaml, import: one}]\n",
    "outside.yaml": """
        naftiko: 1.0.0-alpha2
        capability:
          consumes: [{location: ../../elsewhere.yaml, import: one}]
          exposes: []
        """,
    "tolerated.yaml": """
        naftiko: '0.4'
        capability:
          surprise: 1
          consumes:
          - type: http
            namespace: Not_An_Official.Name
            baseUri: http://u.test
            authentication: {type: bearer, token: x, headers: {A: b}}
            resources:
            - path: /x
              operations:
              - name: get_x
                method: get
                inputParameters: [{name: n, in: query, type: integer}]
          exposes:
          - {type: rest, namespace: r, resources: [{path: /x, operations: [
              {method: get, call: Not_An_Official.Name.get_x}]}]}
        """,
    "several.yaml": """
        naftiko: 1.0.0-alpha2
        capability:
          consumes:
          - {type: http, namespace: api, baseUri: 'http://u.test', resources: [
              {name: x, path: /x, operations: [{name: get-x, method: GET}]}]}
          exposes:
          - type: rest
            namespace: r
            resources:
            - {path: /a, operations: [{name: a, method: GET, call: api.get-y}]}
            - {path: /b, operations: [{name: b, method: GET, call: api.gte-x}]}
            - {path: /c, operations: [{name: c, method: GET, call: api.get-x}]}
        """,
    "text-body.yaml": """
        naftiko: 1.0.0-alpha2
        capability:
          consumes:
          - {type: http, namespace: api, baseUri: 'http://u.test', resources: [
              {name: x, path: /x, operations: [{name: p, method: POST, body: '{"a": {{b}}}'}]}]}
          exposes:
          - {type: rest, namespace: r, resources: [{path: /tb, operations: [
              {name: p, method: POST, call: api.p, inputParameters: [{name: c, in: body}]}]}]}
        """,
    "keyed.yaml": """
        ikanos: 1.0.0-beta3
        capability:
          consumes:
            api: {type: http, baseUri: 'http://u.test', resources: {x: {path: /x, operations: {
              get-x: {method: GET}}}}}
          exposes:
            r: {type: rest, resources: {x: {path: /x, operations: {
              get: {method: GET, call: api.get-x}}}}}
        """,
    "mixed.yaml": """
        naftiko: 1.0.0-alpha1
        capability:
          consumes:
          - {type: http, namespace: api, baseUri: 'http://u.test', resources: [
              {name: x, path: /x, operations: [{name: get-x, method: GET, inputParameters: {
                 q: {in: query}}}]}]}
          exposes:
          - {type: rest, namespace: r, resources: [{path: /x, operations: [
              {method: GET, call: api.get-x}]}]}
        """,
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return validate(tmp_path_factory.mktemp("wrong"), _WRONG)


def _about(found: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [one for one in found if (one["file"] or "").endswith(f"/{name}")]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("twice.yaml", "yaml-duplicate-key"),
        ("deep.yaml", "yaml-too-deep"),
        ("bomb.yaml", "yaml-alias-bomb"),
        ("large.yaml", "file-too-large"),
        ("scheme.yaml", "bind-scheme-unsupported"),
        ("outside.yaml", "import-outside"),
    ],
)
def test_1_documents_that_can_not_be_read_are_errors_with_a_position(
    found: list[dict[str, Any]], name: str, code: str
) -> None:
    errors = [one for one in _about(found, name) if one["severity"] == "error"]
    assert [one["code"] for one in errors] == [code]
    assert errors[0]["line"] >= 1


def test_1_every_finding_has_a_position(found: list[dict[str, Any]]) -> None:
    assert [one for one in found if not one["file"] or not one["line"]] == []


def test_1_a_loop_of_imports_is_an_error(found: list[dict[str, Any]]) -> None:
    assert "import-loop" in [one["code"] for one in found if one["severity"] == "error"]


def test_1_a_scheme_that_can_not_be_read_is_named(found: list[dict[str, Any]]) -> None:
    assert "vault" in _about(found, "scheme.yaml")[0]["message"]


@pytest.mark.parametrize("name", ["tolerated.yaml", "keyed.yaml", "mixed.yaml"])
def test_1_what_the_wild_writes_is_never_an_error(found: list[dict[str, Any]], name: str) -> None:
    assert [one for one in _about(found, name) if one["severity"] == "error"] == []


def test_1_another_version_is_a_warning(found: list[dict[str, Any]]) -> None:
    assert "version-unknown" in [one["code"] for one in _about(found, "tolerated.yaml")]
    assert not [one for one in _about(found, "mixed.yaml") if one["code"].startswith("version")]
    assert not [one for one in _about(found, "keyed.yaml") if one["code"].startswith("version")]


def test_1_all_problems_are_told_at_once_with_near_names(found: list[dict[str, Any]]) -> None:
    errors = [one for one in _about(found, "several.yaml") if one["severity"] == "error"]
    assert [one["code"] for one in errors] == ["operation-unknown"] * 2
    assert all("api.get-x" in one["hint"] for one in errors)
    assert [one["line"] for one in errors] == [11, 12]
