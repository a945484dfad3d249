"""Credentials of requests in pieces: what is known is added, a 401 teaches."""

from __future__ import annotations

from naftiko_runtime.execute.credentials.authoriser import Authoriser
from naftiko_runtime.execute.upstream.message import StreamedBody, UpstreamRequest, UpstreamResponse
from naftiko_runtime.plan.grants import DigestSecret, Grant, OAuth2Grant
from naftiko_runtime.plan.origins import Origin
from tests.upstreams import RecordingClient, answer, pieces

GET = UpstreamRequest("GET", Origin("https", "api.test", 443), b"/ships", ())
GRANT = OAuth2Grant("https://login.test/token", None, "client", "client_secret_basic", "s")
SECRET = DigestSecret("ada", "pw")


def body() -> StreamedBody:
    return StreamedBody(pieces(b"one", b"two"), 6)


async def status(
    authoriser: Authoriser,
    grant: Grant | None,
    request: UpstreamRequest = GET,
    sent: StreamedBody | None = None,
) -> int:
    async with authoriser.stream(grant, request, sent, 5) as response:
        return response.status


def proofs(client: RecordingClient) -> list[bytes | None]:
    """Return what the requests to the API prove themselves with."""
    there = [one for one in client.requests if one.origin == GET.origin]
    return [dict(one.headers).get(b"authorization") for one in there]


class Tokens:
    """An API that refuses some tokens, and the server that gives them."""

    def __init__(self, *refused: str) -> None:
        self.refused = [f"Bearer {one}".encode() for one in refused]
        self.issued = 0

    def __call__(self, request: UpstreamRequest) -> UpstreamResponse:
        if request.origin == GET.origin:
            refused = dict(request.headers)[b"authorization"] in self.refused
            return answer({}, 401 if refused else 200)
        self.issued += 1
        return answer({"access_token": f"t{self.issued}"})


async def test_without_a_grant_nothing_is_added() -> None:
    client = RecordingClient()
    assert await status(Authoriser(client), None) == 200
    assert proofs(client) == [None]


async def test_a_token_is_there_before_the_body_goes_out() -> None:
    client = RecordingClient(Tokens())
    assert await status(Authoriser(client), GRANT, sent=body()) == 200
    assert proofs(client) == [b"Bearer t1"]
    assert client.requests[-1].body == b"onetwo"


async def test_a_refused_token_is_renewed_once_where_there_is_no_body() -> None:
    client = RecordingClient(Tokens("t1"))
    assert await status(Authoriser(client), GRANT) == 200
    assert proofs(client) == [b"Bearer t1", b"Bearer t2"]


async def test_a_second_refusal_is_the_answer() -> None:
    client = RecordingClient(Tokens("t1", "t2"))
    assert await status(Authoriser(client), GRANT) == 401
    assert len(proofs(client)) == 2


async def test_a_body_is_not_sent_twice_but_the_next_request_has_a_new_token() -> None:
    client = RecordingClient(Tokens("t1"))
    authoriser = Authoriser(client)
    assert await status(authoriser, GRANT, sent=body()) == 401
    assert await status(authoriser, GRANT, sent=body()) == 200
    assert proofs(client) == [b"Bearer t1", b"Bearer t2"]


def _challenging(request: UpstreamRequest) -> UpstreamResponse:
    proved = b"authorization" in dict(request.headers)
    challenge = (b"www-authenticate", b'Digest realm="r", nonce="n", qop="auth"')
    return answer({}) if proved else answer({}, 401, (challenge,))


async def test_a_digest_challenge_is_answered_where_there_is_no_body() -> None:
    client = RecordingClient(_challenging)
    assert await status(Authoriser(client), SECRET) == 200
    assert [proof is not None for proof in proofs(client)] == [False, True]


async def test_a_digest_challenge_to_a_body_serves_the_next_request() -> None:
    client = RecordingClient(_challenging)
    authoriser = Authoriser(client)
    assert await status(authoriser, SECRET, sent=body()) == 401
    assert await status(authoriser, SECRET, sent=body()) == 200


async def test_a_401_without_a_challenge_is_the_answer() -> None:
    client = RecordingClient(lambda _: answer({}, 401))
    assert await status(Authoriser(client), SECRET) == 401
    assert len(client.requests) == 1


async def test_a_callers_own_authorization_goes_before_all() -> None:
    client = RecordingClient(Tokens())
    own = UpstreamRequest("GET", GET.origin, b"/", ((b"authorization", b"Bearer mine"),))
    assert await status(Authoriser(client), GRANT, own) == 200
    assert proofs(client) == [b"Bearer mine"]
