"""Failed attempts are rate-limited, and nobody else is kept out: section 7 of the behaviour."""

from __future__ import annotations

import logging
import time
from dataclasses import replace

import pytest

from naftiko_runtime.errors import NotAuthenticated, TooManyAttempts
from naftiko_runtime.expose.callers import Admission, Callers
from naftiko_runtime.expose.callers.attempts import FailedAttempts
from naftiko_runtime.plan.proofs import NamedSecret, SecretCheck
from tests.expose.callers.identity_server import IdentityServer, ManualClock, by_keys
from tests.expose.callers.requests import admitted, bearing, head, refused
from tests.upstreams import RecordingClient

CHECK = SecretCheck("bearer", "header", "authorization", (NamedSecret("ops", b"right"),))


def _admission(clock: ManualClock, most: int = 2) -> Admission:
    attempts = FailedAttempts(most, clock=clock)
    return Callers(RecordingClient(), attempts).admission(CHECK)


async def test_after_so_many_failures_a_client_is_told_when_to_try_again() -> None:
    clock = ManualClock()
    admission = _admission(clock)
    kinds = []
    for _ in range(4):
        error = await refused(admission, bearing("wrong"))
        kinds.append(type(error))
        clock.now += 1
    assert kinds == [NotAuthenticated, NotAuthenticated, TooManyAttempts, TooManyAttempts]
    assert error.headers == ((b"retry-after", b"57"),)
    clock.now += 57
    assert isinstance(await refused(admission, bearing("wrong")), NotAuthenticated)


async def test_a_right_proof_passes_whatever_else_its_address_sends() -> None:
    admission = _admission(ManualClock(), most=0)
    await refused(admission, bearing("wrong"))
    assert (await admitted(admission, bearing("right"))).name == "ops"


async def test_others_failures_do_not_count() -> None:
    admission = _admission(ManualClock(), most=1)
    for address in ("192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8:0:1::1", None, "a.sock"):
        error = await refused(admission, bearing("wrong", address))
        assert isinstance(error, NotAuthenticated)


@pytest.mark.parametrize(
    ("one", "other"), [("2001:db8::1", "2001:db8::2:1"), ("192.0.2.1", "::ffff:192.0.2.1")]
)
async def test_addresses_of_one_client_count_together(one: str, other: str) -> None:
    admission = _admission(ManualClock(), most=1)
    await refused(admission, bearing("wrong", one))
    assert isinstance(await refused(admission, bearing("wrong", other)), TooManyAttempts)


async def test_a_request_without_any_proof_is_no_attempt() -> None:
    admission = _admission(ManualClock(), most=0)
    assert isinstance(await refused(admission, head()), NotAuthenticated)


async def test_a_token_that_was_good_once_is_no_attempt() -> None:
    identity = IdentityServer()
    admission = Callers(identity, FailedAttempts(most=0)).admission(by_keys())
    expired = bearing(identity.token(exp=int(time.time()) - 3600))
    assert isinstance(await refused(admission, expired), NotAuthenticated)


def test_the_table_is_bounded() -> None:
    attempts = FailedAttempts(most=1, most_addresses=2, clock=ManualClock())
    waits = [attempts.failed(address) for address in ("a", "b", "c", "c", "b", "a", "a")]
    assert waits == [0, 0, 0, 60, 60, 0, 60]


async def test_who_and_why_is_logged_and_nothing_of_what_was_sent(
    caplog: pytest.LogCaptureFixture,
) -> None:
    admission = _admission(ManualClock(), most=1)
    with caplog.at_level(logging.DEBUG):
        await refused(admission, head())
        for _ in range(3):
            await refused(admission, bearing("hunter2"))
    (record,) = caplog.records
    assert record.getMessage() == "caller refused"
    fields = {"client": "192.0.2.1", "reason": "the secret is not known here"}
    assert vars(record)["fields"] == fields


async def test_admissions_outlive_a_reload() -> None:
    callers = Callers(RecordingClient())
    admission = callers.admission(CHECK)
    assert callers.admission(replace(CHECK)) is admission


async def test_the_client_for_authorization_servers_is_closed() -> None:
    client = RecordingClient()
    await Callers(client).aclose()
    assert client.closed
