"""Digest: RFC 7616, with its own example of section 3.9.1."""

from __future__ import annotations

import pytest

from naftiko_runtime.execute.credentials.digest import Challenge, DigestSession, read_challenge
from naftiko_runtime.plan.grants import DigestSecret

_SECRET = DigestSecret("Mufasa", "Circle of Life")
_NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
_CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
_OPAQUE = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"


def _challenge(**parameters: str) -> Challenge:
    return Challenge({"realm": "http-auth@example.org", "nonce": _NONCE, **parameters})


def _response(challenge: Challenge) -> str:
    challenge.cnonce = _CNONCE
    session = DigestSession(_SECRET, challenge)
    value = session.authorization("GET", b"/dir/index.html")
    assert value is not None
    return value.decode()


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_example_of_the_rfc(algorithm: str, response: str) -> None:
    challenge = _challenge(algorithm=algorithm, qop="auth, auth-int", opaque=_OPAQUE)
    got = _response(challenge)
    assert f'response="{response}"' in got
    assert f"algorithm={algorithm}" in got
    assert "qop=auth, nc=00000001" in got
    assert f'opaque="{_OPAQUE}"' in got


def test_a_nonce_is_used_again_with_a_higher_count() -> None:
    challenge = _challenge(qop="auth")
    assert "nc=00000001" in _response(challenge)
    assert "nc=00000002" in _response(challenge)


def test_without_quality_of_protection_the_older_form_is_used() -> None:
    got = _response(_challenge())
    assert "qop" not in got
    assert "cnonce" not in got


def test_a_session_algorithm_binds_the_secret_to_the_nonce() -> None:
    with_session = _response(_challenge(algorithm="MD5-sess", qop="auth"))
    without = _response(_challenge(algorithm="MD5", qop="auth"))
    assert with_session.split('response="')[1] != without.split('response="')[1]
    assert "algorithm=MD5-sess" in with_session


def test_before_a_challenge_there_is_nothing_to_send() -> None:
    assert DigestSession(_SECRET).authorization("GET", b"/") is None


def test_the_strongest_answerable_challenge_is_taken() -> None:
    headers = (
        (b"www-authenticate", b'Basic realm="x"'),
        (b"www-authenticate", b'Digest realm="x", nonce="1", algorithm=MD5, qop="auth"'),
        (b"www-authenticate", b'digest realm="x", nonce="2", algorithm=SHA-256, qop="auth"'),
        (b"www-authenticate", b'Digest realm="x", nonce="3", algorithm=WHIRLPOOL'),
        (b"www-authenticate", b'Digest realm="x", nonce="4", algorithm=SHA-256, qop="auth-int"'),
    )
    challenge = read_challenge(headers)
    assert challenge is not None
    assert challenge.parameters["nonce"] == "2"


def test_no_answerable_challenge_is_none() -> None:
    assert read_challenge(((b"www-authenticate", b"Digest nothing"),)) is None


def test_quotes_in_a_name_are_escaped() -> None:
    session = DigestSession(DigestSecret('a"b\\c', "p"), _challenge())
    value = session.authorization("GET", b"/")
    assert value is not None
    assert value.startswith(b'Digest username="a\\"b\\\\c"')
