"""Access tokens from an authorization server that checks who asks: RFC 6749, 7523, 8414, 8707."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

import jwt
import pytest

from naftiko_runtime.errors import (
    UpstreamCredentialRefused,
    UpstreamError,
    UpstreamProtocolError,
    UpstreamTimeout,
    UpstreamTooLarge,
    UpstreamUnreachable,
)
from naftiko_runtime.execute.credentials.authoriser import Authoriser
from naftiko_runtime.execute.credentials.metadata import metadata_urls
from naftiko_runtime.execute.credentials.oauth2 import TokenSource
from naftiko_runtime.execute.upstream.message import UpstreamRequest, UpstreamResponse
from naftiko_runtime.plan.grants import ClientKey, ClientProof, OAuth2Grant
from naftiko_runtime.plan.origins import Origin
from naftiko_runtime.plan.tls_identity import TlsIdentity
from naftiko_runtime.values import Deadline, Json
from tests.execute.credentials.token_server import (
    CLIENT_ID,
    CLIENT_SECRET,
    ENDPOINT,
    SERVER,
    TokenServer,
)
from tests.expose.callers.identity_server import PRIVATE, ManualClock, signing_key
from tests.upstreams import RecordingClient, answer

API = Origin("https", "api.test", 443)
REQUEST = UpstreamRequest("GET", API, b"/ships", ())
BASIC = OAuth2Grant(ENDPOINT, None, CLIENT_ID, "client_secret_basic", CLIENT_SECRET)
DISCOVERED = replace(BASIC, token_endpoint=None, server=f"{SERVER}/")


def _soon() -> Deadline:
    return Deadline.after(60)


def _source(
    grant: OAuth2Grant, server: TokenServer, clock: ManualClock | None = None
) -> TokenSource:
    return TokenSource(grant, RecordingClient(server), API, clock or ManualClock())


@pytest.mark.parametrize("proof", ["client_secret_basic", "client_secret_post"])
async def test_a_client_proves_itself_by_its_secret(proof: ClientProof) -> None:
    server = TokenServer()
    grant = replace(BASIC, proof=proof)
    assert await _source(grant, server).token(_soon()) == "token-1"
    assert ("client_secret" in server.forms[0]) == (proof == "client_secret_post")


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "ES384", "EdDSA"])
async def test_a_client_proves_itself_by_its_key(algorithm: str) -> None:
    key = signing_key("key 7", algorithm)
    server = TokenServer(public_key=key.public_pem)
    pem = key.private.private_bytes(*PRIVATE).decode()
    grant = replace(
        BASIC,
        proof="private_key_jwt",
        client_secret=None,
        client_key=ClientKey(pem, algorithm, "key 7"),
    )
    source = _source(grant, server)
    assert await source.token(_soon()) == "token-1"
    source.forget("token-1")
    assert await source.token(_soon()) == "token-2", "each assertion is good once"
    assert jwt.get_unverified_header(server.forms[0]["client_assertion"])["kid"] == "key 7"


async def test_scopes_audience_and_resource_are_asked_for() -> None:
    server = TokenServer()
    grant = replace(BASIC, scopes=("a", "b:c"), audience="ships", resource="https://api.test/x")
    await _source(grant, server).token(_soon())
    assert server.forms == [
        {
            "grant_type": "client_credentials",
            "scope": "a b:c",
            "audience": "ships",
            "resource": "https://api.test/x",
        }
    ]


@pytest.mark.parametrize("url", metadata_urls(SERVER))
async def test_the_endpoint_is_found_by_the_servers_metadata(url: str) -> None:
    server = TokenServer(metadata_path=url.removeprefix("https://login.test"))
    source = _source(DISCOVERED, server)
    await source.token(_soon())
    source.forget("token-1")
    await source.token(_soon())
    assert server.asked[server.metadata_path] == 1, "it is looked for once"


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.test"},
        {"issuer": None},
        {"token_endpoint": "http://login.test/token"},
        {"token_endpoint": "https://login.test@evil.test/token"},
        {"token_endpoint": 7},
    ],
)
async def test_metadata_that_leads_astray_is_not_followed(metadata: dict[str, Json]) -> None:
    server = TokenServer(metadata=metadata)
    with pytest.raises(UpstreamCredentialRefused, match="no metadata of its own"):
        await _source(DISCOVERED, server).token(_soon())
    assert not server.forms


async def test_a_refresh_token_is_replaced_by_the_newest() -> None:
    server = TokenServer()
    source = _source(replace(BASIC, refresh_token="refresh-0"), server)
    for number in (1, 2, 3):
        assert await source.token(_soon()) == f"token-{number}"
        source.forget(f"token-{number}")
    used = [form["refresh_token"] for form in server.forms]
    assert used == ["refresh-0", "refresh-1", "refresh-2"]


async def test_client_credentials_stay_so_though_a_refresh_token_is_given() -> None:
    server = TokenServer(broken=answer({"access_token": "t", "refresh_token": "r"}))
    source = _source(BASIC, server)
    for _ in range(2):
        source.forget(await source.token(_soon()))
    assert [form["grant_type"] for form in server.forms] == ["client_credentials"] * 2


async def test_an_outdated_refresh_token_is_an_error_with_its_reason() -> None:
    grant = replace(BASIC, refresh_token="outdated")
    with pytest.raises(UpstreamCredentialRefused, match=r"invalid_grant \(status 400\)"):
        await _source(grant, TokenServer()).token(_soon())


@pytest.mark.parametrize(
    ("stated", "good_for"),
    [
        (3600, 3570),
        ("120", 90),
        (20, 10),
        (1e12, 86_370),
        (0, 0),
        (-5, 0),
        (None, 270),
        ("soon", 270),
        ("nan", 270),
        (True, 270),
        ([], 270),
        ("9" * 400, 86_370),
    ],
)
async def test_a_token_is_used_until_shortly_before_it_expires(
    stated: Json, good_for: float
) -> None:
    server, clock = TokenServer(expires_in=stated), ManualClock()
    source = _source(BASIC, server, clock)
    assert await source.token(_soon()) == "token-1"
    if good_for:
        clock.now += good_for - 0.1
        assert await source.token(_soon()) == "token-1"
    clock.now += 0.2
    assert await source.token(_soon()) == "token-2"


async def test_after_a_401_all_calls_share_one_new_token() -> None:
    server = TokenServer(revoked={"token-1"})
    authoriser = Authoriser(RecordingClient(server))
    answers = await asyncio.gather(*(authoriser.send(BASIC, REQUEST, _soon()) for _ in range(10)))
    assert {one.body for one in answers} == {b'{"token":"token-2"}'}
    assert server.asked["/token"] == 2


async def test_a_caller_that_gives_up_does_not_end_it_for_the_others() -> None:
    gate = asyncio.Event()

    class Slow(RecordingClient):
        async def send(self, request: UpstreamRequest, deadline: Deadline) -> UpstreamResponse:
            await gate.wait()
            return await RecordingClient.send(self, request, deadline)

    source = TokenSource(BASIC, Slow(TokenServer()), API)
    first, second = (asyncio.create_task(source.token(_soon())) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    gate.set()
    assert await second == "token-1"


async def test_it_is_the_same_place_only_with_the_same_identity() -> None:
    """The API's certificate is shown to an authorization server that lives where the API does."""
    identity = TlsIdentity(server_name="login")
    at_home = API._replace(host="login.test", tls=identity)
    for api, shown in ((at_home, identity), (API._replace(tls=identity), None)):
        client = RecordingClient(TokenServer())
        await TokenSource(BASIC, client, api).token(_soon())
        assert client.requests[0].origin.tls == shown


async def test_identities_keep_their_tokens_apart() -> None:
    server = TokenServer()
    authoriser = Authoriser(RecordingClient(server))
    for name in ("a", "b", "a"):
        origin = API._replace(tls=TlsIdentity(server_name=name))
        await authoriser.send(BASIC, replace(REQUEST, origin=origin), _soon())
    assert server.asked["/token"] == 2


BROKEN: list[tuple[str, UpstreamResponse, str]] = [
    ("page", UpstreamResponse(200, (), b"<html>%b</html>"), "no known reason"),
    ("empty", UpstreamResponse(204, (), b""), "no known reason"),
    ("list", answer(["access_token"]), "no known reason"),
    ("number", answer({"access_token": 7}), "no known reason"),
    ("nothing", answer({"access_token": ""}), "no known reason"),
    ("header", answer({"access_token": "a\r\nX-Evil: 1"}), "no known reason"),
    ("space", answer({"access_token": "a b"}), "no known reason"),
    ("long", answer({"access_token": "a" * 16385}), "no known reason"),
    ("large", answer({"access_token": "a", "x": "x" * 262_144}), "no known reason"),
    ("dpop", answer({"access_token": "a", "token_type": "DPoP"}), "no bearer token"),
    ("client", answer({"error": "invalid_client"}, 401), r"invalid_client \(status 401\)"),
    ("echo", answer({"error": CLIENT_SECRET}, 400), r"no known reason \(status 400\)"),
    ("error", answer({"error": {"a": 1}, "access_token": "a"}, 500), r"\(status 500\)"),
    (
        "redirect",
        answer({"access_token": "a"}, 307, ((b"location", b"https://evil.test/token"),)),
        r"\(status 307\)",
    ),
]


@pytest.mark.parametrize(
    ("broken", "reason"), [one[1:] for one in BROKEN], ids=[b[0] for b in BROKEN]
)
async def test_what_is_no_token_is_a_typed_error_without_any_secret(
    broken: UpstreamResponse, reason: str
) -> None:
    client = RecordingClient(TokenServer(broken=broken))
    with pytest.raises(UpstreamCredentialRefused, match=reason) as caught:
        await TokenSource(replace(BASIC, refresh_token="refresh-0"), client, API).token(_soon())
    assert CLIENT_SECRET not in repr(caught.value)
    assert "refresh-0" not in repr(caught.value)
    assert len(client.requests) == 1, "redirects are not followed"


@pytest.mark.parametrize(
    ("raised", "expected", "text"),
    [
        (UpstreamTimeout("api"), UpstreamTimeout, "authorization server did not answer in time"),
        (UpstreamUnreachable("api"), UpstreamUnreachable, "authorization server can't be reached"),
        (UpstreamProtocolError("api"), UpstreamCredentialRefused, "answer is not usable"),
        (UpstreamTooLarge("api"), UpstreamCredentialRefused, "answer is not usable"),
        (ValueError("secret"), UpstreamCredentialRefused, "answer is not usable"),
    ],
)
@pytest.mark.parametrize("grant", [BASIC, DISCOVERED])
async def test_a_server_that_is_away_is_named(
    raised: Exception, expected: type[UpstreamError], text: str, grant: OAuth2Grant
) -> None:
    def respond(_: UpstreamRequest) -> UpstreamResponse:
        raise raised

    with pytest.raises(expected, match=text) as caught:
        await TokenSource(grant, RecordingClient(respond), API).token(_soon())
    is_away = expected is not UpstreamCredentialRefused
    assert caught.value.elsewhere is is_away, "else the API would be left alone for it"


@pytest.mark.parametrize("endpoint", ["login.test", "ftp://login.test", "http://a:b/", ""])
async def test_an_endpoint_that_is_no_url_is_a_typed_error(endpoint: str) -> None:
    grant = replace(BASIC, token_endpoint=endpoint)
    with pytest.raises(UpstreamCredentialRefused, match="no http or https URL"):
        await _source(grant, TokenServer()).token(_soon())


async def test_a_failure_that_nobody_waits_for_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    gate = asyncio.Event()

    class Failing(RecordingClient):
        async def send(self, request: UpstreamRequest, deadline: Deadline) -> UpstreamResponse:
            await gate.wait()
            raise UpstreamUnreachable("gone")

    source = TokenSource(BASIC, Failing(), API)
    with caplog.at_level(logging.DEBUG), pytest.raises(UpstreamTimeout):
        await source.token(Deadline.after(0))
    gate.set()
    with pytest.raises(UpstreamUnreachable):
        await source.token(_soon())
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]


async def test_closing_ends_calls_that_wait() -> None:
    class Stuck(RecordingClient):
        async def send(self, request: UpstreamRequest, deadline: Deadline) -> UpstreamResponse:
            await asyncio.Event().wait()
            raise AssertionError

    source = TokenSource(BASIC, Stuck(), API)
    waiting = asyncio.create_task(source.token(_soon()))
    await asyncio.sleep(0)
    await source.aclose()
    with pytest.raises(UpstreamUnreachable, match="closed"):
        await waiting


@pytest.mark.parametrize("show", [repr, str, "{!r:.500}".format])
def test_a_grant_never_shows_its_secrets(show: Callable[[object], str]) -> None:
    key = ClientKey("canary-key", "ES256")
    shown = show(replace(BASIC, client_secret="canary", refresh_token="canary", client_key=key))
    assert "canary" not in shown
