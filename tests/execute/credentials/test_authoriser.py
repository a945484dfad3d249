"""Credentials that are obtained on the way: section 5 of the behaviour, RFC 6749, RFC 7616."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import pytest
from opentelemetry.trace import use_span

from naftiko_runtime.errors import UpstreamCredentialRefused, UpstreamTimeout
from naftiko_runtime.execute.credentials.authoriser import Authoriser
from naftiko_runtime.execute.credentials.oauth2 import TokenSource
from naftiko_runtime.execute.upstream.message import UpstreamRequest, UpstreamResponse
from naftiko_runtime.execute.upstream.traced_client import TracedClient
from naftiko_runtime.plan.grants import ClientKey, ClientProof, DigestSecret, OAuth2Grant
from naftiko_runtime.plan.origins import Origin
from naftiko_runtime.values import Deadline, Json
from tests.spans import Spans
from tests.upstreams import RecordingClient, answer

_REQUEST = UpstreamRequest("GET", Origin("https", "api.test", 443), b"/ships", ())


def _grant(
    *,
    token_endpoint: str | None = "https://login.test/token?x=1",
    server: str | None = None,
    client_secret: str | None = "s/ecret",
    proof: ClientProof = "client_secret_basic",
    client_key: ClientKey | None = None,
    refresh_token: str | None = None,
) -> OAuth2Grant:
    return OAuth2Grant(
        token_endpoint,
        server,
        "client",
        proof,
        client_secret,
        client_key,
        ("read", "write"),
        "ships",
        None,
        refresh_token,
    )


def _soon() -> Deadline:
    return Deadline.after(60)


@dataclass(slots=True)
class _World:
    """An API that takes only the newest token, and the server that gives them."""

    lifetime: Json = 3600
    issued: int = 0
    forms: list[dict[str, list[str]]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)

    def respond(self, request: UpstreamRequest) -> UpstreamResponse:
        if request.origin.host == "api.test":
            token = dict(request.headers)[b"authorization"].decode().removeprefix("Bearer ")
            return answer({}, 401) if token in self.refused else answer({"token": token})
        if request.method == "GET":
            found = request.target.endswith(b"openid-configuration")
            metadata: Json = {
                "issuer": "https://login.test",
                "token_endpoint": "https://login.test/token",
            }
            return answer(metadata) if found else answer({}, 404)
        self.issued += 1
        self.forms.append(parse_qs((request.body or b"").decode()))
        return answer(
            {
                "access_token": f"token-{self.issued}",
                "expires_in": self.lifetime,
                "refresh_token": f"refresh-{self.issued}",
            }
        )


async def test_a_token_is_asked_for_once_and_kept() -> None:
    world = _World()
    client = RecordingClient(world.respond)
    authoriser = Authoriser(client)
    for _ in range(3):
        await authoriser.send(_grant(), _REQUEST, _soon())
    assert world.issued == 1
    asked = client.requests[0]
    assert (asked.method, asked.target) == ("POST", b"/token?x=1")
    pair = base64.b64encode(b"client:s%2Fecret")
    assert dict(asked.headers)[b"authorization"] == b"Basic " + pair
    form = {"grant_type": ["client_credentials"], "scope": ["read write"], "audience": ["ships"]}
    assert world.forms == [form]


async def test_all_waiting_calls_share_one_request_for_a_token() -> None:
    world = _World()
    authoriser = Authoriser(RecordingClient(world.respond))
    calls = (authoriser.send(_grant(), _REQUEST, _soon()) for _ in range(20))
    answers = await asyncio.gather(*calls)
    assert world.issued == 1
    assert {one.body for one in answers} == {b'{"token":"token-1"}'}


async def test_the_client_may_prove_itself_in_the_body() -> None:
    world = _World()
    client = RecordingClient(world.respond)
    await Authoriser(client).send(_grant(proof="client_secret_post"), _REQUEST, _soon())
    assert world.forms[0]["client_secret"] == ["s/ecret"]
    assert b"authorization" not in dict(client.requests[0].headers)


async def test_a_public_client_sends_its_name_alone() -> None:
    world = _World()
    await Authoriser(RecordingClient(world.respond)).send(
        _grant(proof="none", client_secret=None), _REQUEST, _soon()
    )
    assert world.forms[0]["client_id"] == ["client"]
    assert "client_secret" not in world.forms[0]


async def test_a_refused_token_is_renewed_once() -> None:
    world = _World(refused={"token-1"})
    response = await Authoriser(RecordingClient(world.respond)).send(_grant(), _REQUEST, _soon())
    assert response.body == b'{"token":"token-2"}'
    world.refused |= {"token-2", "token-3", "token-4"}
    authoriser = Authoriser(RecordingClient(world.respond))
    assert (await authoriser.send(_grant(), _REQUEST, _soon())).status == 401


async def test_a_renewed_refresh_token_takes_the_place_of_the_old() -> None:
    world = _World(refused={"token-1"})
    grant = _grant(refresh_token="refresh-0")
    await Authoriser(RecordingClient(world.respond)).send(grant, _REQUEST, _soon())
    assert [form["refresh_token"] for form in world.forms] == [["refresh-0"], ["refresh-1"]]
    assert world.forms[0]["grant_type"] == ["refresh_token"]


async def test_the_token_endpoint_is_discovered() -> None:
    world = _World()
    client = RecordingClient(world.respond)
    grant = _grant(token_endpoint=None, server="https://login.test/")
    await Authoriser(client).send(grant, _REQUEST, _soon())
    assert [request.target for request in client.requests[:3]] == [
        b"/.well-known/oauth-authorization-server",
        b"/.well-known/openid-configuration",
        b"/token",
    ]


async def test_metadata_without_an_endpoint_is_an_error() -> None:
    client = RecordingClient(lambda _: UpstreamResponse(200, (), b"[]"))
    grant = _grant(token_endpoint=None, server="https://login.test")
    with pytest.raises(UpstreamCredentialRefused, match="no metadata of its own"):
        await Authoriser(client).send(grant, _REQUEST, _soon())


async def test_a_refusal_tells_the_servers_error_and_no_secret() -> None:
    client = RecordingClient(lambda _: answer({"error": "invalid_client"}, 401))
    with pytest.raises(UpstreamCredentialRefused) as caught:
        await Authoriser(client).send(_grant(), _REQUEST, _soon())
    assert caught.value.detail.endswith("invalid_client (status 401)")


async def test_an_answer_that_is_no_json_is_a_refusal() -> None:
    client = RecordingClient(lambda _: UpstreamResponse(200, (), b"<html>"))
    with pytest.raises(UpstreamCredentialRefused, match="no known reason"):
        await Authoriser(client).send(_grant(), _REQUEST, _soon())


async def test_an_endpoint_that_is_no_url_is_an_error() -> None:
    with pytest.raises(UpstreamCredentialRefused, match="no http or https URL"):
        await Authoriser(RecordingClient()).send(
            _grant(token_endpoint="login.test"), _REQUEST, _soon()
        )


@pytest.mark.parametrize(
    ("lifetime", "good_for"),
    [(3600, 3570), ("120", 90), (20, 10), (None, 270)],
    ids=["an hour", "as text", "shorter than the margin", "not stated"],
)
async def test_a_token_is_renewed_before_it_expires(lifetime: Json, good_for: float) -> None:
    world, now = _World(lifetime=lifetime), [1000.0]
    source = TokenSource(_grant(), RecordingClient(world.respond), _REQUEST.origin, lambda: now[0])
    assert await source.token(_soon()) == "token-1"
    now[0] += good_for - 0.1
    assert await source.token(_soon()) == "token-1"
    now[0] += 0.2
    assert await source.token(_soon()) == "token-2"


async def test_a_token_that_was_renewed_meanwhile_is_not_forgotten() -> None:
    world = _World()
    source = TokenSource(_grant(), RecordingClient(world.respond), _REQUEST.origin)
    await source.token(_soon())
    source.forget("another")
    assert await source.token(_soon()) == "token-1"


async def test_a_server_that_stalls_ends_at_the_deadline_and_leaves_no_task() -> None:
    class Stalling(RecordingClient):
        async def send(self, request: UpstreamRequest, deadline: Deadline) -> UpstreamResponse:
            await asyncio.Event().wait()
            raise AssertionError

    authoriser = Authoriser(Stalling())
    with pytest.raises(UpstreamTimeout):
        await authoriser.send(_grant(), _REQUEST, Deadline.after(0.01))
    await authoriser.aclose()
    assert len(asyncio.all_tasks()) <= 2, "the test's own tasks, and no other"


async def test_a_callers_own_authorization_goes_before_all() -> None:
    client = RecordingClient()
    request = UpstreamRequest("GET", _REQUEST.origin, b"/", ((b"authorization", b"mine"),))
    await Authoriser(client).send(_grant(), request, _soon())
    assert client.requests == [request]


def _challenging(request: UpstreamRequest) -> UpstreamResponse:
    if b'nonce="n1"' in dict(request.headers).get(b"authorization", b""):
        return answer({"in": True})
    header = (b"www-authenticate", b'Digest realm="r", nonce="n1", qop="auth", stale=true')
    return answer({}, 401, (header,))


async def test_a_digest_challenge_is_answered_and_its_nonce_used_again() -> None:
    client = RecordingClient(_challenging)
    authoriser = Authoriser(client)
    secret = DigestSecret("ada", "pw")
    for _ in range(2):
        assert (await authoriser.send(secret, _REQUEST, _soon())).status == 200
    sent = [dict(request.headers).get(b"authorization") for request in client.requests]
    assert sent[0] is None
    assert [b"nc=00000001" in (sent[1] or b""), b"nc=00000002" in (sent[2] or b"")] == [True, True]


async def test_a_401_without_a_digest_challenge_is_the_answer() -> None:
    client = RecordingClient(lambda _: answer({}, 401))
    response = await Authoriser(client).send(DigestSecret("ada", "pw"), _REQUEST, _soon())
    assert response.status == 401
    assert len(client.requests) == 1


async def test_a_request_for_a_token_has_a_span_of_its_own_that_tells_no_secret() -> None:
    spans, world = Spans(), _World()
    tracer = spans.tracer
    authoriser = Authoriser(TracedClient(RecordingClient(world.respond), tracer))
    with use_span(tracer.start_span("call"), end_on_exit=True):
        await authoriser.send(_grant(), _REQUEST, _soon())
    asked, sent, call = spans.ended
    assert (asked.name, asked.said["url.full"]) == ("POST", "https://login.test/token")
    assert (sent.name, sent.said["url.full"]) == ("GET", "https://api.test/ships")
    assert {asked.parent, sent.parent} == {call.id}
    assert "s/ecret" not in repr(spans.ended)
    assert "token-1" not in repr(spans.ended)
