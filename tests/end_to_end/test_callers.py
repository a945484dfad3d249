"""Callers prove who they are to a served capability; what they bring is nowhere to be seen."""

from __future__ import annotations

from pathlib import Path

import httpx

from tests.end_to_end.commands import PATIENCE_SECONDS, Serve
from tests.expose.callers.identity_server import IdentityServer, listening
from tests.expose.mcp.wire import STATELESS, headers_of, message_of

PASSWORD = "open-sesame-4711"
RESOURCE = "https://api.test/mcp"
GUARDED = """\
naftiko: 1.0.0-alpha3
binds:
- namespace: env
  keys: {{PASSWORD: PASSWORD}}
capability:
  exposes:
  - type: rest
    namespace: face
    port: 0
    authentication: {{type: digest, keys: {{ada: "{{{{PASSWORD}}}}"}}}}
    resources:
    - path: /hello
      operations:
      - {{method: GET, name: hello, outputParameters: [{{type: string, value: hello}}]}}
  - type: mcp
    namespace: tools
    port: 0
    authentication:
      {{type: oauth2, authorizationServerUri: {issuer}, resource: {resource}, scopes: [ships:read]}}
    tools:
    - {{name: hello, description: Hello, outputParameters: [{{type: string, value: hello}}]}}
"""


async def test_callers_of_both_faces_prove_who_they_are(served: Serve, tmp_path: Path) -> None:
    identity = IdentityServer()
    file = tmp_path / "guarded.yaml"
    environment = {"PASSWORD": PASSWORD}
    async with listening(identity) as issuer, _client() as client:
        file.write_text(GUARDED.format(issuer=issuer, resource=RESOURCE))
        good, poor = identity.token(iss=issuer, aud=RESOURCE), identity.token(aud=RESOURCE)
        with served(
            file, "unused=http://unused.test", environment, "--log-level", "debug"
        ) as runtime:
            digest = httpx.DigestAuth("ada", PASSWORD)
            hello = await client.get(f"{runtime.rest}/hello?x=%20", auth=digest)
            nobody = await client.get(f"{runtime.rest}/hello")
            listed, refused = [await _list(client, runtime.mcp, one) for one in (good, poor)]
            path = f"{runtime.mcp.removesuffix('/mcp')}/.well-known/oauth-protected-resource/mcp"
            described = await client.get(path)
            process = runtime.process
        printed = process.stdout + process.stderr
    statuses = [one.status_code for one in (hello, nobody, listed, refused)]
    assert statuses == [200, 401, 200, 401]
    assert described.json()["authorization_servers"] == [issuer]
    assert "the token is from another issuer" in printed
    assert not [one for one in (good, poor, "response=") if one in printed]


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(trust_env=False, timeout=PATIENCE_SECONDS)


async def _list(client: httpx.AsyncClient, url: str, token: str) -> httpx.Response:
    headers = headers_of(STATELESS, "tools/list", {}) | {"authorization": f"Bearer {token}"}
    return await client.post(url, json=message_of(STATELESS, "tools/list", {}), headers=headers)
