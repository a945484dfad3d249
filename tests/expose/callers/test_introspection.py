"""Tokens that their issuer is asked about, RFC 7662."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from typing import Any

import pytest

from naftiko_runtime.errors import CallerUnverifiable, NotAllowed, NotAuthenticated
from naftiko_runtime.expose.callers import Admission, Callers, introspection
from naftiko_runtime.expose.callers.attempts import FailedAttempts
from naftiko_runtime.expose.callers.introspection import IntrospectionJudge
from naftiko_runtime.plan.proofs import Introspection, OAuth2Check
from tests.expose.callers.identity_server import CLIENT, IdentityServer, ManualClock, by_asking
from tests.expose.callers.requests import admitted, bearing, challenges, refused


@dataclass(frozen=True)
class Moment:
    """So many seconds from now, whenever that is."""

    seconds: int


def _now(claims: dict[str, Any]) -> dict[str, Any]:
    return {
        name: time.time() + value.seconds if isinstance(value, Moment) else value
        for name, value in claims.items()
    }


@pytest.fixture
def server() -> IdentityServer:
    return IdentityServer()


def _admission(server: IdentityServer, check: OAuth2Check | None = None) -> Admission:
    return Callers(server, FailedAttempts(most=10_000)).admission(check or by_asking())


async def test_an_active_token_passes_and_is_asked_about_once(server: IdentityServer) -> None:
    admission = _admission(server)
    token = server.opaque("opaque")
    for _ in range(3):
        assert (await admitted(admission, bearing(token))).name == "ada"
    assert server.asked["/introspect"] == 1


async def test_verdicts_are_kept_for_a_short_while_only(server: IdentityServer) -> None:
    clock = ManualClock()
    how = Introspection("https://login.test/introspect", *CLIENT)
    judge = IntrospectionJudge(by_asking(), how, server, clock)
    await judge.ask(server.opaque("opaque"))
    assert judge.judge("opaque") is not None
    clock.now += 30
    assert judge.judge("opaque") is None


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"active": False}, "the token is not active"),
        ({"iss": "https://evil.test"}, "the token is from another issuer"),
        ({"aud": "https://other.test"}, "the token is for another audience"),
        ({"aud": None}, "the token is for another audience"),
        ({"exp": Moment(-61)}, "the token has expired"),
        ({"exp": True}, "the token's 'exp' can't be read"),
        ({"exp": "soon"}, "the token's 'exp' can't be read"),
        ({"nbf": Moment(600)}, "the token is not valid yet"),
        ({"token_type": "DPoP"}, "the token can't be sent alone"),
        ({"cnf": {"jkt": "x"}}, "the token is bound to a key, and can't be sent alone"),
    ],
)
async def test_what_the_issuer_says_has_to_fit(
    server: IdentityServer, claims: dict[str, Any], reason: str
) -> None:
    token = server.opaque("opaque", **_now(claims))
    error = await refused(_admission(server), bearing(token))
    assert isinstance(error, NotAuthenticated)
    assert f'error="invalid_token", error_description="{reason}"' in challenges(error)[0]


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": None, "exp": Moment(-50), "nbf": Moment(50)},
        {"aud": ["x", "https://api.test/ships/"], "token_type": "bearer"},
    ],
)
async def test_what_the_issuer_may_leave_out_is_not_held_against_a_token(
    server: IdentityServer, claims: dict[str, Any]
) -> None:
    assert await admitted(_admission(server), bearing(server.opaque("opaque", **_now(claims))))


async def test_a_token_that_expires_while_it_is_kept_does_not_pass(
    server: IdentityServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    admission = _admission(server)
    token = server.opaque("opaque", exp=time.time())
    assert await admitted(admission, bearing(token))
    later = time.time() + 100
    monkeypatch.setattr(time, "time", lambda: later)
    assert "has expired" in challenges(await refused(admission, bearing(token)))[0]
    assert server.asked["/introspect"] == 1


async def test_unknown_tokens_are_remembered_as_such(server: IdentityServer) -> None:
    admission = _admission(server)
    for _ in range(3):
        await refused(admission, bearing("made-up"))
    assert server.asked["/introspect"] == 1


async def test_the_memory_is_bounded(
    server: IdentityServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(introspection, "MOST_KEPT", 2)
    admission = _admission(server)
    for token in ("a", "b", "c", "b", "a"):
        await refused(admission, bearing(token))
    assert server.asked["/introspect"] == 4


async def test_calls_that_wait_for_one_token_ask_once_each_turn(server: IdentityServer) -> None:
    admission = _admission(server)
    token = server.opaque("opaque")
    callers = await asyncio.gather(*(admitted(admission, bearing(token)) for _ in range(50)))
    assert {caller.name for caller in callers} == {"ada"}
    assert server.asked["/introspect"] <= introspection.AT_ONCE


async def test_a_missing_scope_is_a_403(server: IdentityServer) -> None:
    token = server.opaque("opaque", scope=None, scp=["other"])
    assert isinstance(await refused(_admission(server), bearing(token)), NotAllowed)


@pytest.mark.parametrize(
    "how",
    [
        Introspection(None, "resource server", "wrong"),
        Introspection(None, None, None),
        Introspection("https://login.test/nowhere", *CLIENT),
        Introspection(None, *CLIENT, in_body=True),
        Introspection(None, "public", None),
    ],
)
async def test_an_issuer_that_does_not_answer_lets_nobody_in(
    server: IdentityServer, how: Introspection
) -> None:
    check = replace(by_asking(), introspection=how)
    error = await refused(_admission(server, check), bearing(server.opaque("opaque")))
    assert isinstance(error, CallerUnverifiable)
    assert (b"retry-after", b"5") in error.headers


async def test_an_issuer_that_is_away_is_told_apart_from_a_bad_token(
    server: IdentityServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.is_down = True
    error = await refused(_admission(server), bearing("opaque"))
    assert isinstance(error, CallerUnverifiable)
    assert caplog.records[-1].getMessage() == "caller not verified"


async def test_an_issuer_that_takes_too_long_is_not_waited_for(
    server: IdentityServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(introspection, "PATIENCE_SECONDS", 0.01)
    server.is_stuck = True
    error = await refused(_admission(server), bearing("opaque"))
    assert isinstance(error, CallerUnverifiable)
