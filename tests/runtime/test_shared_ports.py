"""REST routes, MCP servers and skills on one port: section 8 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.diagnostics import Diagnostics
from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.expose.bodies import Bodies
from naftiko_runtime.expose.callers import Callers
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.listener import Listener
from naftiko_runtime.expose.listeners import Overrides, plan_listeners
from naftiko_runtime.runtime.assembly import Assembler
from naftiko_runtime.runtime.sockets import bind_all
from tests.documents import load
from tests.expose.callers.identity_server import by_keys
from tests.expose.control.process import PlayedProcess
from tests.expose.skill.library import ask
from tests.upstreams import RecordingClient

TOGETHER = """
naftiko: 1.0.0-alpha3
capability:
  exposes:
  - type: rest
    namespace: r
    port: 8080
    resources:
    - path: {path}
      operations:
      - {{method: GET, name: own, outputParameters: [{{type: string, value: own}}]}}
  - type: mcp
    namespace: m
    port: 8080
    tools: [{{name: t, description: T, outputParameters: [{{type: string, value: t}}]}}]
  - type: skill
    namespace: s
    port: 8080
    skills: {{watch: {{description: Watch}}, other: {{description: Other}}}}
"""


def _listener(folder: Path, path: str) -> tuple[Listener, list[str]]:
    """Return what serves all three with one REST route, and what was found about them."""
    diagnostics = Diagnostics()
    (plan,) = plan_listeners([load(folder, TOGETHER.format(path=path))], Overrides(), diagnostics)
    plan.port = 0
    (bound,) = bind_all([plan])
    try:
        client = RecordingClient()
        assembler = Assembler(Engine(client), Callers(client), Limits())
        return Listener(assembler.services(bound), assembler.bodies), [
            one.message for one in diagnostics
        ]
    finally:
        bound.socket.close()


async def test_all_of_them_answer(tmp_path: Path) -> None:
    listener, found = _listener(tmp_path, "/own")
    assert found == []
    assert (await ask(listener, "/own")).json == "own"
    assert (await ask(listener, "/skills/watch")).json["name"] == "watch"
    assert (await ask(listener, "/openapi.json")).json["paths"].keys() == {"/own"}
    assert (await ask(listener, "/skillset")).status == 404


@pytest.mark.parametrize(
    ("path", "hidden"),
    [
        ("/skills", ["/skills"]),
        ("/skills/watch", ["/skills/watch"]),
        ("/skills/{any}", ["/skills/watch", "/skills/other"]),
    ],
)
async def test_a_route_of_the_capability_wins(tmp_path: Path, path: str, hidden: list[str]) -> None:
    listener, found = _listener(tmp_path, path)
    assert found == [
        f"a REST route on the same port has the path {one}; the skill adapter does not answer there"
        for one in hidden
    ]
    for one in ("/skills", "/skills/watch", "/skills/other"):
        answer = await ask(listener, one)
        assert (answer.status, answer.json == "own") == (200, one in hidden)


async def test_a_guarded_skill_adapter_is_described(tmp_path: Path) -> None:
    issuer = by_keys()
    text = (
        "capability: {exposes: [{type: skill, namespace: s, port: 0, "
        "authentication: {type: oauth2, "
        f"authorizationServerUri: '{issuer.server}', resource: '{issuer.resource}'}}, "
        "skills: {a: {description: A}}}]}"
    )
    (plan,) = plan_listeners([load(tmp_path, text)], Overrides(), Diagnostics())
    (bound,) = bind_all([plan])
    try:
        client = RecordingClient()
        services = Assembler(Engine(client), Callers(client), Limits()).services(bound)
    finally:
        bound.socket.close()
    listener = Listener(services, Bodies())
    described = await ask(listener, "/.well-known/oauth-protected-resource")
    assert described.json["resource"] == issuer.resource
    refused = await ask(listener, "/skills")
    assert refused.status == 401
    assert "resource_metadata=" in refused.headers["www-authenticate"]
    assert (await ask(listener, "/skills", {"Authorization": "Bearer x"})).status == 401


async def test_a_route_of_the_capability_wins_over_a_control_adapter(tmp_path: Path) -> None:
    text = TOGETHER.format(path="/status") + (
        "  - {type: control, namespace: c, port: 8080, management: {info: true, reload: true}}\n"
    )
    diagnostics = Diagnostics()
    (plan,) = plan_listeners([load(tmp_path, text)], Overrides(), diagnostics)
    (found,) = diagnostics
    assert found.code == "control-hidden"
    assert "has the path /status; the control adapter does not answer there" in found.message
    assert found.position is not None
    assert (found.position.line, plan.kind) == (20, "rest")


async def test_a_guarded_control_adapter_is_described(tmp_path: Path) -> None:
    issuer = by_keys()
    text = (
        "capability: {exposes: [{type: control, namespace: c, port: 0, authentication: "
        f"{{type: oauth2, authorizationServerUri: '{issuer.server}', "
        f"resource: '{issuer.resource}'}}}}]}}"
    )
    (plan,) = plan_listeners([load(tmp_path, text)], Overrides(), Diagnostics())
    (bound,) = bind_all([plan])
    try:
        client = RecordingClient()
        assembler = Assembler(Engine(client), Callers(client), Limits(), process=PlayedProcess())
        listener = Listener(assembler.services(bound), Bodies())
    finally:
        bound.socket.close()
    described = await ask(listener, "/.well-known/oauth-protected-resource")
    assert described.json["resource"] == issuer.resource
    refused = await ask(listener, "/health/live")
    assert refused.status == 401
    assert "resource_metadata=" in refused.headers["www-authenticate"]
