"""An authorization server's keys: found, kept, rotated; asked for with restraint."""

from __future__ import annotations

import asyncio

import pytest

from naftiko_runtime.errors import CallerUnverifiable
from naftiko_runtime.execute.credentials.metadata import metadata_urls
from naftiko_runtime.expose.callers.discovery import Metadata
from naftiko_runtime.expose.callers.keys import KeySource
from naftiko_runtime.values import Json
from tests.expose.callers.identity_server import ISSUER, IdentityServer, ManualClock, signing_key


@pytest.fixture
def server() -> IdentityServer:
    return IdentityServer()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def _source(server: IdentityServer, clock: ManualClock, url: str | None = None) -> KeySource:
    return KeySource(url, Metadata(ISSUER, server, clock), server, clock)


async def _knows(source: KeySource, kid: str) -> bool:
    """Return whether a key is known, after fetching where that is wanted."""
    if source.wants_fetching(kid):
        await source.refresh(kid)
    return bool(source.find(kid, "ES256"))


def test_metadata_is_where_rfc_8414_and_openid_say() -> None:
    assert metadata_urls("https://a.test") == (
        "https://a.test/.well-known/oauth-authorization-server",
        "https://a.test/.well-known/openid-configuration",
    )
    assert metadata_urls("https://a.test/t/1") == (
        "https://a.test/.well-known/oauth-authorization-server/t/1",
        "https://a.test/.well-known/openid-configuration/t/1",
        "https://a.test/t/1/.well-known/openid-configuration",
        "https://a.test/t/1/.well-known/oauth-authorization-server",
    )


@pytest.mark.parametrize("url", metadata_urls(ISSUER))
async def test_every_place_is_looked_at(
    server: IdentityServer, clock: ManualClock, url: str
) -> None:
    server.metadata_path = url.removeprefix("https://login.test")
    assert await _knows(_source(server, clock), "key 1")


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.test"},
        {"issuer": None},
        {"jwks_uri": "http://login.test/keys"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": 7},
    ],
)
async def test_metadata_of_another_issuer_or_without_tls_is_not_believed(
    server: IdentityServer, clock: ManualClock, metadata: dict[str, Json]
) -> None:
    server.metadata = metadata
    with pytest.raises(CallerUnverifiable):
        await _source(server, clock).refresh("key 1")
    assert not server.asked["/keys"]


async def test_keys_may_be_named_without_metadata(
    server: IdentityServer, clock: ManualClock
) -> None:
    assert await _knows(_source(server, clock, "https://login.test/keys"), "key 1")
    assert server.asked == {"/keys": 1}


async def test_a_rotated_key_is_fetched_and_the_old_one_is_gone(
    server: IdentityServer, clock: ManualClock
) -> None:
    source = _source(server, clock)
    assert await _knows(source, "key 1")
    server.rotate("key 2")
    clock.now += 30
    assert await _knows(source, "key 2")
    assert not await _knows(source, "key 1")


async def test_a_flood_of_unknown_keys_is_no_flood_of_requests(
    server: IdentityServer, clock: ManualClock
) -> None:
    source = _source(server, clock)
    for number in range(1000):
        assert not await _knows(source, f"made up {number}")
        clock.now += 0.06
    assert server.asked["/keys"] == 2


async def test_all_that_wait_share_one_request(server: IdentityServer, clock: ManualClock) -> None:
    source = _source(server, clock)
    known = await asyncio.gather(*(_knows(source, "key 1") for _ in range(50)))
    assert all(known)
    assert server.asked["/keys"] == 1


async def test_keys_are_fetched_again_after_some_minutes(
    server: IdentityServer, clock: ManualClock
) -> None:
    source = _source(server, clock)
    for _ in range(11):
        assert await _knows(source, "key 1")
        clock.now += 60
    assert server.asked["/keys"] == 3


async def test_keys_are_good_while_their_server_is_away_but_not_for_ever(
    server: IdentityServer, clock: ManualClock
) -> None:
    source = _source(server, clock)
    assert await _knows(source, "key 1")
    server.is_down = True
    clock.now += 3000
    assert await _knows(source, "key 1")
    clock.now += 1000
    with pytest.raises(CallerUnverifiable):
        await source.refresh("key 1")


async def test_a_server_that_is_away_is_left_in_peace_for_a_moment(
    server: IdentityServer, clock: ManualClock
) -> None:
    server.is_down = True
    source = _source(server, clock)
    for _ in range(3):
        with pytest.raises(CallerUnverifiable):
            await source.refresh("key 1")
    assert sum(server.asked.values()) == 4
    server.is_down = False
    clock.now += 5
    assert await _knows(source, "key 1")


@pytest.mark.parametrize("path", ["/nowhere", "/page", "/list"])
async def test_what_is_no_list_of_keys_is_a_failure(
    clock: ManualClock, server: IdentityServer, path: str
) -> None:
    server.metadata = {"jwks_uri": f"https://login.test{path}"}
    with pytest.raises(CallerUnverifiable):
        await _source(server, clock).refresh("key 1")


async def test_a_server_that_never_answers_is_not_waited_for(
    server: IdentityServer, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("naftiko_runtime.expose.callers.keys.PATIENCE_SECONDS", 0.01)
    server.is_stuck = True
    with pytest.raises(CallerUnverifiable):
        await _source(server, clock).refresh("key 1")


async def test_very_many_keys_are_cut_off(server: IdentityServer, clock: ManualClock) -> None:
    jwk = signing_key("k").jwk()
    server.published = [{**jwk, "kid": str(number)} for number in range(100)]
    source = _source(server, clock)
    assert await _knows(source, "63")
    assert not source.find("64", "ES256")
