"""Descriptions of protected resources at their well-known paths, RFC 9728."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse

from naftiko_runtime.expose.protected_resources import ProtectedResources
from naftiko_runtime.plan.adapters import McpPlan, RestPlan
from naftiko_runtime.plan.proofs import OAuth2Check
from tests.documents import ONE_OPERATION, load
from tests.expose.callers.identity_server import ISSUER, by_keys

WELL_KNOWN = "/.well-known/oauth-protected-resource"
ELSEWHERE = PlainTextResponse("elsewhere", 404)


@pytest.fixture
def rest(tmp_path: Path) -> RestPlan:
    (plan,) = load(tmp_path, ONE_OPERATION).rest
    return plan


@pytest.fixture
def mcp(tmp_path: Path) -> McpPlan:
    (plan,) = load(tmp_path, ONE_OPERATION).mcp
    return plan


def _of(resource: str, **more: Any) -> OAuth2Check:
    return by_keys(resource=resource, **more)


async def _ask(
    pages: ProtectedResources, path: str = WELL_KNOWN, method: str = "GET"
) -> httpx.Response:
    transport = httpx.ASGITransport(pages)
    async with httpx.AsyncClient(base_url="http://any.test", transport=transport) as client:
        return await client.request(method, path)


async def _resources(pages: ProtectedResources, *paths: str) -> list[str | None]:
    answers = [await _ask(pages, WELL_KNOWN + path) for path in paths]
    return [json.loads(one.content)["resource"] if one.is_success else None for one in answers]


async def test_a_resource_is_described_where_its_url_says(mcp: McpPlan) -> None:
    check = _of("https://api.test/deep/mcp")
    answer = await _ask(
        ProtectedResources([], [replace(mcp, callers=check)], ELSEWHERE), f"{WELL_KNOWN}/deep/mcp"
    )
    assert answer.json() == {
        "resource": "https://api.test/deep/mcp",
        "authorization_servers": [ISSUER],
        "bearer_methods_supported": ["header"],
        "scopes_supported": ["ships:read"],
    }
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_an_endpoint_is_described_where_its_clients_look(mcp: McpPlan) -> None:
    pages = ProtectedResources([], [replace(mcp, callers=_of("https://api.test"))], ELSEWHERE)
    paths = ("", "/", "/mcp", "/mcp/", "/ships-mcp/mcp")
    assert await _resources(pages, *paths) == ["https://api.test"] * 5
    assert await _resources(pages, "/other", "x") == [None, None]


async def test_adapters_on_one_port_are_described_each_for_itself(
    rest: RestPlan, mcp: McpPlan
) -> None:
    pages = ProtectedResources(
        [replace(rest, callers=_of("https://api.test/v1"))],
        [
            replace(mcp, callers=_of("https://api.test/a/mcp"), namespace="a"),
            replace(mcp, callers=_of("https://api.test/b/mcp", scopes=()), namespace="b"),
            replace(mcp, namespace="open"),
        ],
        ELSEWHERE,
    )
    paths = ("/v1", "/a/mcp", "/b/mcp", "/open/mcp", "/mcp", "")
    expected = [f"https://api.test{path}" for path in paths[:3]]
    assert await _resources(pages, *paths) == [*expected, None, None, None]
    assert "scopes_supported" not in (await _ask(pages, f"{WELL_KNOWN}/b/mcp")).json()


@pytest.mark.parametrize("check", [None, _of("urn:ships"), _of("https://a.test", server="")])
async def test_what_has_no_url_or_no_server_is_not_described(
    mcp: McpPlan, check: OAuth2Check | None
) -> None:
    pages = ProtectedResources([], [replace(mcp, callers=check)], ELSEWHERE)
    assert (await _ask(pages)).text == "elsewhere"


async def test_descriptions_are_only_read(mcp: McpPlan) -> None:
    pages = ProtectedResources([], [replace(mcp, callers=_of("https://api.test"))], ELSEWHERE)
    assert (await _ask(pages, method="HEAD")).status_code == 200
    assert (await _ask(pages, method="POST")).headers["allow"] == "GET, HEAD, OPTIONS"
