"""Credentials towards upstream: section 5 of the behaviour."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest

from naftiko_runtime.errors import CredentialMissing
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.grants import DigestSecret, OAuth2Grant
from tests.plan.units_building import Compiled, a_rest, an_api, call_of, one_call, read

BIND = "binds: [{keys: {KEY: KEY, USER: USER}}]"
VALUES = LoadOptions(environment={"KEY": "s3cret", "USER": "ada"})
BASIC = f"Basic {b64encode(b'ada:s3cret').decode()}"


def _with(folder: Path, proof: str, options: LoadOptions = VALUES, consumed: str = "") -> Compiled:
    api = f"authentication: {{{proof}}}"
    return one_call(folder, consumed, api=api, more=BIND, options=options)


@pytest.mark.parametrize(
    ("proof", "header"),
    [
        ("type: bearer, token: '{{KEY}}'", "Bearer s3cret"),
        ("type: Bearer, token: ' {{KEY}} '", "Bearer s3cret"),
        ("type: bearer, token: 'Bearer {{KEY}}'", "Bearer s3cret"),
        ("type: bearer, token: 'bearer {{KEY}}'", "bearer s3cret"),
        ("type: bearer, value: '{{KEY}}'", "Bearer s3cret"),
        ("type: basic, username: '{{USER}}', password: '{{KEY}}'", BASIC),
        ("type: apikey, value: '{{KEY}}'", "s3cret"),
        ("type: apikey, token: '{{KEY}}'", "s3cret"),
        ("type: api-key, key: Authorization, value: 'Key {{KEY}}'", "Key s3cret"),
        ("type: API_KEY, name: authorization, in: header, value: 12", "12"),
        ("headers: {Authorization: 'Key {{KEY}}'}", "Key s3cret"),
        ("type: bearer, headers: {Authorization: 'Token {{KEY}}'}", "Token s3cret"),
        ("type: bearer, token: x, headers: {Authorization: 'Token {{KEY}}'}", "Token s3cret"),
    ],
)
def test_a_proof_in_a_header_is_written_at_load(tmp_path: Path, proof: str, header: str) -> None:
    made = _with(tmp_path, proof)
    assert not made.messages
    assert made.header("authorization") == header


@pytest.mark.parametrize("api", ["", "authentication: {type: none}"])
def test_without_authentication_nothing_is_added(tmp_path: Path, api: str) -> None:
    names = [name for name, _ in one_call(tmp_path, api=api).sends().headers]
    assert names == [b"accept", b"user-agent", b"accept-encoding"]


@pytest.mark.parametrize("type_", ["type: bearer, token: '{{KEY}}'", "type: apikey, value: s3cret"])
def test_extra_headers_are_sent_besides_the_proof(tmp_path: Path, type_: str) -> None:
    made = _with(tmp_path, f"{type_}, headers: {{X-Account: '{{{{USER}}}}', X-Number: 5}}")
    assert (made.header("x-account"), made.header("x-number")) == ("ada", "5")
    assert (made.header("authorization") or "").endswith("s3cret")


def test_an_api_key_of_headers_alone_adds_nothing_else(tmp_path: Path) -> None:
    made = _with(tmp_path, "type: apikey, headers: {X-Key: '{{KEY}}'}")
    assert made.header("x-key") == "s3cret"
    assert made.header("authorization") is None


def test_a_key_in_the_query_is_encoded(tmp_path: Path) -> None:
    proof = "type: apikey, key: api key, value: 'a&b={{KEY}}', placement: Query"
    assert _with(tmp_path, proof).target() == "/v1/things?api%20key=a%26b%3Ds3cret"


def test_a_key_in_a_cookie_is_sent_as_it_is(tmp_path: Path) -> None:
    made = _with(tmp_path, "type: apikey, key: sid, value: '{{KEY}}', placement: cookie")
    assert made.header("cookie") == "sid=s3cret"


def test_digest_keeps_user_and_password_for_challenges(tmp_path: Path) -> None:
    made = _with(tmp_path, "type: digest, username: '{{USER}}', password: '{{KEY}}'")
    assert made.call.credentials.grant == DigestSecret("ada", "s3cret")
    assert made.header("authorization") is None


def test_oauth2_keeps_how_a_token_is_asked_for(tmp_path: Path) -> None:
    made = _with(
        tmp_path,
        "type: OAuth2, tokenEndpoint: 'https://id.example/token', clientId: '{{USER}}',"
        "clientSecret: '{{KEY}}', scopes: [read write, '{{USER}}'], audience: a, resource: r,"
        "refreshToken: '{{KEY}}', tokenEndpointAuthMethod: client_secret_post",
    )
    assert not made.messages
    assert made.call.credentials.grant == OAuth2Grant(
        token_endpoint="https://id.example/token",
        server=None,
        client_id="ada",
        client_secret="s3cret",
        proof="client_secret_post",
        scopes=("read", "write", "ada"),
        audience="a",
        resource="r",
        refresh_token="s3cret",
    )


def test_oauth2_of_a_public_client_needs_only_its_server(tmp_path: Path) -> None:
    made = _with(
        tmp_path, "type: oauth2, authorizationServerUri: 'https://id.example', clientId: c"
    )
    assert made.call.credentials.grant == OAuth2Grant(None, "https://id.example", "c")


@pytest.mark.parametrize(
    ("proof", "message"),
    [
        ("type: bearer", "'bearer' authentication needs 'token'"),
        ("type: basic, password: x", "'basic' authentication needs 'username'"),
        ("type: digest, username: x", "'digest' authentication needs 'password'"),
        ("type: apikey, key: X-Key", "'apikey' authentication needs 'value'"),
        ("type: oauth2, tokenEndpoint: 'https://x.example'", "needs 'clientId'"),
        ("type: oauth2, clientId: x", "needs 'tokenEndpoint' or 'authorizationServerUri'"),
        ("type: saml", "there is no authentication type 'saml'"),
        ("token: x", "authentication needs a 'type'"),
        (
            "type: bearer, token: '{{rest.token}}'",
            "'token' can't be the input 'token': it is settled before any call",
        ),
    ],
)
def test_a_proof_that_is_not_complete_stops_the_capability(
    tmp_path: Path, proof: str, message: str
) -> None:
    made = _with(tmp_path, proof)
    assert made.is_refused
    assert len(made.messages) == 1
    assert made.messages[0].startswith("error authentication-incomplete: ")
    assert made.messages[0].endswith(message)


def test_a_near_type_is_named(tmp_path: Path) -> None:
    assert _with(tmp_path, "type: aouth2").hints == ["did you mean 'oauth2'?"]


@pytest.mark.parametrize(
    "proof",
    [
        "type: bearer, token: 'pre-{{KEY}}'",
        "type: bearer, token: '{{UNBOUND}}-{{KEY}}'",
        "type: apikey, value: '{{KEY}}', placement: query, key: k",
        "type: basic, username: '{{KEY}}', password: '{{KEY}}'",
        "headers: {X-Key: '{{KEY}}'}",
    ],
)
def test_a_proof_without_a_value_fails_the_call_and_names_the_variable(
    tmp_path: Path, proof: str
) -> None:
    made = _with(tmp_path, proof, LoadOptions())
    assert any("variable-missing: the variable 'KEY' has no value" in m for m in made.messages)
    with pytest.raises(CredentialMissing, match="set the environment variable KEY"):
        made.sends()


def test_a_name_that_nothing_declares_is_looked_up_in_the_environment(tmp_path: Path) -> None:
    options = LoadOptions(environment={"TOKEN": "t"})
    made = _with(tmp_path, "type: bearer, token: '{{TOKEN}}'", options)
    assert made.header("authorization") == "Bearer t"
    assert made.messages[0].startswith("warning variable-unbound: '{{TOKEN}}' is no bound variable")


def test_the_innermost_authentication_counts(tmp_path: Path) -> None:
    def proof(token: str) -> str:
        return f"authentication: {{type: bearer, token: {token}}}"

    outer = f"{{path: /a, operations: [{{name: a}}, {{name: b, {proof('operation')}}}]}}"
    inner = f"{{path: /c, {proof('resource')}, operations: [{{name: c}}]}}"
    api = f"{{namespace: api, baseUri: 'http://up.example', {proof('api')}, "
    keyed = [f"{{path: /{name}, operations: [{{name: {name}}}]}}" for name in "abc"]
    made = read(
        tmp_path,
        f"{api}resources: [{outer}, {inner}]}}",
        f"{{type: rest, namespace: face, resources: [{', '.join(keyed)}]}}",
    )
    tokens = [dict(call_of(route.operation).credentials.headers) for route in made.routes]
    assert [one[b"authorization"] for one in tokens] == [
        b"Bearer api",
        b"Bearer operation",
        b"Bearer resource",
    ]


def test_a_broken_authentication_is_reported_once_for_all_it_covers(tmp_path: Path) -> None:
    api = an_api("{name: a}, {name: b}", api="authentication: {type: bearer}")
    made = read(tmp_path, api, a_rest("{name: a}, {name: b, method: PUT}"))
    assert [one for one in made.messages if one.startswith("error")] == [
        "error authentication-incomplete: 'bearer' authentication needs 'token'"
    ]


@pytest.mark.parametrize(
    ("proof", "given"),
    [
        ("type: bearer, token: x", "{name: authorization, in: header, required: true}"),
        ("type: digest, username: x, password: y", "{name: Authorization, in: header}"),
        (
            "type: oauth2, clientId: x, tokenEndpoint: 'https://u.example'",
            "{name: Authorization, in: header}",
        ),
        ("type: apikey, key: X-Key, value: x", "{name: x-key, in: header, required: true}"),
        ("type: apikey, key: Key, value: x, placement: query", "{name: key, required: true}"),
        ("type: apikey, key: k, value: x, placement: cookie", "{name: k, in: cookie}"),
        ("type: bearer, token: x, headers: {X-Org: o}", "{name: X-Org, in: header}"),
    ],
)
def test_an_input_that_only_carries_the_proof_is_optional_and_hidden_from_models(
    tmp_path: Path, proof: str, given: str
) -> None:
    made = _with(tmp_path, proof, consumed=f"inputParameters: [{given}]")
    (one,) = made.inputs.values()
    assert (one.hidden, one.required) == (True, False)
    assert made.tool.input_schema == {
        "type": "object",
        "properties": {},
        "additionalProperties": False,
    }


@pytest.mark.parametrize("given", ["{name: key, in: header}", "{name: other, in: query}"])
def test_an_input_that_carries_something_else_is_shown(tmp_path: Path, given: str) -> None:
    proof = "type: apikey, key: key, value: x, placement: query"
    made = _with(tmp_path, proof, consumed=f"inputParameters: [{given}]")
    assert [one.hidden for one in made.inputs.values()] == [False]


@pytest.mark.parametrize(
    "proof",
    [
        "type: bearer, token: '{{KEY}}'",
        "type: apikey, key: X-Key, value: '{{KEY}}'",
        "type: apikey, key: sid, value: '{{KEY}}', placement: cookie",
        "headers: {X-Key: '{{KEY}}'}",
    ],
)
@pytest.mark.parametrize("secret", ["a\r\nX-Evil: 1", "a\nb", "a\0b", "a\x7fb"])
def test_a_proof_that_would_split_a_header_is_an_error_that_does_not_show_it(
    tmp_path: Path, proof: str, secret: str
) -> None:
    made = _with(tmp_path, proof, LoadOptions(environment={"KEY": secret}))
    assert made.is_refused
    (message,) = made.messages
    assert message.startswith("error value-invalid: the credential can't be sent in the ")
    assert secret not in message


@pytest.mark.parametrize(
    "proof",
    [
        "type: apikey, key: sid, value: 'a; admin=1', placement: cookie",
        "type: apikey, key: 's id', value: a, placement: cookie",
        "type: apikey, key: 'X Key', value: a",
        "type: apikey, key: Host, value: evil.example",
        "headers: {Content-Length: 0}",
    ],
)
def test_a_proof_at_a_place_where_it_can_not_stand_is_an_error(tmp_path: Path, proof: str) -> None:
    assert _with(tmp_path, proof).is_refused


def test_basic_takes_users_and_passwords_in_any_script(tmp_path: Path) -> None:
    made = _with(tmp_path, "type: basic, username: 'Jäsøn', password: 'láska: ü'")
    assert made.header("authorization") == f"Basic {b64encode('Jäsøn:láska: ü'.encode()).decode()}"
