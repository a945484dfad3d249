"""What callers of an adapter have to prove."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.callers import CallerCheck
from naftiko_runtime.plan.proofs import NamedSecret, SecretCheck
from tests.plan.units_building import Compiled, a_rest, an_api, an_mcp, read

BIND = "binds: [{keys: {KEY: KEY, USER: USER}}]"
VALUES = LoadOptions(environment={"KEY": "s3cret", "USER": "ada"})


def _expecting(
    scheme: str, place: str, name: str, expected: bytes, whose: str | None = None
) -> SecretCheck:
    return SecretCheck(scheme, place, name, (NamedSecret(whose, expected),))


def _expected(made: Compiled) -> list[bytes]:
    """Return the secrets that the only route's callers may bring."""
    assert isinstance(made.route.callers, SecretCheck)
    return [one.expected for one in made.route.callers.secrets]


def _guarded(folder: Path, proof: str, options: LoadOptions = VALUES) -> Compiled:
    adapters = (
        a_rest("{name: op, call: api.op}", adapter=f"authentication: {{{proof}}}"),
        an_mcp("{name: op, call: api.op}", f"authentication: {{{proof}}}"),
    )
    return read(folder, an_api("{name: op}"), ", ".join(adapters), BIND, options)


@pytest.mark.parametrize(
    ("proof", "check"),
    [
        (
            "type: bearer, token: '{{KEY}}'",
            _expecting("bearer", "header", "authorization", b"s3cret"),
        ),
        (
            "type: basic, username: '{{USER}}', password: '{{KEY}}'",
            _expecting("basic", "header", "authorization", b"ada:s3cret", "ada"),
        ),
        (
            "type: apikey, key: X-Key, value: '{{KEY}}'",
            _expecting("apikey", "header", "x-key", b"s3cret"),
        ),
        (
            "type: apikey, key: X-Key, value: '{{KEY}}', placement: elsewhere",
            _expecting("apikey", "header", "x-key", b"s3cret"),
        ),
        (
            "type: API-Key, value: 'pre-{{KEY}}'",
            _expecting("apikey", "header", "authorization", b"pre-s3cret"),
        ),
        (
            "type: apikey, key: Key, value: 12, placement: query",
            _expecting("apikey", "query", "Key", b"12"),
        ),
        (
            "type: apikey, key: Key, value: '{{KEY}}', placement: cookie",
            _expecting("apikey", "cookie", "Key", b"s3cret"),
        ),
    ],
)
def test_the_proof_is_read_at_load(tmp_path: Path, proof: str, check: CallerCheck) -> None:
    made = _guarded(tmp_path, proof)
    assert made.capability.rest[0].callers == check
    assert made.capability.mcp[0].callers == check
    assert made.route.callers == check
    assert not made.messages


@pytest.mark.parametrize("adapter", ["", "authentication: {type: none}"])
def test_without_authentication_anyone_may_call(tmp_path: Path, adapter: str) -> None:
    made = read(tmp_path, an_api("{name: op}"), a_rest("{name: op, call: api.op}", adapter=adapter))
    assert made.route.callers is None
    assert not made.messages


@pytest.mark.parametrize(
    "proof",
    [
        "type: bearer, token: '{{KEY}}'",
        "type: apikey, key: X-Key, value: '{{KEY}}'",
        "type: basic, username: ada, password: '{{KEY}}'",
        "type: basic, username: '{{KEY}}', password: x",
        "type: bearer, token: 'pre-{{KEY}}'",
    ],
)
def test_nobody_gets_in_where_the_secret_has_no_value(tmp_path: Path, proof: str) -> None:
    made = _guarded(tmp_path, proof, LoadOptions())
    assert _expected(made) == [b""]
    assert made.messages == [
        "warning variable-missing: the variable 'KEY' has no value; calls that need it will fail"
    ]


def test_nobody_gets_in_with_the_rest_of_a_secret_that_nothing_declares(tmp_path: Path) -> None:
    made = _guarded(tmp_path, "type: bearer, token: 'pre-{{TYPO}}'")
    assert _expected(made) == [b""]
    assert "variable-missing: the variable 'TYPO' has no value" in made.messages[-1]


@pytest.mark.parametrize(
    ("proof", "message"),
    [
        (
            "type: bearer, token: '{{rest.token}}'",
            "'token' can't be the input 'token': it is settled before any call",
        ),
        ("type: bearer", "'bearer' authentication needs 'token'"),
        ("type: apikey, key: X", "'apikey' authentication needs 'value'"),
        ("type: basic, username: ada", "'basic' authentication needs 'password'"),
        ("type: bearerr, token: x", "there is no authentication type 'bearerr'"),
        ("token: x", "authentication needs a 'type'"),
    ],
)
def test_a_proof_that_is_not_complete_stops_the_capability(
    tmp_path: Path, proof: str, message: str
) -> None:
    made = _guarded(tmp_path, proof)
    assert made.is_refused
    assert set(made.messages) == {f"error authentication-incomplete: {message}"}


def test_the_near_type_is_named(tmp_path: Path) -> None:
    assert _guarded(tmp_path, "type: bearerr").hints[0] == "did you mean 'bearer'?"


def test_all_types_are_named_where_none_is_near(tmp_path: Path) -> None:
    hint = _guarded(tmp_path, "type: kerberos").hints[0]
    assert hint == "the types are bearer, basic, digest, apikey, oauth2"
