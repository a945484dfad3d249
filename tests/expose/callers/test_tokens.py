"""Access tokens that are checked by their signature: RFC 7519, 7517, 8414, 6750, 9068."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from naftiko_runtime.errors import CallerUnverifiable, NotAllowed, NotAuthenticated
from naftiko_runtime.expose.callers import Admission, Callers
from naftiko_runtime.expose.callers.attempts import FailedAttempts
from naftiko_runtime.plan.proofs import OAuth2Check
from tests.expose.callers.identity_server import (
    ISSUER,
    RESOURCE,
    IdentityServer,
    SigningKey,
    by_keys,
    signing_key,
)
from tests.expose.callers.requests import admitted, bearing, challenges, head, refused

METADATA = "https://api.test/.well-known/oauth-protected-resource/ships"
STRANGER = signing_key("key 1")
RSA = signing_key("rsa", "RS256")


@pytest.fixture
def server() -> IdentityServer:
    return IdentityServer()


def _admission(server: IdentityServer, check: OAuth2Check | None = None) -> Admission:
    return Callers(server, FailedAttempts(most=10_000)).admission(check or by_keys())


@pytest.mark.parametrize("algorithm", ["ES256", "ES384", "EdDSA", "RS256", "PS256"])
async def test_a_good_token_passes_and_tells_whose_it_is(
    server: IdentityServer, algorithm: str
) -> None:
    key = RSA if algorithm in ("RS256", "PS256") else signing_key("k", algorithm)
    server.keys = [SigningKey(key.kid, algorithm, key.private)]
    admission = _admission(server)
    for _ in range(3):
        assert (await admitted(admission, bearing(server.token()))).name == "ada"
    assert server.asked == {server.metadata_path: 1, "/keys": 1}


def _unsigned(server: IdentityServer) -> str:
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": RESOURCE, "exp": now + 60, "scope": "ships:read"}
    return jwt.encode(claims, "", "none", {"kid": server.keys[-1].kid})


def _signed_with_the_public_key(server: IdentityServer) -> str:
    """Sign by HMAC with what everybody knows, in the hope that it is taken for the secret."""
    claims = jwt.decode(server.token(), options={"verify_signature": False})
    parts = [{"alg": "HS256", "typ": "JWT", "kid": server.keys[-1].kid}, claims]
    signed = b".".join(_encoded(json.dumps(one).encode()) for one in parts)
    signature = hmac.digest(server.keys[-1].public_pem, signed, "sha256")
    return b".".join([signed, _encoded(signature)]).decode()


def _encoded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _altered(server: IdentityServer) -> str:
    head_part, claims, signature = server.token(sub="ada").split(".")
    other = server.token(sub="eve").split(".")[1]
    assert other != claims
    return f"{head_part}.{other}.{signature}"


def _with(**said: Any) -> Callable[[IdentityServer], str]:
    return lambda server: server.token(**said)


def _moments(**offsets: int) -> Callable[[IdentityServer], str]:
    def make(server: IdentityServer) -> str:
        claims: dict[str, Any] = {name: int(time.time()) + by for name, by in offsets.items()}
        return server.token(**claims)

    return make


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (_unsigned, "the token is signed in a way that is not accepted"),
        (_signed_with_the_public_key, "the token is signed in a way that is not accepted"),
        (_altered, "the token's signature is wrong"),
        (_with(key=STRANGER), "the token's signature is wrong"),
        (_with(head={"kid": "other"}), "the token is signed with a key that is not known"),
        (_with(iss="https://evil.test"), "the token is from another issuer"),
        (_with(iss=None), "the token lacks a claim that is needed"),
        (_with(aud="https://other.test"), "the token is for another audience"),
        (_with(aud=["https://other.test", f"{RESOURCE}/x"]), "the token is for another audience"),
        (_with(aud=None), "the token lacks a claim that is needed"),
        (_with(exp=None), "the token lacks a claim that is needed"),
        (_moments(exp=-61), "the token has expired"),
        (_moments(nbf=90), "the token is not valid yet"),
        (_moments(iat=90), "the token is not valid yet"),
        (_with(exp="soon"), "the token can't be read"),
        (_with(head={"typ": "logout+jwt"}), "the token is no access token"),
        (_with(head={"crit": ["x"], "x": 1}), "the token can't be read"),
        (_with(cnf={"jkt": "x"}), "the token is bound to a key, and can't be sent alone"),
    ],
)
async def test_a_token_that_is_not_right_is_refused_with_the_reason(
    server: IdentityServer, make: Callable[[IdentityServer], str], reason: str
) -> None:
    error = await refused(_admission(server), bearing(make(server)))
    assert isinstance(error, NotAuthenticated)
    assert challenges(error) == [
        f'Bearer realm="naftiko", error="invalid_token", error_description="{reason}", '
        f'scope="ships:read", resource_metadata="{METADATA}"'
    ]


@pytest.mark.parametrize(
    "make",
    [
        _moments(exp=-55),
        _moments(nbf=50),
        _with(iss=f"{ISSUER}/"),
        _with(aud=["x", f"{RESOURCE}/"]),
    ],
)
async def test_clocks_may_differ_by_a_minute_and_names_by_a_slash(
    server: IdentityServer, make: Callable[[IdentityServer], str]
) -> None:
    assert await admitted(_admission(server), bearing(make(server)))


NESTED = base64.urlsafe_b64encode(b"[" * 9000).decode()


@pytest.mark.parametrize(
    "token",
    [
        "x", "a.b.c", "..", "é", "a b", "a,b", "\x7f", "=", "....",
        f"{NESTED}.{NESTED}.AA", "e30.e30.AA", "W10.e30.AA", "bnVsbA.e30.AA",
        "eyJhbGciOiJFUzI1NiIsImtpZCI6MX0.e30.AA", "eyJhbGciOlsiRVMyNTYiXX0.e30.AA",
    ],
)  # fmt: skip
async def test_garbage_is_refused_before_anybody_is_asked(
    server: IdentityServer, token: str
) -> None:
    error = await refused(_admission(server), bearing(token))
    assert 'error="invalid_token"' in challenges(error)[0]
    assert not server.asked


async def test_an_oversized_token_is_not_even_read(server: IdentityServer) -> None:
    error = await refused(_admission(server), bearing(server.token(pad="x" * 17_000)))
    assert "the token is too long" in challenges(error)[0]
    assert not server.asked


async def test_deeply_nested_claims_are_no_more_than_garbage(server: IdentityServer) -> None:
    token = jwt.api_jws.encode(
        b"[" * 9000, server.keys[-1].private, "ES256", {"kid": server.keys[-1].kid}
    )
    error = await refused(_admission(server), bearing(token))
    assert isinstance(error, NotAuthenticated)


async def test_the_server_may_be_written_with_a_slash_at_its_end(server: IdentityServer) -> None:
    admission = _admission(server, by_keys(server=f"{ISSUER}/"))
    assert await admitted(admission, bearing(server.token()))
    assert await admitted(admission, bearing(server.token(iss=f"{ISSUER}/")))


@pytest.mark.parametrize("sent", [{}, {"Authorization": "Basic eDp5"}])
async def test_without_a_token_the_challenge_tells_what_to_bring(
    server: IdentityServer, sent: dict[str, str]
) -> None:
    error = await refused(_admission(server), head(sent))
    assert challenges(error) == [
        f'Bearer realm="naftiko", scope="ships:read", resource_metadata="{METADATA}"'
    ]


async def test_a_token_in_the_query_is_none(server: IdentityServer) -> None:
    scope = head(target=f"/things?access_token={server.token()}")
    assert "error" not in challenges(await refused(_admission(server), scope))[0]


@pytest.mark.parametrize(
    "claims",
    [
        {"scope": "ships:read"},
        {"scope": "other ships:read"},
        {"scope": ["ships:read"]},
        {"scope": None, "scp": "ships:read x"},
        {"scope": "x", "scp": ["ships:read"]},
    ],
)
async def test_scopes_are_texts_or_lists(server: IdentityServer, claims: dict[str, Any]) -> None:
    assert await admitted(_admission(server), bearing(server.token(**claims)))


@pytest.mark.parametrize(
    "claims", [{"scope": None}, {"scope": "ships"}, {"scope": 7}, {"scope": [["ships:read"]]}]
)
async def test_a_missing_scope_is_a_403_that_says_which_are_needed(
    server: IdentityServer, claims: dict[str, Any]
) -> None:
    check = by_keys(scopes=("ships:read", "ships:sail"))
    error = await refused(_admission(server, check), bearing(server.token(**claims)))
    assert isinstance(error, NotAllowed)
    (challenge,) = challenges(error)
    assert 'error="insufficient_scope"' in challenge
    assert 'scope="ships:read ships:sail"' in challenge


async def test_who_lacks_a_scope_is_logged_by_name(
    server: IdentityServer, caplog: pytest.LogCaptureFixture
) -> None:
    token = server.token(scope="x", sub="s" * 300)
    with caplog.at_level("INFO"):
        await refused(_admission(server), bearing(token))
    (record,) = caplog.records
    assert vars(record)["fields"]["caller"] == "s" * 128


async def test_a_client_has_no_subject(server: IdentityServer) -> None:
    caller = await admitted(_admission(server), bearing(server.token(sub=None, client_id="app")))
    nobody = await admitted(_admission(server), bearing(server.token(sub=None)))
    assert (caller.name, nobody.name) == ("app", None)


async def test_algorithms_are_pinned(server: IdentityServer) -> None:
    admission = _admission(server, by_keys(algorithms=("RS256",)))
    error = await refused(admission, bearing(server.token()))
    assert "in a way that is not accepted" in challenges(error)[0]


@pytest.mark.parametrize(
    "published",
    [
        [{"kty": "oct", "k": "AAAA", "kid": "key 1"}],
        [{"kty": "oct", "k": "AAAA", "kid": "key 1", "alg": "ES256"}],
        [{"kty": "EC", "crv": "P-256", "kid": "key 1", "x": "AA", "y": "AA"}],
        [{"kty": "EC", "crv": "P-256", "kid": "key 1"}],
        ["key 1", None],
        [signing_key("key 1").jwk(use="enc")],
        [signing_key("key 1").jwk(alg="ES384")],
        [signing_key("key 1").jwk(d="AAAA")],
        [signing_key("key 1").jwk(crv="P-999")],
    ],
)
async def test_keys_that_are_for_something_else_are_not_used(
    server: IdentityServer, published: list[Any]
) -> None:
    server.published = published
    error = await refused(_admission(server), bearing(server.token()))
    assert "a key that is not known" in challenges(error)[0]


async def test_a_weak_key_is_not_used(server: IdentityServer) -> None:
    weak = SigningKey("weak", "RS256", rsa.generate_private_key(65537, 1024))
    server.keys = [weak]
    with pytest.warns(match="below the minimum"):
        token = server.token()
    error = await refused(_admission(server), bearing(token))
    assert "a key that is not known" in challenges(error)[0]


async def test_a_token_that_names_no_key_is_checked_with_all_that_fit(
    server: IdentityServer,
) -> None:
    server.keys = [RSA, signing_key("a"), signing_key("b"), signing_key("c", "ES384")]
    claims = {"iss": ISSUER, "aud": RESOURCE, "exp": time.time() + 60, "scope": "ships:read"}
    admission = _admission(server)
    for key in server.keys[1:]:
        assert await admitted(admission, bearing(jwt.encode(claims, key.private, key.algorithm)))
    token = jwt.encode(claims, STRANGER.private, STRANGER.algorithm)
    error = await refused(admission, bearing(token))
    assert "the token's signature is wrong" in challenges(error)[0]


@pytest.mark.parametrize("check", [by_keys(server=""), by_keys(audience="", resource=None)])
async def test_nobody_gets_in_where_a_variable_has_no_value(
    server: IdentityServer, check: OAuth2Check
) -> None:
    error = await refused(_admission(server, check), bearing(server.token()))
    assert isinstance(error, CallerUnverifiable)
    assert not server.asked


async def test_a_resource_that_is_no_url_is_not_described(server: IdentityServer) -> None:
    check = by_keys(resource="urn:ships", audience="urn:ships", scopes=())
    assert challenges(await refused(_admission(server, check), head())) == [
        'Bearer realm="naftiko"'
    ]
    assert await admitted(_admission(server, check), bearing(server.token(aud="urn:ships")))
