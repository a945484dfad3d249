"""Every scheme that callers may prove themselves with: section 7 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.diagnostics import Diagnostic, Severity
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.adapters import McpPlan
from naftiko_runtime.plan.callers import SIGNATURES
from naftiko_runtime.plan.loading import Loaded, load_capability
from naftiko_runtime.plan.proofs import (
    CallerCheck,
    DigestCheck,
    Introspection,
    NamedSecret,
    OAuth2Check,
    SecretCheck,
    carries_proof,
)

DOCUMENT = """\
naftiko: 1.0.0-alpha3
binds:
- namespace: env
  keys: {{DOOR: DOOR, EMPTY: EMPTY}}
capability:
  exposes:
  - type: mcp
    namespace: door
    authentication: {block}
    tools:
    - {{name: hello, outputParameters: [{{type: string, value: hi}}]}}
"""
SERVER = "https://login.test/tenant/"
OAUTH2 = f"type: oauth2, authorizationServerUri: {SERVER}"


def _load(folder: Path, block: str) -> Loaded:
    file = folder / "capability.yaml"
    file.write_text(DOCUMENT.format(block=block))
    return load_capability(file, LoadOptions(environment={"DOOR": "s3cret"}))


def _check(folder: Path, block: str) -> CallerCheck | None:
    loaded = _load(folder, block)
    assert loaded.capability is not None, loaded.diagnostics
    plan: McpPlan = loaded.capability.mcp[0]
    return plan.callers


def _errors(folder: Path, block: str) -> list[Diagnostic]:
    loaded = _load(folder, block)
    errors = [one for one in loaded.diagnostics if one.severity is Severity.ERROR]
    assert (loaded.capability is None) == bool(errors)
    return errors


def _secrets(*pairs: tuple[str | None, bytes]) -> tuple[NamedSecret, ...]:
    return tuple(NamedSecret(*one) for one in pairs)


@pytest.mark.parametrize(
    ("block", "check"),
    [
        (
            '{type: bearer, token: "{{DOOR}}"}',
            SecretCheck("bearer", "header", "authorization", _secrets((None, b"s3cret"))),
        ),
        (
            "{type: bearer, value: x}",
            SecretCheck("bearer", "header", "authorization", _secrets((None, b"x"))),
        ),
        (
            '{type: bearer, keys: {ci: "{{DOOR}}", ops: 7}}',
            SecretCheck(
                "bearer", "header", "authorization", _secrets(("ci", b"s3cret"), ("ops", b"7"))
            ),
        ),
        (
            "{type: Bearer, token: a, keys: [{name: ci, token: b}, {value: c}]}",
            SecretCheck(
                "bearer",
                "header",
                "authorization",
                _secrets((None, b"a"), ("ci", b"b"), (None, b"c")),
            ),
        ),
        (
            '{type: bearer, token: "{{EMPTY}}", keys: null}',
            SecretCheck("bearer", "header", "authorization", _secrets((None, b""))),
        ),
        (
            "{type: api-key, value: k}",
            SecretCheck("apikey", "header", "authorization", _secrets((None, b"k"))),
        ),
        (
            "{type: apikey, key: X-Key, placement: header, value: k}",
            SecretCheck("apikey", "header", "x-key", _secrets((None, b"k"))),
        ),
        (
            "{type: apikey, key: Key, placement: query, keys: {ci: k}}",
            SecretCheck("apikey", "query", "Key", _secrets(("ci", b"k"))),
        ),
        (
            "{type: basic, username: ada, password: p}",
            SecretCheck("basic", "header", "authorization", _secrets(("ada", b"ada:p"))),
        ),
        (
            '{type: basic, keys: {ada: "{{DOOR}}", bob: "{{EMPTY}}"}}',
            SecretCheck(
                "basic", "header", "authorization", _secrets(("ada", b"ada:s3cret"), ("bob", b""))
            ),
        ),
        (
            "{type: digest, username: ada, password: p, keys: [{name: bob, password: q}]}",
            DigestCheck((("ada", "p"), ("bob", "q")), ("SHA-256", "MD5")),
        ),
        (
            '{type: digest, algorithms: sha-256-SESS, keys: {ada: "{{EMPTY}}"}}',
            DigestCheck((), ("SHA-256-sess",)),
        ),
        (
            f"{{{OAUTH2}, resource: https://api.test/mcp, scopes: [a b, c, a]}}",
            OAuth2Check(
                SERVER, "https://api.test/mcp", "https://api.test/mcp", ("a", "b", "c"), SIGNATURES
            ),
        ),
        (
            f"{{{OAUTH2}, audience: ships, algorithms: [ES256, rs256], tokenValidation: jwks,"
            " jwksUri: https://login.test/keys, tokenEndpoint: https://login.test/token}",
            OAuth2Check(
                SERVER,
                None,
                "ships",
                (),
                ("ES256", "RS256"),
                "https://login.test/keys",
                None,
                "https://login.test/token",
            ),
        ),
        (
            f"{{{OAUTH2}, resource: urn:x, audience: y, tokenValidation: introspection,"
            ' clientId: rs, clientSecret: "{{DOOR}}", clientAuthentication: client_secret_post}',
            OAuth2Check(
                SERVER,
                "urn:x",
                "y",
                (),
                SIGNATURES,
                None,
                Introspection(None, "rs", "s3cret", in_body=True),
            ),
        ),
        (
            '{type: oauth2, authorizationServerUri: "{{EMPTY}}", resource: "{{EMPTY}}"}',
            OAuth2Check("", None, "", (), SIGNATURES),
        ),
        ("{type: none}", None),
        ("null", None),
    ],
)
def test_a_block_is_compiled(tmp_path: Path, block: str, check: CallerCheck | None) -> None:
    assert _check(tmp_path, block) == check


@pytest.mark.parametrize(
    ("block", "code", "message"),
    [
        ("{type: bearer}", "authentication-incomplete", "'bearer' authentication needs 'token'"),
        ("{type: apikey, key: k}", "authentication-incomplete", "needs 'value'"),
        ("{type: basic, username: u}", "authentication-incomplete", "needs 'password'"),
        ("{type: digest, password: p}", "authentication-incomplete", "needs 'username'"),
        ("{type: bearer, keys: {ci: }}", "authentication-incomplete", "the key 'ci' of 'door' has"),
        ("{type: bearer, keys: ci}", "value-invalid", "'keys' has to be a list"),
        ("{type: digest, keys: {a: p}, algorithms: [SHA-1]}", "value-invalid", "can't be 'SHA-1'"),
        ("{type: oauth2, resource: x}", "authentication-incomplete", "'authorizationServerUri'"),
        (f"{{{OAUTH2}}}", "authentication-incomplete", "'oauth2' authentication needs 'resource'"),
        (f"{{{OAUTH2}, resource: x, algorithms: HS256}}", "value-invalid", "can't be 'HS256'"),
        (f"{{{OAUTH2}, resource: x, algorithms: none}}", "value-invalid", "can't be 'none'"),
        (f"{{{OAUTH2}, resource: x, tokenValidation: x}}", "value-invalid", "'tokenValidation'"),
        (f"{{{OAUTH2}, resource: x, jwksUri: keys}}", "value-invalid", "'jwksUri' has to be a URL"),
        ("{token: t}", "authentication-incomplete", "authentication needs a 'type'"),
        ("{type: digset}", "authentication-incomplete", "no authentication type 'digset'"),
    ],
)
def test_what_can_not_be_checked_is_not_served(
    tmp_path: Path, block: str, code: str, message: str
) -> None:
    (error,) = _errors(tmp_path, block)
    assert error.code == code
    assert message in error.message


HEADER_KEY = SecretCheck("apikey", "header", "x-key", ())
QUERY_KEY = SecretCheck("apikey", "query", "api_key", ())
COOKIE_KEY = SecretCheck("apikey", "cookie", "key", ())
DIGEST = DigestCheck((), ())
TOKEN = OAuth2Check("", None, "", (), ())


@pytest.mark.parametrize(
    ("check", "place", "name", "carries"),
    [
        (None, "header", "Authorization", False),
        (HEADER_KEY, "header", "X-Key", True),
        (HEADER_KEY, "header", "x_key", True),
        (HEADER_KEY, "header", "Authorization", False),
        (HEADER_KEY, "query", "X-Key", False),
        (QUERY_KEY, "query", "Api-Key", True),
        (COOKIE_KEY, "cookie", "key", True),
        (COOKIE_KEY, "cookie", "Key", False),
        (DIGEST, "header", "AUTHORIZATION", True),
        (TOKEN, "header", "authorization", True),
        (TOKEN, "body", "authorization", False),
    ],
)
def test_what_carries_the_proof_is_known_for_every_scheme(
    check: CallerCheck | None, place: str, name: str, carries: bool
) -> None:
    assert carries_proof(check, place, name) is carries


REST = """\
naftiko: 1.0.0-alpha3
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: https://api.test
    authentication: {api}
    resources:
    - path: /ships
      operations:
      - name: list
        method: GET
        inputParameters: [{{name: Authorization, in: header, type: string, required: {required}}}]
  exposes:
  - type: rest
    namespace: door
    authentication: {{type: bearer, token: t}}
    resources:
    - path: /ships
      operations: [{{method: GET, name: list, call: api.list}}]
"""


@pytest.mark.parametrize(
    ("api", "required", "codes"),
    [
        ("null", "true", ["proof-withheld"]),
        ("null", "false", []),
        ("{type: bearer, token: u}", "true", []),
    ],
)
def test_an_input_that_can_never_come_is_reported(
    tmp_path: Path, api: str, required: str, codes: list[str]
) -> None:
    file = tmp_path / "capability.yaml"
    file.write_text(REST.format(api=api, required=required))
    assert [one.code for one in load_capability(file).diagnostics] == codes
