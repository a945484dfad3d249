"""Whatever callers send, a request stays below its base URI and keeps the form that it is given."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qsl, quote, unquote

import httpx
import pytest

from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.execute.upstream.httpx_request import httpx_request
from naftiko_runtime.execute.upstream.message import UpstreamRequest
from naftiko_runtime.execute.upstream.pooled.head import RequestHeads
from naftiko_runtime.expose.callers import Callers
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.mcp.service import McpService
from naftiko_runtime.expose.rest.service import RestService
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.adapters import Capability
from naftiko_runtime.plan.origins import Origin
from naftiko_runtime.values import Json
from tests.documents import load
from tests.expose.mcp.serving import asking
from tests.expose.mcp.wire import STATELESS, headers_of, message_of
from tests.expose.rest.driving import Answered, Server
from tests.leaks.payloads import PAYLOADS
from tests.upstreams import RecordingClient

NATIVE = {"path": "/n/{v}", "query": "/nq", "header": "/nh", "cookie": "/nc"}
"""Routes whose input is where upstream wants it, too."""
SECRET = "canary-injected-4b6d"
PLACES = ("path", "between", "query", "object", "header", "cookie", "body", "xml", "form")
ORIGIN = Origin("https", "up.example", 443)
OWN_HEADERS = {
    "accept", "accept-encoding", "content-length", "content-type", "cookie", "host", "user-agent",
    "x-value", "authorization",
}  # fmt: skip

_CONSUMED = {
    "path": "{name: path, method: POST, path: '/a/{v}'}",
    "between": "{name: between, method: POST, path: '/a/v{v}.json'}",
    "query": "{name: query, method: POST, path: /a, inputParameters: [{name: v, in: query}]}",
    "object": "{name: object, method: POST, path: /a,"
    " inputParameters: [{name: v, in: query, type: object}]}",
    "header": "{name: header, method: POST, path: /a,"
    " inputParameters: [{name: X-Value, in: header}]}",
    "cookie": "{name: cookie, method: POST, path: /a, inputParameters: [{name: v, in: cookie}]}",
    "body": '{name: body, method: POST, path: /a, body: \'{"a": "x{{v}}", "b": "{{v}}"}\'}',
    "xml": "{name: xml, method: POST, path: /a,"
    " body: {type: xml, data: '<a b=\"{{v}}\">{{v}}</a>'}}",
    "form": "{name: form, method: POST, path: /a,"
    " body: {type: formUrlEncoded, data: {v: '{{v}}'}}}",
}


@cache
def _capability() -> Capability:
    operations = ", ".join(_CONSUMED.values())
    calls = {
        name: f"call: api.{name}, with: {{{'X-Value' if name == 'header' else 'v'}: rest.v}},"
        " inputParameters: [{name: v, in: body, required: true}]"
        if name not in ("object", "body", "xml", "form")
        else f"call: api.{name}, inputParameters: [{{name: v, in: body, required: true}}]"
        for name in PLACES
    }
    routes = ", ".join(
        f"{{path: /{name}, operations: [{{name: {name}, method: POST, {call}}}]}}"
        for name, call in calls.items()
    )
    native = ", ".join(
        f"{{path: '{path}', operations: [{{name: native-{name}, method: POST, call: api.{name}}}]}}"
        for name, path in NATIVE.items()
    )
    tools = ", ".join(f"{{name: {name}, description: d, {call}}}" for name, call in calls.items())
    text = "\n".join(
        (
            "naftiko: 1.0.0-alpha3",
            "binds: [{namespace: env, keys: {KEY: KEY}}]",
            "capability:",
            "  consumes:",
            "  - {type: http, namespace: api, baseUri: 'https://up.example/v1',",
            "     authentication: {type: bearer, token: '{{KEY}}'},",
            f"     resources: [{{path: /a, operations: [{operations}]}}]}}",
            "  exposes:",
            f"  - {{type: rest, namespace: face, port: 0, resources: [{routes}, {native}]}}",
            f"  - {{type: mcp, namespace: tools, port: 0, tools: [{tools}]}}",
        )
    )
    with TemporaryDirectory() as folder:
        return load(Path(folder), text, LoadOptions(environment={"KEY": SECRET}))


def _value(place: str, payload: str) -> Json:
    return {payload: payload} if place == "object" else payload


@pytest.mark.parametrize("place", PLACES)
def test_no_payload_of_a_rest_caller_leaves_its_place(place: str) -> None:
    client = RecordingClient()
    service = RestService(_capability().rest, Engine(client), Limits(), Callers(RecordingClient()))
    for payload in PAYLOADS:
        client.requests.clear()
        body = json.dumps({"v": _value(place, payload)}).encode()
        answer = Server(service, client).ask("POST", f"/{place}", body, (), "application/json")
        assert answer.status in (200, 400), answer.body
        assert SECRET not in f"{answer.headers} {answer.body!r}"
        _check_all(place, payload, client.requests, accepted=answer.status == 200)


@pytest.mark.parametrize("place", NATIVE)
def test_no_payload_in_a_callers_own_request_leaves_its_place(place: str) -> None:
    """In paths, queries and cookies as it is where that can be sent, and percent-encoded."""
    client = RecordingClient()
    service = RestService(_capability().rest, Engine(client), Limits(), Callers(RecordingClient()))
    for payload in PAYLOADS:
        for text in (payload, quote(payload, safe="")):
            client.requests.clear()
            answer = _natively(Server(service, client), place, text)
            assert answer.status in (200, 400, 404)
            assert len(client.requests) == (answer.status == 200)
            for request in client.requests:
                _check_form(place, request)


def _natively(server: Server, place: str, text: str) -> Answered:
    is_sendable = text.isascii() and text.isprintable() and " " not in text
    if place == "path":
        fits = is_sendable and not set(text) & set("/?#")
        return server.ask("POST", f"/n/{text if fits else quote(text, safe='')}")
    if place == "query":
        fits = is_sendable and not set(text) & set("&#")
        return server.ask("POST", f"/nq?v={text if fits else quote(text, safe='')}")
    if place == "header":
        return server.ask("POST", "/nh", headers={"X-Value": text})
    return server.ask("POST", "/nc", headers={"Cookie": f"v={text}"})


@pytest.mark.parametrize("place", PLACES)
async def test_no_payload_of_a_model_leaves_its_place(place: str) -> None:
    client, callers = RecordingClient(), Callers(RecordingClient())
    service = McpService(_capability().mcp, Engine(client), Limits(), version="1", callers=callers)
    async with asking(service) as caller:
        for payload in PAYLOADS:
            client.requests.clear()
            params = {"name": place, "arguments": {"v": _value(place, payload)}}
            message = message_of(STATELESS, "tools/call", params)
            headers = headers_of(STATELESS, "tools/call", params)
            response = await caller.post("/mcp", json=message, headers=headers)
            assert SECRET not in response.text
            is_error = response.json()["result"].get("isError", False)
            _check_all(place, payload, client.requests, accepted=not is_error)


def _check_all(
    place: str, payload: str, requests: list[UpstreamRequest], *, accepted: bool
) -> None:
    """Check that a payload was refused, or sent once and in its place."""
    assert len(requests) == accepted
    for request in requests:
        _check_form(place, request)
        _check_value(place, payload, request)
    harmless = place in ("query", "object", "cookie", "body", "xml", "form")
    assert accepted or not harmless, f"{payload!r} is nothing that {place} can't hold"


def _check_form(place: str, request: UpstreamRequest) -> None:
    """Check one request as both clients put it on the wire."""
    assert request.origin == ORIGIN
    head = RequestHeads(ORIGIN).head(request).decode("latin-1")
    first, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
    assert re.fullmatch(r"POST /v1/[!-~]* HTTP/1\.1", first)
    assert not re.search(r"[\r\n\x00]", "".join(lines))
    names = [line.partition(":")[0] for line in lines]
    assert len(set(names)) == len(names)
    assert set(names) <= OWN_HEADERS
    assert dict(request.headers)[b"authorization"] == f"Bearer {SECRET}".encode()
    assert bytes(httpx_request(request).url.raw_path) == request.target
    assert SECRET not in request.target.decode() + (request.body or b"").decode()
    _check_path(place, request.target.decode())


def _check_path(place: str, target: str) -> None:
    path, _, _ = target.partition("?")
    normal = httpx.URL(f"https://up.example{target}")
    assert (normal.host, normal.scheme, normal.userinfo, normal.fragment) == (
        "up.example", "https", b"", "",
    )  # fmt: skip
    segments = path.split("/")
    expected = {"path": 4, "between": 4}.get(place, 3)
    assert len(segments) == expected, "the path has as many segments as its template"
    assert segments[:3] == ["", "v1", "a"]
    assert not {unquote(one) for one in segments} & {".", ".."}
    assert place in ("path", "between") or path == "/v1/a"


def _check_value(place: str, payload: str, request: UpstreamRequest) -> None:
    """Check that the value arrived whole, as one value, where its place keeps it whole."""
    target, headers, body = request.target.decode(), dict(request.headers), request.body or b""
    pairs = parse_qsl(target.partition("?")[2], keep_blank_values=True, strict_parsing=False)
    if place == "query":
        assert pairs == [("v", payload)]
    elif place == "object":
        assert pairs == [(f"v[{payload}]", payload)]
    elif place == "path":
        assert unquote(target.rpartition("/")[2]) == payload
    elif place == "header":
        assert headers[b"x-value"].decode() == payload.strip()
    elif place == "cookie":
        assert re.fullmatch(rb"v=[!#-+\--:<-\[\]-~]*", headers[b"cookie"])
    elif place == "body":
        assert json.loads(body) == {"a": f"x{payload}", "b": payload}
    elif place == "form":
        assert parse_qsl(body.decode(), keep_blank_values=True) == [("v", payload)]
    elif place == "xml":
        assert body.count(b"<") == 2
        assert body.count(b'"') == 2
