"""How often one caller may call, through a listener."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.expose import turnstile as module
from naftiko_runtime.expose.bodies import Bodies
from naftiko_runtime.expose.callers import Callers
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.listener import Listener, Services
from naftiko_runtime.expose.mcp.service import McpService
from naftiko_runtime.expose.rest.openapi import openapi_document
from naftiko_runtime.expose.rest.service import RestService
from naftiko_runtime.expose.rest.site import build_site
from naftiko_runtime.expose.skill.service import SkillService
from naftiko_runtime.expose.turnstile import PAUSE_SECONDS, Turnstile
from naftiko_runtime.limits import CallerRate
from tests.documents import ONE_OPERATION, load
from tests.expose.rest.driving import scope_of
from tests.timing import StoodStill
from tests.upstreams import RecordingClient

if TYPE_CHECKING:
    from starlette.types import Message


class Called:
    """A listener that may be called twice a second from one address.

    Attributes:
        clock: The time.
        pauses: How long callers that were stopped had to wait.
        last: What the last answer was: its start, and its body.
    """

    def __init__(self, folder: Path) -> None:
        capability = load(folder, ONE_OPERATION)
        engine, limits = Engine(RecordingClient()), Limits()
        callers = Callers(RecordingClient())
        self.clock = StoodStill()
        self.pauses: list[float] = []
        self._listener = Listener(
            Services(
                RestService(capability.rest, engine, limits, callers),
                build_site(openapi_document(capability.rest, "t", "1", [])),
                SkillService(capability.skills, limits, callers),
                McpService(capability.mcp, engine, limits, version="1", callers=callers),
            ),
            Bodies(),
            Turnstile(CallerRate(2, 1.0), self.clock, self._sleep),
        )
        self.last: tuple[Message, bytes] = ({}, b"")

    async def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    async def status(
        self, address: str | None = "10.0.0.1", target: str = "/ships/1", method: str = "GET"
    ) -> int:
        """Return the status of the answer to a request."""
        scope = scope_of(method, target, [])
        scope["client"] = (address, 1234) if address else None
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        await self._listener(scope, receive, send)
        self.last = sent[0], sent[1]["body"]
        status: int = sent[0]["status"]
        return status


@pytest.fixture
def called(tmp_path: Path) -> Called:
    return Called(tmp_path)


async def test_a_caller_that_calls_too_often_is_stopped(called: Called) -> None:
    assert [await called.status() for _ in range(3)] == [200, 200, 429]
    start, body = called.last
    assert (b"retry-after", b"1") in start["headers"]
    problem = json.loads(body)
    assert problem["code"] == "caller-rate-exceeded"
    assert problem["detail"] == "one address may make 2 calls in 1 s"


async def test_a_caller_that_is_stopped_has_to_wait_for_its_answer(called: Called) -> None:
    assert [await called.status() for _ in range(2)] == [200, 200]
    assert called.pauses == []
    assert await called.status() == 429
    [pause] = called.pauses
    assert PAUSE_SECONDS / 2 <= pause <= PAUSE_SECONDS * 3 / 2


async def test_a_caller_may_call_again_after_a_while(called: Called) -> None:
    assert [await called.status() for _ in range(3)] == [200, 200, 429]
    called.clock.now += 0.5
    assert await called.status() == 200


async def test_callers_do_not_pay_for_each_other(called: Called) -> None:
    assert [await called.status() for _ in range(3)] == [200, 200, 429]
    assert await called.status("10.0.0.2") == 200


async def test_both_faces_count_together(called: Called) -> None:
    assert [await called.status() for _ in range(2)] == [200, 200]
    assert await called.status(target="/mcp", method="POST") == 429


async def test_the_listeners_own_pages_do_not_count(called: Called) -> None:
    assert [await called.status(target="/healthz") for _ in range(3)] == [200, 200, 200]


async def test_a_network_of_ipv6_counts_as_one_caller(called: Called) -> None:
    assert await called.status("2001:db8::1") == 200
    assert await called.status("2001:db8::2") == 200
    assert await called.status("2001:db8:0:0:ffff::3") == 429
    assert await called.status("2001:db8:0:1::1") == 200


async def test_callers_without_an_address_count_as_one(called: Called) -> None:
    assert [await called.status(None) for _ in range(3)] == [200, 200, 429]


async def test_what_is_no_address_counts_as_it_is(called: Called) -> None:
    assert [await called.status("no:address") for _ in range(3)] == [200, 200, 429]


async def test_only_so_many_callers_are_remembered(
    called: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_ADDRESSES", 2)
    for address in ("10.0.0.1", "10.0.0.1", "10.0.0.2", "10.0.0.1", "10.0.0.3"):
        await called.status(address)
    assert await called.status("10.0.0.1") == 429, "heard of more lately than 10.0.0.2"
    assert [await called.status("10.0.0.2") for _ in range(3)] == [200, 200, 429]
