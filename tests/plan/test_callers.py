"""What callers of an adapter have to prove."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.callers import CallerCheck
from tests.plan.units_building import Compiled, a_rest, an_api, an_mcp, read

BIND = "binds: [{keys: {KEY: KEY, USER: USER}}]"
VALUES = LoadOptions(environment={"KEY": "s3cret", "USER": "ada"})


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
            CallerCheck("bearer", "header", "authorization", b"s3cret"),
        ),
        (
            "type: basic, username: '{{USER}}', password: '{{KEY}}'",
            CallerCheck("basic", "header", "authorization", b"ada:s3cret"),
        ),
        (
            "type: apikey, key: X-Key, value: '{{KEY}}'",
            CallerCheck("apikey", "header", "x-key", b"s3cret"),
        ),
        (
            "type: apikey, key: X-Key, value: '{{KEY}}', placement: elsewhere",
            CallerCheck("apikey", "header", "x-key", b"s3cret"),
        ),
        (
            "type: API-Key, value: 'pre-{{KEY}}'",
            CallerCheck("apikey", "header", "authorization", b"pre-s3cret"),
        ),
        (
            "type: apikey, key: Key, value: 12, placement: query",
            CallerCheck("apikey", "query", "Key", b"12"),
        ),
        (
            "type: apikey, key: Key, value: '{{KEY}}', placement: cookie",
            CallerCheck("apikey", "cookie", "Key", b"s3cret"),
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
    assert made.route.callers is not None
    assert made.route.callers.expected == b""
    assert made.messages == [
        "warning variable-missing: the variable 'KEY' has no value; calls that need it will fail"
    ]


def test_nobody_gets_in_with_the_rest_of_a_secret_that_nothing_declares(tmp_path: Path) -> None:
    made = _guarded(tmp_path, "type: bearer, token: 'pre-{{TYPO}}'")
    assert made.route.callers is not None
    assert made.route.callers.expected == b""
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


@pytest.mark.parametrize("kind", ["digest", "oauth2"])
def test_a_proof_that_can_not_be_checked_is_never_left_out(tmp_path: Path, kind: str) -> None:
    made = _guarded(tmp_path, f"type: {kind}")
    assert made.is_refused
    assert made.messages == [
        f"error not-yet-supported: '{name}' asks its callers for {kind}, which is not supported yet"
        for name in ("face", "agent")
    ]
