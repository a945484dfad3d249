"""`Location` and `Link`: upstream's URLs as exposed paths. Section 6 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.expose.rest.driving import Server, capability, serve

CONSUMED = """
- path: /syncs
  operations:
  - {name: list, method: GET, inputParameters: [{name: page_token, in: query}]}
  - {name: create, method: POST}
- path: /syncs/{id}
  operations:
  - {name: delete, method: DELETE}
  - {name: get, method: GET}
- path: /teams/{team}/users/{user}
  operations: [{name: user, method: GET}]
- path: /{version}/info
  operations:
  - {name: info, method: GET, inputParameters: [{name: version, in: path, value: v 2}]}
- path: /mixed/{id}
  operations: [{name: mixed, method: GET}]
- path: /{tenant}/home
  operations: [{name: home, method: GET}]
- path: /elsewhere/{id}
  operations: [{name: elsewhere, method: GET}]
- path: /hidden/{id}
  operations: [{name: hidden, method: GET}]
"""
EXPOSED = """
- path: /v1/syncs
  operations:
  - method: GET
    name: list
    call: api.list
    with: {page_token: rest.page}
  - {method: POST, name: create, call: api.create}
- path: /v1/syncs/{sync-id}
  operations:
  - {method: DELETE, name: delete, call: api.delete, with: {id: rest.sync-id}}
  - {method: GET, name: get, call: api.get, with: {id: rest.sync-id}}
- path: /users/{user}/of/{team}
  operations: [{method: GET, name: user, call: api.user}]
- path: /info
  operations: [{method: GET, name: info, call: api.info}]
- path: /mixed/{id}
  operations: [{method: GET, name: mixed, call: api.mixed, with: {id: "pre-{{rest.id}}"}}]
- path: /home
  operations: [{method: GET, name: home, call: api.home, with: {tenant: "{{env.TENANT}}"}}]
- path: /elsewhere
  operations:
  - {method: GET, name: elsewhere, call: api.elsewhere, with: {id: rest.header.X-Id}}
- path: /hidden
  operations: [{method: GET, name: hidden, call: api.hidden}]
"""


@pytest.fixture
def server(tmp_path: Path) -> Server:
    environment = {"TENANT": "ten ant"}
    return serve(*capability(tmp_path, CONSUMED, EXPOSED, environment=environment).rest)


def location(server: Server, value: str) -> str | None:
    """Return the location that callers see."""
    server.answers(201, ((b"location", value.encode("latin-1")),))
    return server.ask("POST", "/v1/syncs").header("location")


@pytest.mark.parametrize(
    ("upstream", "exposed"),
    [
        ("/api/syncs/7", "/v1/syncs/7"),
        ("https://up.example/api/syncs/7", "/v1/syncs/7"),
        ("HTTPS://UP.example:443/api/syncs/7", "/v1/syncs/7"),
        ("http://up.example/api/syncs/7", "/v1/syncs/7"),
        ("//up.example/api/syncs/7", "/v1/syncs/7"),
        ("/api/syncs/a%20b?x=1&y#part", "/v1/syncs/a%20b?x=1&y#part"),
        ("/api/teams/t/users/u", "/users/u/of/t"),
        ("/api/v%202/info", "/info"),
        ("/api/hidden/a%20b?x=1", "/hidden?id=a%20b&x=1"),
        ("/api/ten%20ant/home", "/home"),
        ("/api/syncs", "/v1/syncs"),
    ],
)
def test_locations_of_exposed_paths_are_rewritten(
    server: Server, upstream: str, exposed: str
) -> None:
    assert location(server, upstream) == exposed


@pytest.mark.parametrize(
    "value",
    [
        "https://other.example/api/syncs/7",
        "https://up.example:8443/api/syncs/7",
        "https://ann@up.example/api/syncs/7",
        "https:///api/syncs/7",
        "/other/syncs/7",
        "/api/v1/info",
        "/api/mixed/pre-7",
        "/api/elsewhere/7",
        "/api/syncs/%2E%2E",
        "7",
        "../7",
        "?page=2",
        "",
        "mailto:/api/syncs",
        "ftp://up.example/api/syncs/7",
        "https://[up.example/api/syncs/7",
        "https://up.example:port/api/syncs",
        "/caf\u00e9",
    ],
)
def test_other_locations_are_left_alone(server: Server, value: str) -> None:
    assert location(server, value) == value


def test_links_are_rewritten_each_on_its_own(server: Server) -> None:
    link = (
        '<https://up.example/api/syncs?page_token=b%26c&limit=2>; rel="next"; title="<x", '
        '<https://docs.example/>; rel="help"'
    )
    server.answers(200, ((b"content-type", b"application/json"), (b"link", link.encode())), b"[]")
    assert server.ask("GET", "/v1/syncs").header("link") == (
        '</v1/syncs?page=b%26c&limit=2>; rel="next"; title="<x", '
        '<https://docs.example/>; rel="help"'
    )


def test_a_key_that_upstream_repeats_in_a_url_stays_here(tmp_path: Path) -> None:
    api = "authentication: {type: apikey, key: api key, value: s3cret, placement: query}"
    server = serve(*capability(tmp_path, CONSUMED, EXPOSED, api=api).rest)
    assert location(server, "/api/syncs?api+key=s3cret&page_token=2") == "/v1/syncs?page=2"
    assert location(server, "https://up.example/x?api%20key=s3cret&a=b") == (
        "https://up.example/x?a=b"
    )
    assert location(server, "https://[up.example/x") == "https://[up.example/x"


def test_paths_with_equally_many_variables_match_by_position(tmp_path: Path) -> None:
    consumed = "- path: /a/{x}\n  operations: [{name: op, method: GET}]"
    exposed = (
        "- path: /b/{y}\n  operations: [{method: GET, name: op, call: api.op, with: {x: rest.x}}]"
    )
    server = serve(*capability(tmp_path, consumed, exposed).rest)
    server.answers(302, ((b"location", b"/api/a/1"),))
    assert server.ask("GET", "/b/2").header("location") == "/b/1"


def test_links_lead_to_paths_of_the_same_adapter(tmp_path: Path) -> None:
    consumed = "- path: /a\n  operations: [{name: op, method: GET}]"
    exposed = "- path: /{}\n  operations: [{{method: GET, name: op, call: api.op}}]"
    first = capability(tmp_path, consumed, exposed.format("first"))
    second = capability(tmp_path, consumed, exposed.format("second"))
    server = serve(*first.rest, *second.rest)
    server.answers(302, ((b"location", b"/api/a"),))
    assert server.ask("GET", "/second").header("location") == "/second"


def test_the_answer_of_an_orchestration_has_its_last_calls_links(tmp_path: Path) -> None:
    steps = """
- path: /both
  operations:
  - method: GET
    name: both
    steps:
    - {name: first, type: call, call: api.get, with: {id: "1"}}
    - {name: second, type: call, call: api.list}
"""
    server = serve(*capability(tmp_path, CONSUMED, EXPOSED.lstrip("\n") + steps.lstrip("\n")).rest)
    server.answers(
        200,
        ((b"content-type", b"application/json"), (b"link", b"</api/syncs/7>; rel=x")),
        b"{}",
    )
    assert server.ask("GET", "/both").header("link") == "</v1/syncs/7>; rel=x"
