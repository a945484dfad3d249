"""Digest authentication against a real client, RFC 7616."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import httpx
import pytest

from naftiko_runtime.errors import CallerRefused, NotAuthenticated
from naftiko_runtime.expose.callers import Admission, Callers
from naftiko_runtime.expose.callers.attempts import FailedAttempts
from naftiko_runtime.expose.callers.digest import DigestScheme
from naftiko_runtime.expose.callers.nonces import Nonces
from naftiko_runtime.plan.proofs import DigestCheck
from tests.expose.callers.identity_server import ManualClock
from tests.expose.callers.requests import admitted, challenges, head, refused
from tests.upstreams import RecordingClient, answer

USERS = (("ada", 'pass"word'), ("bob", "other"))
URL = "http://api.test/things?b=1&a=%20x"
TARGET = "/things?b=1&a=%20x"


def _admission(
    algorithms: Sequence[str] = ("SHA-256", "MD5"), nonces: Nonces | None = None
) -> Admission:
    scheme = DigestScheme(DigestCheck(USERS, tuple(algorithms)), nonces)
    return Admission(scheme, FailedAttempts())


class Door(httpx.AsyncBaseTransport):
    """Lets requests of a real client in, or not; keeps what they sent."""

    def __init__(self, admission: Admission) -> None:
        self.admission = admission
        self.sent: list[str | None] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request.headers.get("authorization"))
        headers = dict(request.headers)
        scope = head(headers, request.url.raw_path.decode(), method=request.method)
        try:
            caller = await admitted(self.admission, scope)
        except CallerRefused as error:
            return httpx.Response(401, headers=list(error.headers))
        return httpx.Response(200, text=caller.name)


def _client(door: Door, user: str = "ada", password: str = 'pass"word') -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=door, auth=httpx.DigestAuth(user, password))


@pytest.mark.parametrize("algorithm", ["SHA-256", "SHA-256-sess", "MD5", "MD5-sess"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_real_client_gets_in_and_uses_its_nonce_again(algorithm: str, method: str) -> None:
    door = Door(_admission([algorithm]))
    async with _client(door) as client:
        answers = [await client.request(method, URL) for _ in range(3)]
    assert [(one.status_code, one.text) for one in answers] == [(200, "ada")] * 3
    assert len(door.sent) == 4


async def test_the_best_algorithm_is_offered_first() -> None:
    offered = challenges(await refused(_admission(), head()))
    assert [re.findall(r"algorithm=(\S+)", one) for one in offered] == [["SHA-256"], ["MD5"]]
    assert all('qop="auth"' in one and 'realm="naftiko"' in one for one in offered)


@pytest.mark.parametrize(
    ("user", "password"), [("ada", "wrong"), ("eve", 'pass"word'), ("ada", "other")]
)
async def test_who_does_not_know_the_password_stays_out(user: str, password: str) -> None:
    async with _client(Door(_admission()), user, password) as client:
        assert (await client.get(URL)).status_code == 401


async def _proof(admission: Admission, method: str = "GET") -> str:
    """Return the header of a request that got in."""
    door = Door(admission)
    async with _client(door) as client:
        assert (await client.request(method, URL)).status_code == 200
    assert door.sent[-1] is not None
    return door.sent[-1]


async def test_a_proof_is_good_once() -> None:
    admission = _admission()
    again = await refused(admission, head({"Authorization": await _proof(admission)}, TARGET))
    assert isinstance(again, NotAuthenticated)


@pytest.mark.parametrize(
    ("method", "target"), [("DELETE", TARGET), ("GET", "/things?b=2"), ("GET", "/things")]
)
async def test_a_proof_is_good_for_its_request_alone(method: str, target: str) -> None:
    admission = _admission()
    proof = (await _proof(admission)).replace("nc=00000001", "nc=00000002")
    await refused(admission, head({"Authorization": proof}, target, method=method))


async def test_a_nonce_that_is_too_old_is_stale_and_the_client_goes_on_by_itself() -> None:
    clock = ManualClock()
    door = Door(_admission(nonces=Nonces(lifetime_seconds=10, clock=clock)))
    async with _client(door) as client:
        await client.get(URL)
        clock.now += 10
        stale = await refused(door.admission, head({"Authorization": door.sent[-1] or ""}, TARGET))
        assert all(one.endswith(", stale=true") for one in challenges(stale))
        assert (await client.get(URL)).status_code == 200


async def test_a_nonce_of_another_process_is_stale() -> None:
    proof = await _proof(_admission())
    stale = await refused(_admission(), head({"Authorization": proof}, TARGET))
    assert challenges(stale)[0].endswith(", stale=true")


async def test_a_wrong_answer_to_an_old_nonce_is_not_called_stale() -> None:
    proof = re.sub(r'response="\w+"', f'response="{"0" * 64}"', await _proof(_admission()))
    wrong = await refused(_admission(), head({"Authorization": proof}, TARGET))
    assert "stale" not in challenges(wrong)[0]


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        (r"^.*$", "Digest"),
        (r"^.*$", "Digest a="),
        (r"^.*$", "Digest \xff"),
        (r'nonce="[^"]*"', 'nonce=""'),
        (r"qop=auth", "qop=auth-int"),
        (r", qop=auth", ""),
        (r"nc=\w+", "nc=1"),
        (r'realm="naftiko"', 'realm="other"'),
        (r"algorithm=SHA-256", "algorithm=SHA-512-256"),
        (r'username="ada"', 'username=""'),
        (r'uri="', 'uri="http://api.test'),
    ],
)
async def test_what_is_no_answer_to_the_challenge_is_refused(
    pattern: str, replacement: str
) -> None:
    admission = _admission()
    proof = re.sub(pattern, replacement, await _proof(admission))
    await refused(admission, head({"Authorization": proof}, TARGET))


@pytest.mark.parametrize("name", ["username*=UTF-8''%C3%A4d%C3%A4", 'username="ädä"'])
async def test_users_may_have_names_outside_of_ascii(name: str) -> None:
    admission = Admission(DigestScheme(DigestCheck((("ädä", "p"),), ("MD5",))), FailedAttempts())
    (challenge,) = challenges(await refused(admission, head()))
    nonce = challenge.partition('nonce="')[2].partition('"')[0]
    secret, signed = _md5("ädä:naftiko:p"), _md5("GET:/things")
    response = _md5(f"{secret}:{nonce}:00000001:c:auth:{signed}")
    proof = (
        f'Digest {name}, realm="naftiko", nonce="{nonce}", uri="/things", cnonce="c", '
        f'nc=00000001, qop=auth, response="{response.upper()}"'
    )
    assert (await admitted(admission, head({"Authorization": proof}))).name == "ädä"


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


async def test_admit_is_the_same_as_recognise() -> None:
    admission = _admission()
    first = challenges(await refused(admission, head()))
    assert first
    with pytest.raises(NotAuthenticated):
        await admission.admit(head())


@pytest.mark.parametrize(("key", "status"), [(b"shared", 200), (None, 401)])
async def test_a_challenge_of_one_process_can_be_met_at_another_with_its_key(
    key: bytes | None, status: int
) -> None:
    check = DigestCheck(USERS, ("SHA-256",))
    processes = [Callers(_no_client(), nonce_key=key) for _ in range(2)]
    doors = [Door(one.admission(check)) for one in processes]
    async with _client(doors[0]) as client:
        await client.get(URL)
    proof = doors[0].sent[-1]
    assert proof is not None
    scope = httpx.Request("GET", URL, headers={"authorization": proof})
    assert (await doors[1].handle_async_request(scope)).status_code == status


async def test_checks_do_not_take_each_others_nonces_although_they_share_a_key() -> None:
    callers = Callers(_no_client(), nonce_key=b"shared")
    first = callers.admission(DigestCheck(USERS, ("SHA-256",)))
    other = callers.admission(DigestCheck(USERS[:1], ("SHA-256",)))
    with pytest.raises(NotAuthenticated) as refusal:
        await admitted(other, head({"authorization": await _proof(first)}, TARGET))
    assert "stale=true" in str(refusal.value.headers)


def _no_client() -> RecordingClient:
    return RecordingClient(lambda _: answer({}))
