"""Callers' authentication: section 7 of the behaviour, RFC 9110, RFC 6750, RFC 7617."""

from __future__ import annotations

import base64

import pytest

from naftiko_runtime.errors import NotAuthenticated
from naftiko_runtime.expose.callers import challenge, check_caller
from naftiko_runtime.plan.callers import CallerCheck

_BEARER = CallerCheck("bearer", "header", "authorization", b"token")
_BASIC = CallerCheck("basic", "header", "authorization", b"ada:secret")
_HEADER_KEY = CallerCheck("apikey", "header", "x-key", b"key")
_QUERY_KEY = CallerCheck("apikey", "query", "key", b"k y")
_COOKIE_KEY = CallerCheck("apikey", "cookie", "key", b"key")
_PAIR = base64.b64encode(b"ada:secret")


@pytest.mark.parametrize(
    ("check", "headers", "query"),
    [
        (_BEARER, [(b"authorization", b"Bearer token")], b""),
        (_BEARER, [(b"authorization", b"bearer  token ")], b""),
        (_BASIC, [(b"authorization", b"Basic " + _PAIR)], b""),
        (_HEADER_KEY, [(b"x-key", b"key")], b""),
        (_QUERY_KEY, [], b"a=1&key=k%20y"),
        (_COOKIE_KEY, [(b"cookie", b"a=1; key=key")], b""),
    ],
    ids=["bearer", "bearer in any spelling", "basic", "header", "query", "cookie"],
)
def test_the_right_proof_passes(
    check: CallerCheck, headers: list[tuple[bytes, bytes]], query: bytes
) -> None:
    check_caller(check, headers, query)


@pytest.mark.parametrize(
    ("check", "headers", "query"),
    [
        (_BEARER, [], b""),
        (_BEARER, [(b"authorization", b"Bearer wrong")], b""),
        (_BEARER, [(b"authorization", b"Basic token")], b""),
        (_BEARER, [(b"authorization", b"Bearer ")], b""),
        (_BASIC, [(b"authorization", b"Basic not-base64!")], b""),
        (_HEADER_KEY, [(b"x-key", b"Key")], b""),
        (_QUERY_KEY, [], b"key="),
        (_COOKIE_KEY, [(b"cookie", b"akey=key")], b""),
        (
            CallerCheck("bearer", "header", "authorization", b""),
            [(b"authorization", b"Bearer ")],
            b"",
        ),
        (CallerCheck("apikey", "query", "key", b""), [], b"key="),
    ],
    ids=[
        "nothing",
        "wrong token",
        "wrong scheme",
        "no token",
        "no base64",
        "wrong case",
        "empty key",
        "another cookie",
        "no secret configured, none sent",
        "no secret configured, empty one sent",
    ],
)
def test_anything_else_does_not_pass(
    check: CallerCheck, headers: list[tuple[bytes, bytes]], query: bytes
) -> None:
    with pytest.raises(NotAuthenticated):
        check_caller(check, headers, query)


def test_the_challenge_names_the_scheme() -> None:
    assert challenge(_BEARER) == b'Bearer realm="naftiko"'
    assert challenge(_BASIC) == b'Basic realm="naftiko"'
    assert challenge(_HEADER_KEY) == b'ApiKey realm="naftiko"'
