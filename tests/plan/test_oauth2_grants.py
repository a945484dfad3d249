"""`oauth2` towards upstream: as which client tokens are asked for, settled at load."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from naftiko_runtime.errors import CredentialMissing
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.client_keys import fitting_algorithms
from naftiko_runtime.plan.grants import ClientKey, OAuth2Grant
from tests.plan.units_building import Compiled, one_call

BIND = "binds: [{keys: {KEY: KEY}}]"
CLIENT = "type: oauth2, tokenEndpoint: 'https://id.example/token', clientId: c"


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode().strip()


P256 = _pem(ec.generate_private_key(ec.SECP256R1()))


def _with(folder: Path, proof: str, **environment: str) -> Compiled:
    api = f"authentication: {{{proof}}}"
    options = LoadOptions(environment=environment)
    return one_call(folder, api=api, more=BIND, options=options)


def _grant(made: Compiled) -> OAuth2Grant:
    assert not made.messages
    grant = made.call.credentials.grant
    assert isinstance(grant, OAuth2Grant)
    return grant


@pytest.mark.parametrize(
    ("written", "proof"),
    [
        ("", "none"),
        ("clientSecret: x", "client_secret_basic"),
        ("clientSecret: x, tokenEndpointAuthMethod: client_secret_basic", "client_secret_basic"),
        ("clientSecret: x, tokenEndpointAuthMethod: CLIENT_SECRET_POST", "client_secret_post"),
        ("clientSecret: x, clientAuthentication: post", "client_secret_post"),
        ("clientSecret: x, clientAuthentication: basic", "client_secret_basic"),
        ("clientSecret: x, tokenEndpointAuthMethod: none", "none"),
        ("privateKey: '{{KEY}}'", "private_key_jwt"),
        ("privateKey: '{{KEY}}', tokenEndpointAuthMethod: private_key_jwt", "private_key_jwt"),
        ("privateKey: '{{KEY}}', clientSecret: x", "client_secret_basic"),
    ],
)
def test_a_client_proves_itself_by_what_it_has(tmp_path: Path, written: str, proof: str) -> None:
    grant = _grant(_with(tmp_path, f"{CLIENT}, {written}", KEY=P256))
    assert grant.proof == proof
    assert grant.client_secret == ("x" if proof.startswith("client_secret") else None)
    assert (grant.client_key is None) == (proof != "private_key_jwt")


@pytest.mark.parametrize(
    ("written", "key"),
    [("", ("ES256", None)), ("algorithms: ES256, keyId: k1", ("ES256", "k1"))],
)
def test_a_key_has_an_algorithm_that_fits(
    tmp_path: Path, written: str, key: tuple[str, str | None]
) -> None:
    made = _with(tmp_path, f"{CLIENT}, privateKey: '{{{{KEY}}}}', {written}", KEY=P256)
    assert _grant(made).client_key == ClientKey(P256, *key)


@pytest.mark.parametrize(
    ("pem", "algorithms"),
    [
        (P256, ("ES256",)),
        (_pem(ec.generate_private_key(ec.SECP384R1())), ("ES384",)),
        (_pem(ec.generate_private_key(ec.SECP224R1())), ()),
        (_pem(ed25519.Ed25519PrivateKey.generate()), ("EdDSA",)),
        (
            _pem(rsa.generate_private_key(65537, 2048)),
            ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
        ),
        (_pem(rsa.generate_private_key(65537, 1024)), ()),
        (
            x25519.X25519PrivateKey.generate()
            .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            .decode(),
            (),
        ),
        ("no key", ()),
    ],
)
def test_a_key_tells_which_signatures_it_can_make(pem: str, algorithms: tuple[str, ...]) -> None:
    assert fitting_algorithms(pem) == algorithms


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("privateKey: '{{KEY}}'", "value-invalid: 'privateKey' is no private key in PEM"),
        ("tokenEndpointAuthMethod: tls_client_auth", "'tokenEndpointAuthMethod' can't be"),
        ("tokenEndpointAuthMethod: client_secret_post", "'oauth2' authentication needs 'clientSec"),
        ("tokenEndpointAuthMethod: private_key_jwt", "'oauth2' authentication needs 'privateKey'"),
        ("grantType: authorization_code", "'grantType' can't be 'authorization_code'"),
        ("grantType: refresh_token", "'oauth2' authentication needs 'refreshToken'"),
        ("authorizationServerUri: id.example", "'authorizationServerUri' has to be a URL"),
        ("authorizationServerUri: 'https://id.example/#x'", "and no fragment"),
    ],
)
def test_what_can_not_work_is_an_error_that_shows_no_secret(
    tmp_path: Path, written: str, message: str
) -> None:
    made = _with(tmp_path, f"{CLIENT}, {written}", KEY="s3cret")
    assert made.is_refused
    assert len(made.messages) == 1
    assert message in made.messages[0]
    assert "s3cret" not in made.messages[0]


def test_an_algorithm_that_does_not_fit_the_key_is_an_error(tmp_path: Path) -> None:
    made = _with(tmp_path, f"{CLIENT}, privateKey: '{{{{KEY}}}}', algorithms: RS256", KEY=P256)
    assert made.messages == ["error value-invalid: 'algorithms' can't be 'RS256'"]
    assert made.hints == ["did you mean 'ES256'?"]


@pytest.mark.parametrize("key", ["clientSecret", "privateKey", "refreshToken", "audience"])
def test_a_variable_without_a_value_fails_the_call(tmp_path: Path, key: str) -> None:
    made = _with(tmp_path, f"{CLIENT}, {key}: '{{{{KEY}}}}'")
    with pytest.raises(CredentialMissing, match="the credential KEY for upstream has no value"):
        made.sends()


def test_a_known_grant_type_may_be_said(tmp_path: Path) -> None:
    written = f"{CLIENT}, grantType: refresh_token, refreshToken: r"
    assert _grant(_with(tmp_path, written)).refresh_token == "r"
