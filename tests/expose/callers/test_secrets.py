"""Bearer tokens, users and API keys: RFC 6750, RFC 7617, section 7 of the behaviour."""

from __future__ import annotations

import base64

import pytest

from naftiko_runtime.errors import NotAuthenticated
from naftiko_runtime.expose.callers import Admission, Callers
from naftiko_runtime.plan.proofs import NamedSecret, SecretCheck
from tests.expose.callers.requests import admitted, challenges, head, refused
from tests.upstreams import RecordingClient


def _admission(scheme: str, place: str, name: str, *secrets: tuple[str | None, bytes]) -> Admission:
    check = SecretCheck(scheme, place, name, tuple(NamedSecret(*one) for one in secrets))
    return Callers(RecordingClient()).admission(check)


BEARER = _admission("bearer", "header", "authorization", (None, b"token"))
BASIC = _admission("basic", "header", "authorization", ("ada", b"ada:s:ecret"))
HEADER_KEY = _admission("apikey", "header", "x-key", (None, b"key"))
QUERY_KEY = _admission("apikey", "query", "key", (None, b"k y"))
COOKIE_KEY = _admission("apikey", "cookie", "key", (None, b"key"))
NAMED = _admission("bearer", "header", "authorization", ("ci", b"one"), ("ops", b"two"))
VALUELESS = _admission("bearer", "header", "authorization", (None, b""), ("ci", b""))
PAIR = base64.b64encode(b"ada:s:ecret").decode()


@pytest.mark.parametrize(
    ("admission", "headers", "query", "name"),
    [
        (BEARER, {"Authorization": "Bearer token"}, "", None),
        (BEARER, {"Authorization": " bearer  token "}, "", None),
        (BASIC, {"Authorization": f"Basic {PAIR}"}, "", "ada"),
        (HEADER_KEY, {"X-Key": "key"}, "", None),
        (QUERY_KEY, {}, "?a=1&key=k%20y", None),
        (COOKIE_KEY, {"Cookie": "a=1; key=key"}, "", None),
        (NAMED, {"Authorization": "Bearer one"}, "", "ci"),
        (NAMED, {"Authorization": "Bearer two"}, "", "ops"),
    ],
)
async def test_the_right_proof_passes_and_tells_whose_it_is(
    admission: Admission, headers: dict[str, str], query: str, name: str | None
) -> None:
    scope = head(headers, f"/things{query}")
    assert (await admitted(admission, scope)).name == name
    assert (await admission.admit(scope)).name == name


@pytest.mark.parametrize(
    ("admission", "headers", "query"),
    [
        (BEARER, {}, ""),
        (BEARER, {"Authorization": "Bearer wrong"}, ""),
        (BEARER, {"Authorization": "Bearer "}, ""),
        (BEARER, {"Authorization": "Basic token"}, ""),
        (BASIC, {"Authorization": "Basic not-base64!"}, ""),
        (BASIC, {}, ""),
        (HEADER_KEY, {"X-Key": "Key"}, ""),
        (QUERY_KEY, {}, "?key="),
        (QUERY_KEY, {}, "?Key=k%20y"),
        (COOKIE_KEY, {"Cookie": "akey=key; key"}, ""),
        (COOKIE_KEY, {}, ""),
        (NAMED, {"Authorization": "Bearer onetwo"}, ""),
        (VALUELESS, {"Authorization": "Bearer "}, ""),
        (VALUELESS, {"Authorization": "Bearer"}, ""),
    ],
)
async def test_anything_else_does_not_pass(
    admission: Admission, headers: dict[str, str], query: str
) -> None:
    assert type(await refused(admission, head(headers, f"/things{query}"))) is NotAuthenticated


@pytest.mark.parametrize(
    ("admission", "challenge"),
    [
        (BEARER, 'Bearer realm="naftiko"'),
        (BASIC, 'Basic realm="naftiko", charset="UTF-8"'),
        (HEADER_KEY, 'ApiKey realm="naftiko"'),
    ],
)
async def test_the_challenge_names_the_scheme(admission: Admission, challenge: str) -> None:
    assert challenges(await refused(admission, head())) == [challenge]


async def test_a_wrong_token_is_called_so() -> None:
    error = await refused(BEARER, head({"Authorization": "Bearer wrong"}))
    (challenge,) = challenges(error)
    assert challenge.startswith('Bearer realm="naftiko", error="invalid_token", ')


def test_a_secret_is_not_in_the_text_of_a_plan() -> None:
    assert "hush" not in repr(SecretCheck("bearer", "header", "a", (NamedSecret("x", b"hush"),)))
