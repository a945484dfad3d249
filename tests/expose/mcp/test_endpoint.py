"""One MCP URL at its edges: sections 7 and 9 of the behaviour."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from naftiko_runtime.expose.callers import Callers
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.plan.adapters import McpPlan
from naftiko_runtime.plan.proofs import DigestCheck, NamedSecret, SecretCheck
from naftiko_runtime.values import Json
from tests.expose.callers.identity_server import IdentityServer, by_keys
from tests.expose.mcp.documents import PORTS
from tests.expose.mcp.serving import Logged, asking, plan_of, renamed, service_of
from tests.expose.mcp.wire import (
    HANDSHAKE,
    REVISIONS,
    STATELESS,
    call,
    headers_of,
    message_of,
    request,
    result,
)


@pytest.fixture
def plan(tmp_path: Path) -> McpPlan:
    return plan_of(tmp_path)


@pytest.mark.parametrize(
    "path", ["/mcp", "/", "/mcp/", "/ships/mcp", "/ships/mcp/", "/shi%70s/mcp"]
)
async def test_the_only_server_is_at_its_own_and_at_the_common_paths(
    plan: McpPlan, path: str
) -> None:
    async with asking(service_of([plan])) as http:
        assert len((await result(http, STATELESS, "tools/list", {}, path))["tools"]) == 5


async def test_nothing_is_elsewhere(plan: McpPlan) -> None:
    service = service_of([plan])
    assert [service.endpoint(path) for path in ("/docs", "/ships", "/mcp/x", "")] == [None] * 4
    assert service_of([]).endpoint("/mcp") is None


async def test_several_servers_have_their_own_paths_and_one_together(
    plan: McpPlan, tmp_path: Path
) -> None:
    plans = [plan, plan_of(tmp_path, PORTS), renamed(plan, "a/b c"), renamed(plan, "")]
    async with asking(service_of(plans)) as http:
        counts = {}
        for path in ("/ships/mcp", "/ports/mcp", "/a/b%20c/mcp", "/mcp", "/"):
            listed = await result(http, "2025-11-25", "tools/list", {}, path)
            counts[path] = len(listed["tools"])
        assert counts == {
            "/ships/mcp": 5,
            "/ports/mcp": 2,
            "/a/b%20c/mcp": 5,
            "/mcp": 17,
            "/": 17,
        }
        got = await call(http, STATELESS, "ports_get-ship", {})
        assert not got["isError"]
        began = await result(
            http,
            "2025-11-25",
            "initialize",
            {
                "protocolVersion": "2025-11-25",
                "capabilities": {},
                "clientInfo": {"name": "t", "version": "0"},
            },
        )
        assert began["serverInfo"]["name"] == "naftiko"


async def test_discovery_tells_what_the_server_can(plan: McpPlan) -> None:
    async with asking(service_of([replace(plan, ttl_ms=7)])) as http:
        found = await result(http, STATELESS, "server/discover", {})
        listed = await result(http, STATELESS, "tools/list", {})
    assert found["supportedVersions"] == [STATELESS]
    assert found["capabilities"] == {"tools": {"listChanged": True}}
    assert found["instructions"] == "All about ships."
    assert (listed["ttlMs"], listed["cacheScope"]) == (7, "public")


@pytest.mark.parametrize("revision", REVISIONS)
async def test_a_body_over_the_limit_is_413(plan: McpPlan, revision: str) -> None:
    service = service_of([plan], limits=Limits(body_bytes=1000))
    arguments = {"imo": "x" * 1000}
    async with asking(service) as http:
        response = await request(
            http, revision, "tools/call", {"name": "get-ship", "arguments": arguments}
        )
        assert response.status_code == 413
        assert not (await call(http, revision, "get-ship", {"imo": "1"}))["isError"]


@pytest.mark.parametrize("revision", REVISIONS)
async def test_an_unknown_tool_is_a_protocol_error(plan: McpPlan, revision: str) -> None:
    async with asking(service_of([plan])) as http:
        response = await request(http, revision, "tools/call", {"name": "no", "arguments": {}})
    assert response.status_code == (400 if revision == STATELESS else 200)
    assert response.json()["error"] == {"code": -32602, "message": "Unknown tool: no"}


@pytest.mark.parametrize("revision", REVISIONS)
async def test_requests_need_no_session(plan: McpPlan, revision: str) -> None:
    async with asking(service_of([plan])) as http:
        response = await request(http, revision, "tools/list", {}, mcp_session_id="from another")
    assert response.status_code == 200
    assert "mcp-session-id" not in response.headers


@pytest.mark.parametrize("revision", REVISIONS)
async def test_plain_json_is_enough_to_accept(plan: McpPlan, revision: str) -> None:
    async with asking(service_of([plan])) as http:
        response = await request(http, revision, "tools/list", {}, accept="application/json")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b"[]", 400), (b"[" * 100_000, 400), (b'"x"', 400), (b"", 400)],
)
async def test_what_is_no_request_is_refused(
    plan: McpPlan, revision: str, body: bytes, status: int
) -> None:
    headers = headers_of(revision, "tools/list", {})
    async with asking(service_of([plan])) as http:
        response = await http.post("/mcp", content=body, headers=headers)
    assert response.status_code == status
    assert response.json()["error"]["code"] in (-32700, -32600, -32602)


@pytest.mark.parametrize("method", ["DELETE", "PUT", "OPTIONS"])
@pytest.mark.parametrize("revision", REVISIONS)
async def test_methods_that_mcp_does_not_have_are_405(
    plan: McpPlan, revision: str, method: str
) -> None:
    headers = {"mcp-protocol-version": revision}
    async with asking(service_of([plan])) as http:
        assert (await http.request(method, "/mcp", headers=headers)).status_code == 405


async def test_a_request_without_a_version_is_of_the_first_revision(plan: McpPlan) -> None:
    headers = headers_of("2025-03-26", "tools/list", {})
    del headers["mcp-protocol-version"]
    async with asking(service_of([plan])) as http:
        message = message_of("2025-03-26", "tools/list", {})
        response = await http.post("/mcp", json=message, headers=headers)
    assert len(response.json()["result"]["tools"]) == 5


async def test_an_unknown_version_is_refused_with_those_that_are_known(plan: McpPlan) -> None:
    headers = headers_of(STATELESS, "tools/list", {}) | {"mcp-protocol-version": "2099-01-01"}
    message = message_of(STATELESS, "tools/list", {})
    message["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = "2099-01-01"
    async with asking(service_of([plan])) as http:
        response = await http.post("/mcp", json=message, headers=headers)
    assert response.status_code == 400
    assert response.json()["error"]["data"]["supported"] == [STATELESS]


@pytest.mark.parametrize("revision", REVISIONS)
async def test_the_callers_request_id_is_kept(plan: McpPlan, revision: str) -> None:
    logged = Logged()
    async with asking(service_of([plan], on_call=logged)) as http:
        params = {"name": "get-ship", "arguments": {}}
        response = await request(http, revision, "tools/call", params, x_request_id="mine-1")
    assert logged.calls[0][3] == "mine-1"
    assert response.json()["result"]["structuredContent"]["request_id"] == "mine-1"


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize(
    ("headers", "status"),
    [({"host": "evil.test"}, 421), ({"origin": "http://evil.test"}, 403)],
    ids=["host", "origin"],
)
async def test_other_sites_can_not_use_a_loopback_listener(
    plan: McpPlan, revision: str, headers: dict[str, str], status: int
) -> None:
    async with asking(service_of([plan])) as http:
        refused = await request(http, revision, "tools/list", {}, **headers)
        stream = await http.get("/mcp", headers={"accept": "text/event-stream", **headers})
        own = await request(http, revision, "tools/list", {}, origin="http://localhost:6274")
    assert (refused.status_code, stream.status_code, own.status_code) == (status, status, 200)


_BEARER = SecretCheck("bearer", "header", "authorization", (NamedSecret(None, b"s3cret"),))
_KEY = SecretCheck("apikey", "query", "key", (NamedSecret(None, b"k"),))


@pytest.mark.parametrize("revision", REVISIONS)
async def test_callers_prove_who_they_are(plan: McpPlan, revision: str) -> None:
    async with asking(service_of([replace(plan, callers=_BEARER)])) as http:
        refused = await request(http, revision, "tools/list", {})
        passed = await request(http, revision, "tools/list", {}, authorization="Bearer s3cret")
        stream = await http.get("/mcp", headers={"accept": "text/event-stream"})
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == 'Bearer realm="naftiko"'
    assert passed.status_code == 200
    assert stream.status_code == 401


@pytest.mark.parametrize("revision", REVISIONS)
async def test_a_token_opens_the_door_by_rfc_6750_and_9728(plan: McpPlan, revision: str) -> None:
    identity = IdentityServer()
    protected = replace(plan, callers=by_keys(scopes=("ships:read", "ships:sail")))
    async with asking(service_of([protected], callers=Callers(identity))) as http:
        nobody = await request(http, revision, "tools/list", {})
        stranger = await request(http, revision, "tools/list", {}, authorization="Bearer x")
        reader = await _listing(http, revision, identity.token())
        sailor = await _listing(http, revision, identity.token(scope="ships:read ships:sail"))
    statuses = [one.status_code for one in (nobody, stranger, reader, sailor)]
    assert statuses == [401, 401, 403, 200]
    metadata = 'resource_metadata="https://api.test/.well-known/oauth-protected-resource/ships"'
    assert nobody.headers["www-authenticate"] == (
        f'Bearer realm="naftiko", scope="ships:read ships:sail", {metadata}'
    )
    assert 'error="invalid_token"' in stranger.headers["www-authenticate"]
    step_up = reader.headers["www-authenticate"]
    assert 'error="insufficient_scope"' in step_up
    assert 'scope="ships:read ships:sail"' in step_up


async def _listing(http: httpx.AsyncClient, revision: str, token: str) -> httpx.Response:
    return await request(http, revision, "tools/list", {}, authorization=f"Bearer {token}")


async def test_a_real_client_answers_a_digest_challenge(plan: McpPlan) -> None:
    protected = replace(plan, callers=DigestCheck((("ada", "p"),), ("SHA-256", "MD5")))
    async with asking(service_of([protected])) as http:
        refused = await request(http, STATELESS, "tools/list", {})
        http.auth = httpx.DigestAuth("ada", "p")
        for _ in range(2):
            assert (await result(http, STATELESS, "tools/list", {}))["tools"]
    assert len(refused.headers.get_list("www-authenticate")) == 2


async def test_who_can_not_be_verified_is_told_so(plan: McpPlan) -> None:
    identity = IdentityServer(is_down=True)
    protected = replace(plan, callers=by_keys())
    async with asking(service_of([protected], callers=Callers(identity))) as http:
        response = await _listing(http, STATELESS, identity.token())
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")


async def test_tools_together_need_every_proof(plan: McpPlan) -> None:
    plans = [
        replace(plan, callers=_BEARER),
        replace(renamed(plan, "keyed"), callers=_KEY),
        renamed(plan, "open"),
    ]

    async def status(path: str, **headers: str) -> int:
        return (await request(http, STATELESS, "tools/list", {}, path, **headers)).status_code

    async with asking(service_of(plans)) as http:
        token = "Bearer s3cret"
        assert await status("/open/mcp") == 200
        assert await status("/keyed/mcp?key=k") == 200
        assert await status("/mcp", authorization=token) == 401
        assert await status("/mcp?key=k") == 401
        assert await status("/mcp?key=k", authorization=token) == 200


async def test_the_tools_of_a_protected_server_are_private(plan: McpPlan) -> None:
    async with asking(service_of([replace(plan, callers=_KEY)])) as http:
        listed = await result(http, STATELESS, "tools/list", {}, "/mcp?key=k")
    assert listed["cacheScope"] == "private"


@pytest.mark.parametrize("revision", HANDSHAKE)
async def test_notifications_and_pings_are_taken(plan: McpPlan, revision: str) -> None:
    headers = headers_of(revision, "", {})
    message = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    async with asking(service_of([plan])) as http:
        response = await http.post("/mcp", json=message, headers=headers)
        assert response.status_code == 202
        assert await result(http, revision, "ping", {}) == {}


async def test_text_that_is_no_unicode_is_an_answer_all_the_same(plan: McpPlan) -> None:
    message = message_of(STATELESS, "tools/call", {"name": "get-ship", "arguments": {"imo": "?"}})
    body = json.dumps(message).replace('"?"', '"\\ud800"').encode()
    headers = headers_of(STATELESS, "tools/call", {"name": "get-ship"})
    async with asking(service_of([plan])) as http:
        response: httpx.Response = await http.post("/mcp", content=body, headers=headers)
    assert response.status_code == 200
    assert response.json()["result"]["isError"]


async def test_what_a_schema_wants_in_a_header_too_has_to_be_there(plan: McpPlan) -> None:
    tool = next(one for one in plan.tools if one.name == "get-ship")
    imo: Json = {"type": "string", "x-mcp-header": "Imo"}
    marked = replace(tool, input_schema={"type": "object", "properties": {"imo": imo}})
    params = {"name": "get-ship", "arguments": {"imo": "7"}}
    async with asking(service_of([replace(plan, tools=(marked,))])) as http:
        without = await request(http, STATELESS, "tools/call", params)
        with_it = await request(http, STATELESS, "tools/call", params, mcp_param_imo="7")
    assert "Mcp-Param-Imo" in without.json()["error"]["message"]
    assert with_it.json()["result"]["isError"] is False
