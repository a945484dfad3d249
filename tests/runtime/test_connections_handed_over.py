"""Connections that go to another process with a large body, and those that come from one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import pytest

from naftiko_runtime.expose.listener_plan import Key
from naftiko_runtime.expose.sending import LARGE_BODY
from naftiko_runtime.limits import DEFAULT_LIMITS
from naftiko_runtime.runtime.connections import Connections
from naftiko_runtime.runtime.siding import Siding
from naftiko_runtime.runtime.turns import Turns
from tests.runtime.caller import GET, HEAD_OF_POST, KEY, Caller

if TYPE_CHECKING:
    from starlette.types import Scope

OWN = 256 * 1024
"""How large a body may be that is read here while such bodies are not noticed."""


class Beside:
    """Where large bodies go; takes them when a test says so, or does not."""

    def __init__(self, *, is_over: bool = True) -> None:
        self._is_over = is_over
        self.asked: list[tuple[Key, object, Scope, int]] = []
        self.release = asyncio.Event()
        self.release.set()
        self.given_up = 0

    async def take(
        self, key: Key, transport: object, scope: Scope, pieces: Sequence[bytes]
    ) -> bool:
        self.asked.append((key, transport, scope, sum(map(len, pieces))))
        try:
            await self.release.wait()
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        return self._is_over


class Noticed(Turns):
    """Turns of large bodies that take much of the time."""

    are_noticed = property(lambda _: True)


def calling(beside: Beside, *, are_noticed: bool = False) -> Caller:
    """Return a caller of a process that has another beside it."""
    total = Connections(10, cast("Siding", beside))
    if are_noticed:
        total.turns = Noticed()
    return Caller(DEFAULT_LIMITS, total)


def post(size: int) -> bytes:
    return HEAD_OF_POST.replace(b": 4", b": %d" % size) + b"x" * size


async def test_a_connection_is_handed_over_with_its_request(
    caplog: pytest.LogCaptureFixture,
) -> None:
    beside = Beside()
    caller = calling(beside)
    await caller.sends(post(OWN + 1))
    ((key, transport, scope, size),) = beside.asked
    assert (key, transport, size) == (KEY, caller.wire, OWN + 1)
    assert (scope["method"], scope["raw_path"], scope["headers"]) == ("POST", b"/a", caller.headers)
    assert caller.wire.aborted
    assert caller.wire.written == b""
    assert not caplog.records, "nobody misses an answer"


@pytest.mark.parametrize("size", [4, LARGE_BODY, LARGE_BODY + 1, OWN])
async def test_bodies_that_nobody_notices_are_read_here(size: int) -> None:
    beside = Beside()
    caller = calling(beside)
    await caller.sends(post(size))
    assert (caller.answers, beside.asked) == (1, [])


async def test_only_small_bodies_are_read_here_while_others_are_noticed() -> None:
    beside = Beside()
    caller = calling(beside, are_noticed=True)
    await caller.sends(post(LARGE_BODY))
    assert (caller.answers, beside.asked) == (1, [])
    await caller.sends(post(LARGE_BODY + 1))
    assert len(beside.asked) == 1
    assert caller.wire.aborted


async def test_a_request_that_nobody_takes_is_answered_here_as_are_those_behind_it() -> None:
    beside = Beside(is_over=False)
    caller = calling(beside)
    await caller.sends(post(OWN + 1) + GET)
    assert (len(beside.asked), caller.answers) == (1, 2)
    assert not caller.wire.closed


async def test_what_comes_behind_a_request_that_is_handed_over_is_not_answered() -> None:
    beside = Beside()
    caller = calling(beside)
    await caller.sends(post(OWN + 1) + GET)
    caller.leaves()
    await caller.sends()
    assert caller.wire.written == b""
    assert caller.is_idle


async def test_a_caller_that_does_not_wait_for_an_answer_has_to_ask_again() -> None:
    beside = Beside()
    caller = calling(beside)
    await caller.sends(GET)
    caller.wire.unwritten = 1
    await caller.sends(post(OWN + 1))
    assert (caller.answers, beside.asked, caller.wire.closed) == (1, [], True)
    assert caller.is_idle


async def test_a_connection_that_was_handed_over_leaves_nothing_behind() -> None:
    beside = Beside()
    caller = calling(beside)
    await caller.sends(post(OWN + 1))
    total = caller._connection._total
    assert caller.is_idle
    assert total.open == 1
    caller.leaves()
    assert total.open == 0
    assert caller.leaves_nothing()


async def test_a_caller_that_leaves_is_not_handed_over() -> None:
    beside = Beside()
    beside.release.clear()
    caller = calling(beside)
    await caller.sends(post(OWN + 1))
    caller.leaves()
    await caller.sends()
    assert beside.given_up == 1
    assert caller.is_idle
    assert not caller.wire.aborted


async def test_a_request_that_waits_for_longer_than_a_stop_may_is_refused() -> None:
    beside = Beside()
    beside.release.clear()
    caller = calling(beside)
    await caller.sends(post(OWN + 1))
    caller.times_out_the_stop()
    await caller.sends()
    assert caller.wire.written.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")


async def test_a_connection_begins_with_what_was_read_from_it_before() -> None:
    caller = Caller(DEFAULT_LIMITS, first=post(OWN))
    await caller.sends()
    assert (caller.answers, caller.body) == (1, b"x" * OWN)
    assert caller._connection._first == b"", "it is not kept"


async def test_a_connection_that_was_handed_over_ends_with_its_answer() -> None:
    caller = Caller(first=GET)
    await caller.sends()
    assert caller.answers == 1
    assert caller.wire.written.endswith(b"\r\nconnection: close\r\n\r\n")
    assert caller.wire.closed


async def test_what_begins_with_no_request_is_refused() -> None:
    caller = Caller(first=b"hello\r\n\r\n")
    assert caller.wire.written.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert caller.wire.closed
