"""Prompts and completion, over real HTTP and in all revisions: section 9 of the behaviour."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import mcp_types as types
import pytest
from mcp import Client, MCPError

from tests.expose.mcp.offering import PNG, library, registry
from tests.expose.mcp.serving import Logged, asking, plan_of, service_of, serving
from tests.expose.mcp.wire import REVISIONS, STATELESS, request, result

MODES = ["legacy", "auto", STATELESS]


async def _get(http: httpx.AsyncClient, revision: str, name: str, **arguments: str) -> Any:
    return await result(http, revision, "prompts/get", {"name": name, "arguments": arguments})


async def _error(
    http: httpx.AsyncClient, revision: str, name: str, arguments: dict[str, str] | None = None
) -> Any:
    params: dict[str, Any] = {"name": name}
    if arguments is not None:
        params["arguments"] = arguments
    return (await request(http, revision, "prompts/get", params)).json()["error"]


def _says(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "content": {"type": "text", "text": text}}


@pytest.mark.parametrize("mode", MODES)
async def test_the_official_client_gets_prompts(tmp_path: Path, mode: str) -> None:
    service = service_of([library(tmp_path)], registry())
    async with serving(service) as url, Client(f"{url}/mcp", mode=mode) as mcp:
        listed = (await mcp.list_prompts()).prompts
        assert [one.name for one in listed] == ["explain", "describe", "brief"]
        got = await mcp.get_prompt("explain", {"topic": "tides"})
        assert got.description == "Explains a topic"
        assert [one.role for one in got.messages] == ["user", "assistant"]
        with pytest.raises(MCPError) as missing:
            await mcp.get_prompt("explain")
        assert missing.value.code == types.INVALID_PARAMS
        assert "'topic' is required" in missing.value.message
        reference = types.PromptReference(name="explain")
        completed = await mcp.complete(reference, {"name": "tone", "value": "S"})
        assert completed.completion.values == ["sober", "silly", "solemn"]


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_clients_learn_what_is_offered_and_no_more(tmp_path: Path, mode: str) -> None:
    async with (
        serving(service_of([library(tmp_path)])) as url,
        Client(f"{url}/mcp", mode=mode) as mcp,
    ):
        told = mcp.server_capabilities.model_dump(exclude_none=True)
    assert told == {
        "resources": {"list_changed": True, "subscribe": mode == "auto"},
        "prompts": {"list_changed": True},
        "completions": {},
    }


async def test_subscriptions_need_files_and_completions_need_values(tmp_path: Path) -> None:
    plan = library(tmp_path)
    plan = replace(plan, resources=plan.resources[:1], prompts=plan.prompts[1:2])
    async with asking(service_of([plan])) as http:
        told = (await result(http, STATELESS, "server/discover", {}))["capabilities"]
    assert told == {
        "resources": {"listChanged": True, "subscribe": False},
        "prompts": {"listChanged": True},
    }


@pytest.mark.parametrize("revision", REVISIONS)
async def test_prompts_are_listed_with_their_arguments(tmp_path: Path, revision: str) -> None:
    async with asking(service_of([library(tmp_path)])) as http:
        prompts = (await result(http, revision, "prompts/list", {}))["prompts"]
    assert prompts[0] == {
        "name": "explain",
        "title": "Explain",
        "description": "Explains a topic",
        "arguments": [
            {"name": "topic", "title": "Topic", "description": "What", "required": True},
            {"name": "tone", "required": False},
        ],
    }
    assert prompts[2] == {"name": "brief", "arguments": [{"name": "topic", "required": False}]}


@pytest.mark.parametrize("revision", REVISIONS)
async def test_arguments_and_defaults_are_put_into_texts(tmp_path: Path, revision: str) -> None:
    async with asking(service_of([library(tmp_path)])) as http:
        got = await _get(http, revision, "explain", topic="{tone}")
        brief = await _get(http, revision, "brief", topic="tides")
    assert got["messages"] == [
        _says("user", "Explain {tone} in a sober tone."),
        _says("assistant", "Gladly."),
    ]
    assert brief["messages"] == [_says("user", "Be brief about tides.")]
    assert "description" not in brief


@pytest.mark.parametrize("revision", REVISIONS)
async def test_a_call_answers_behind_the_text(tmp_path: Path, revision: str) -> None:
    async with asking(service_of([library(tmp_path)], registry())) as http:
        got = await _get(http, revision, "describe", imo="a/b")
        image = await _get(http, revision, "describe", imo="png")
    assert got["messages"] == [
        _says("user", "Describe a/b:"),
        _says("user", '{"target":"/v1/ships/a%2Fb"}'),
    ]
    data = base64.b64encode(PNG).decode()
    assert image["messages"][1]["content"] == {
        "type": "image",
        "data": data,
        "mimeType": "image/png",
    }


async def test_a_text_that_was_shaped_here_is_said_as_it_is(tmp_path: Path) -> None:
    document = """
naftiko: 1.0.0-alpha3
capability:
  exposes:
  - type: mcp
    namespace: a
    port: 0
    prompts:
    - name: p
      template:
      - outputParameters: [{type: string, value: "Say \\"{{what}}\\""}]
"""
    async with asking(service_of([plan_of(tmp_path, document)])) as http:
        got = await _get(http, STATELESS, "p")
    assert got["messages"] == [_says("user", 'Say ""')]


@pytest.mark.parametrize("revision", REVISIONS)
async def test_all_that_is_wrong_with_arguments_is_told_at_once(
    tmp_path: Path, revision: str
) -> None:
    async with asking(service_of([library(tmp_path)])) as http:
        error = await _error(http, revision, "explain", {"tone": "loud", "topik": "x"})
        nothing = await _error(http, revision, "explain")
    assert error["code"] == -32602
    assert {one["pointer"] for one in error["data"]["errors"]} == {"/tone", "/topik", "/topic"}
    assert nothing["code"] == -32602
    assert nothing["message"] == "The arguments do not fit: 'topic' is required"


@pytest.mark.parametrize("revision", REVISIONS)
async def test_an_unknown_prompt_is_a_protocol_error(tmp_path: Path, revision: str) -> None:
    async with asking(service_of([library(tmp_path)])) as http:
        error = await _error(http, revision, "nope", {})
    assert error == {"code": -32602, "message": "Unknown prompt: nope"}


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize(("imo", "status"), [("404", 404), ("503", 503)])
async def test_an_error_of_upstream_is_told(
    tmp_path: Path, revision: str, imo: str, status: int
) -> None:
    logged = Logged()
    async with asking(service_of([library(tmp_path)], registry(), on_call=logged)) as http:
        error = await _error(http, revision, "describe", {"imo": imo})
    assert error["code"] == -32603
    assert error["message"].startswith(f"The API behind this prompt answered {status}")
    assert error["data"]["status"] == status
    ((address, is_error, _, _),) = logged.calls
    assert (address, is_error, logged.methods) == ("library.describe", True, ["prompts/get"])


@pytest.mark.parametrize("revision", REVISIONS)
async def test_an_answer_over_the_limit_is_refused(tmp_path: Path, revision: str) -> None:
    async with asking(service_of([library(tmp_path)], registry())) as http:
        error = await _error(http, revision, "describe", {"imo": "large"})
    assert error["code"] == -32603
    assert error["data"] == {"code": "prompt-too-large"}


def _prompt(name: str) -> dict[str, str]:
    return {"type": "ref/prompt", "name": name}


def _template(uri: str) -> dict[str, str]:
    return {"type": "ref/resource", "uri": uri}


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize(
    ("reference", "argument", "begun", "values"),
    [
        (_prompt("explain"), "tone", "", ["sober", "silly", "solemn"]),
        (_prompt("explain"), "tone", "SO", ["sober", "solemn"]),
        (_prompt("explain"), "tone", "x", []),
        (_prompt("explain"), "topic", "", []),
        (_template("flags://{flag}/{imo}"), "flag", "n", ["NL", "NO"]),
        (_template("flags://{flag}/{imo}"), "imo", "", []),
    ],
)
async def test_what_is_known_of_values_is_completed(
    tmp_path: Path,
    revision: str,
    reference: dict[str, str],
    argument: str,
    begun: str,
    values: list[str],
) -> None:
    params = {"ref": reference, "argument": {"name": argument, "value": begun}}
    async with asking(service_of([library(tmp_path)])) as http:
        found = await result(http, revision, "completion/complete", params)
    assert found["completion"] == {"values": values, "total": len(values), "hasMore": False}


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize(
    ("reference", "argument"),
    [
        (_prompt("nope"), "tone"),
        (_prompt("explain"), "nope"),
        (_template("nope://{x}"), "x"),
        (_template("ships://all"), "x"),
        (_template("ships://{imo}"), "nope"),
    ],
)
async def test_what_is_unknown_can_not_be_completed(
    tmp_path: Path, revision: str, reference: dict[str, str], argument: str
) -> None:
    params = {"ref": reference, "argument": {"name": argument, "value": ""}}
    async with asking(service_of([library(tmp_path)])) as http:
        response = await request(http, revision, "completion/complete", params)
    error = response.json()["error"]
    assert error["code"] == -32602
    assert error["message"].startswith("Unknown ")


async def test_a_completion_has_a_hundred_values_at_most(tmp_path: Path) -> None:
    values = ", ".join(f"v{number}" for number in range(150))
    document = f"""
naftiko: 1.0.0-alpha3
capability:
  exposes:
  - type: mcp
    namespace: a
    port: 0
    prompts:
    - {{name: p, arguments: [{{name: x, enum: [{values}]}}], template: [{{content: "{{x}}"}}]}}
"""
    params = {"ref": _prompt("p"), "argument": {"name": "x", "value": "V"}}
    async with asking(service_of([plan_of(tmp_path, document)])) as http:
        found = (await result(http, STATELESS, "completion/complete", params))["completion"]
    assert (len(found["values"]), found["total"], found["hasMore"]) == (100, 150, True)


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("resources/list", {}),
        ("resources/templates/list", {}),
        ("resources/read", {"uri": "x://y"}),
        ("prompts/list", {}),
        ("prompts/get", {"name": "x"}),
        ("completion/complete", {"ref": _prompt("p"), "argument": {"name": "x", "value": ""}}),
    ],
)
async def test_what_is_not_offered_is_no_method(
    tmp_path: Path, revision: str, method: str, params: dict[str, Any]
) -> None:
    async with asking(service_of([plan_of(tmp_path)])) as http:
        response = await request(http, revision, method, params)
    assert response.json()["error"]["code"] == -32601
