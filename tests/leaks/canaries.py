"""Values that occur once in the world, and a capability in which every credential is one."""

from __future__ import annotations

import atexit
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Final

from naftiko_runtime.execute.upstream.message import UpstreamRequest, UpstreamResponse
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.adapters import Capability
from naftiko_runtime.secrecy import Secrecy
from naftiko_runtime.values import Json
from tests.documents import load
from tests.execute.upstream.certificates import Authority
from tests.upstreams import answer

CALLER: Final = "canary-caller-7f0e"
"""What callers prove themselves with."""

OF_VARIABLES: Final = {
    "BEARER": "canary-bearer-1a2b",
    "PASSWORD": "canary-password-3c4d",
    "DIGEST": "canary-digest-5e6f",
    "HEADER": "canary-header-7a8b",
    "QUERY": "canary query&9c=0d",
    "COOKIE": "canary-cookie-1e2f",
    "CLIENT": "canary-client-3a4b",
    "REFRESH": "canary-refresh-5c6d",
    "KEY_PASSWORD": "canary-key-password-7e8f",
    "FIXED": "canary-fixed-9a0b",
}
"""The value of each variable."""

ACCESS: Final = "canary-access-1c2d"
"""The access token that the authorization server gives."""

OF_CALLERS: Final = {
    "authorization": f"Bearer {CALLER}",
    "cookie": "session=canary-session-3e4f; cookie=canary-own-cookie-5a6b",
    "proxy-authorization": "Basic canary-proxy-7c8d",
    "x-api-key": "canary-foreign-key-9e0f",
    "x-forwarded-for": "canary-forwarded-1a3c",
    "referer": "https://canary-referer-5e7a.test/",
    "user-agent": "canary-agent-9c1e",
    "traceparent": "00-canary-trace-3a5c-01",
}
"""The headers that a caller sends besides, of which nothing is declared."""

OF_CALLERS_QUERY: Final = "canary-caller-query-7e9a"

APIS: Final = ("bearer", "basic", "digest", "header", "query", "cookie", "oauth", "tls", "open")
"""The consumed APIs: each lives at its own host and has a credential of its own kind."""

ALLOWED: Final[dict[str, frozenset[str]]] = {
    OF_VARIABLES["BEARER"]: frozenset({"bearer.test"}),
    OF_VARIABLES["PASSWORD"]: frozenset({"basic.test"}),
    OF_VARIABLES["DIGEST"]: frozenset(),
    OF_VARIABLES["HEADER"]: frozenset({"header.test"}),
    OF_VARIABLES["QUERY"]: frozenset({"query.test"}),
    OF_VARIABLES["COOKIE"]: frozenset({"cookie.test"}),
    OF_VARIABLES["CLIENT"]: frozenset({"login.test"}),
    OF_VARIABLES["REFRESH"]: frozenset({"login.test"}),
    OF_VARIABLES["KEY_PASSWORD"]: frozenset(),
    OF_VARIABLES["FIXED"]: frozenset({"open.test"}),
    ACCESS: frozenset({"oauth.test"}),
    CALLER: frozenset(),
    **dict.fromkeys(
        [
            "canary-session-3e4f",
            "canary-own-cookie-5a6b",
            "canary-proxy-7c8d",
            "canary-foreign-key-9e0f",
            "canary-forwarded-1a3c",
            "canary-referer-5e7a",
            "canary-agent-9c1e",
            "canary-trace-3a5c",
            OF_CALLERS_QUERY,
        ],
        frozenset(),
    ),
}
"""At which hosts each canary may arrive."""

_PROOFS: Final = {
    "bearer": "type: bearer, token: '{{BEARER}}'",
    "basic": "type: basic, username: ada, password: '{{PASSWORD}}'",
    "digest": "type: digest, username: ada, password: '{{DIGEST}}'",
    "header": "type: apikey, key: X-Api-Key, value: '{{HEADER}}'",
    "query": "type: apikey, key: api_key, value: '{{QUERY}}', placement: query",
    "cookie": "type: apikey, key: cookie, value: '{{COOKIE}}', placement: cookie",
    "oauth": "type: oauth2, tokenEndpoint: 'https://login.test/token', clientId: c,"
    " clientSecret: '{{CLIENT}}', refreshToken: '{{REFRESH}}'",
    "tls": "type: none",
    "open": "type: none",
}


def _consumed(name: str) -> str:
    tls = ""
    if name == "tls":
        tls = "x-tls: {certificate: client.pem, key: client.pem, keyPassword: '{{KEY_PASSWORD}}'},"
    fixed = "{name: X-Fixed, in: header, value: '{{FIXED}}'}" if name == "open" else ""
    operation = (
        f"{{name: get, method: GET, inputParameters: [{{name: q, in: query}}, {fixed}],"
        " outputParameters: [{name: seen, type: string, value: $.seen}]}"
    )
    return (
        f"{{type: http, namespace: {name}, baseUri: 'https://{name}.test/v1', {tls}"
        f" authentication: {{{_PROOFS[name]}}},"
        f" resources: [{{path: '/things/{{id}}', operations: [{operation}]}}]}}"
    )


def document() -> str:
    """Return the capability: a route and a tool for each API and for all of them; control."""
    keys = ", ".join(f"{name}: {name}" for name in [*OF_VARIABLES, "CALLER"])
    steps = ", ".join(
        f"{{type: call, name: s-{name}, call: {name}.get, with: {{id: '1'}}}}" for name in APIS
    )
    guard = "authentication: {type: bearer, token: '{{CALLER}}'}"
    routes = ", ".join(
        f"{{path: '/{name}/{{id}}', operations: [{{name: {name}, method: GET, call: {name}.get}}]}}"
        for name in APIS
    )
    forwards = ", ".join(
        f"{{path: '/forward/{name}/{{path}}', forward: {{targetNamespace: {name}}}}}"
        for name in APIS
    )
    tools = ", ".join(f"{{name: {name}, description: d, call: {name}.get}}" for name in APIS)
    return "\n".join(
        (
            "naftiko: 1.0.0-alpha3",
            f"binds: [{{namespace: env, keys: {{{keys}}}}}]",
            "capability:",
            f"  consumes: [{', '.join(map(_consumed, APIS))}]",
            "  exposes:",
            f"  - {{type: rest, namespace: face, port: 0, {guard},",
            f"      resources: [{routes}, {forwards},",
            f"      {{path: /steps, operations: [{{name: steps, method: GET, steps: [{steps}]}}]",
            "      }]}",
            f"  - {{type: mcp, namespace: tools, port: 0, {guard}, tools: [{tools},",
            f"      {{name: steps, description: d, steps: [{steps}]}}]}}",
            f"  - {{type: control, port: 0, {guard}, management: {{info: true, scripting: {{}}}}}}",
        )
    )


@cache
def folder() -> Path:
    """Return the folder of the capability's file and its certificate."""
    made = Path(mkdtemp(prefix="canaries-"))
    atexit.register(rmtree, made, True)
    certificate, key = Authority.create(made).issue("ada")
    (made / "client.pem").write_text(certificate + key)
    return made


def environment() -> dict[str, str]:
    """Return the environment in which every variable has its value."""
    return {**OF_VARIABLES, "CALLER": CALLER}


@cache
def capability() -> Capability:
    """Return the capability, loaded."""
    return load(folder(), document(), LoadOptions(environment=environment()))


def canaries_in(*texts: str, among: Iterable[str] = tuple(ALLOWED)) -> set[str]:
    """Return which canaries are in texts, in whatever form they would appear."""
    return {one for one in among for text in texts if Secrecy([one]).mask(text) != text}


def strays(requests: Iterable[UpstreamRequest]) -> set[tuple[str, str]]:
    """Return which canaries arrived where they may not, and where that was."""
    return {
        (canary, request.origin.host)
        for request in requests
        for canary in canaries_in(_whole(request))
        if request.origin.host not in ALLOWED[canary]
    }


def arrived(requests: Iterable[UpstreamRequest]) -> set[tuple[str, str]]:
    """Return which canaries arrived, and where."""
    return {
        (canary, request.origin.host)
        for request in requests
        for canary in canaries_in(_whole(request))
    }


def _whole(request: UpstreamRequest) -> str:
    lines = [f"{request.method} {request.target.decode()}"]
    lines += [f"{name.decode()}: {value.decode()}" for name, value in request.headers]
    return "\n".join([*lines, "", (request.body or b"").decode()])


def friendly(request: UpstreamRequest) -> UpstreamResponse:
    """Answer as the hosts do when all is well: digests are asked for, tokens given."""
    if request.origin.host == "login.test":
        given: Json = {"access_token": ACCESS, "expires_in": 3600}
        return answer(given)
    asked = any(name == b"authorization" for name, _ in request.headers)
    if request.origin.host == "digest.test" and not asked:
        challenge = b'Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256'
        return answer({}, 401, ((b"www-authenticate", challenge),))
    return answer({"seen": "something"})
