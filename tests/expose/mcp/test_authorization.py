"""The official client finds its own way in: RFC 9728, RFC 8414, RFC 6750, MCP authorization."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx2
import pytest
from mcp.client.auth.extensions.client_credentials import ClientCredentialsOAuthProvider
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken
from starlette.responses import PlainTextResponse

from naftiko_runtime.execute.upstream.message import UpstreamRequest
from naftiko_runtime.expose.callers import Callers
from naftiko_runtime.expose.mcp.service import McpService
from naftiko_runtime.expose.protected_resources import ProtectedResources
from naftiko_runtime.plan.adapters import McpPlan
from naftiko_runtime.plan.origins import Origin
from naftiko_runtime.values import Deadline
from tests.expose.callers.identity_server import ISSUER, IdentityServer, by_keys
from tests.expose.mcp.serving import application, plan_of, service_of
from tests.expose.mcp.wire import REVISIONS, headers_of, message_of

URL = "https://api.test/ships/mcp"


@dataclass
class _Storage:
    """Keeps what the client learns."""

    tokens: OAuthToken | None = None
    client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


@dataclass
class _Web(httpx2.AsyncBaseTransport):
    """The two servers that a client meets: ours, and the one that gives tokens."""

    plan: McpPlan
    service: McpService
    identity: IdentityServer
    forms: list[dict[str, list[str]]] = field(default_factory=list)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.host == "login.test":
            return await self._login(request)
        elsewhere = PlainTextResponse("nothing here", 404)
        pages = ProtectedResources([], [self.plan], elsewhere)
        is_page = request.url.path.startswith("/.well-known/")
        app: Any = pages if is_page else application(self.service)
        return await httpx2.ASGITransport(app).handle_async_request(request)

    async def _login(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path != "/token":
            sent = UpstreamRequest("GET", Origin("https", "", 443), request.url.raw_path, ())
            answer = await self.identity.send(sent, Deadline.after(5))
            return httpx2.Response(answer.status, content=answer.body)
        form = parse_qs((await request.aread()).decode())
        self.forms.append(form)
        token = self.identity.token(aud=form["resource"][0], scope=form["scope"][0])
        return httpx2.Response(200, json={"access_token": token, "token_type": "Bearer"})


@pytest.mark.parametrize("revision", REVISIONS)
async def test_the_official_client_gets_in_by_itself(tmp_path: Path, revision: str) -> None:
    check = by_keys(resource=URL, audience=URL, scopes=("ships:read", "ships:sail"))
    plan = replace(plan_of(tmp_path), callers=check)
    identity = IdentityServer(metadata=METADATA)
    service = service_of([plan], callers=Callers(identity))
    web = _Web(plan, service, identity)
    provider = ClientCredentialsOAuthProvider(URL, _Storage(), "client", "secret", issuer=ISSUER)
    async with service.run(), httpx2.AsyncClient(transport=web, auth=provider) as client:
        listed = await client.post(
            URL,
            json=message_of(revision, "tools/list", {}),
            headers=headers_of(revision, "tools/list", {}),
        )
    assert listed.status_code == 200, listed.text
    assert len(listed.json()["result"]["tools"]) == 5
    (form,) = web.forms
    assert (form["resource"], form["scope"]) == ([URL], ["ships:read ships:sail"])


METADATA: dict[str, Any] = {
    "authorization_endpoint": "https://login.test/authorize",
    "token_endpoint": "https://login.test/token",
    "response_types_supported": ["code"],
    "grant_types_supported": ["client_credentials"],
    "token_endpoint_auth_methods_supported": ["client_secret_basic"],
}
