"""Requests that are refused as they come in: too large, too many, or none at all."""

from __future__ import annotations

import pytest

from naftiko_runtime.expose.sending import LARGE_BODY
from naftiko_runtime.limits import DEFAULT_LIMITS
from naftiko_runtime.runtime.connection import MOST_FIELDS, MOST_PIPELINED
from naftiko_runtime.runtime.connections import Connections
from tests.runtime.caller import GET, HEAD_OF_POST, TIMED_OUT, TOO_LARGE, Caller


@pytest.mark.parametrize(
    "pieces",
    [
        [b"GET / HTTP/1.1\r\na: " + b"x" * 1000 + b"\r\n\r\n"],
        [b"GET /" + b"x" * 1000 + b" HTTP/1.1\r\nhost: x\r\n\r\n"],
        [b"GET / HTTP/1.1\r\n", *[b"a: " + b"x" * 200 + b"\r\n"] * 6],
        [b"GET / HTTP/1.1\r\na: ", *[b"x" * 200] * 6],
    ],
    ids=["one header", "the target", "many headers", "an endless header"],
)
async def test_a_head_that_is_too_large_is_refused(pieces: list[bytes]) -> None:
    caller = Caller()
    await caller.sends(*pieces[:6])
    await caller.sends(*pieces[6:])
    assert caller.wire.written.startswith(TOO_LARGE)
    assert caller.wire.closed
    assert caller.heard == []


async def test_a_large_body_is_no_large_head() -> None:
    caller = Caller()
    head = HEAD_OF_POST.replace(b": 4", b": 4000")
    await caller.sends(head + b"x" * 4000, head, b"x" * 2000, b"x" * 2000, GET)
    assert caller.answers == 3


async def test_large_bodies_are_taken_one_after_the_other() -> None:
    total = Connections(10)
    callers = [Caller(DEFAULT_LIMITS, total) for _ in range(3)]
    head = HEAD_OF_POST.replace(b": 4", b": %d" % (LARGE_BODY + 1))
    for caller in callers:
        await caller.sends(head + b"x" * (LARGE_BODY + 1))
    assert [caller.answers for caller in callers] == [1, 0, 0]
    callers[0].timers.passes(1)
    await callers[1].sends()
    assert [caller.answers for caller in callers] == [1, 1, 0]
    await callers[2].sends(GET)
    assert callers[2].answers == 0, "what comes behind it waits, too"
    callers[0].timers.passes(1)
    await callers[2].sends()
    assert [caller.answers for caller in callers] == [1, 1, 2]


async def test_a_large_body_whose_turn_does_not_come_in_time_ends_its_request() -> None:
    total = Connections(10)
    callers = [Caller(DEFAULT_LIMITS, total) for _ in range(2)]
    head = HEAD_OF_POST.replace(b": 4", b": %d" % (LARGE_BODY + 1))
    for caller in callers:
        await caller.sends(head + b"x" * (LARGE_BODY + 1))
    callers[1].timers.passes(DEFAULT_LIMITS.body_seconds + 1)
    assert callers[1].wire.written.startswith(TIMED_OUT)


async def test_what_is_no_http_is_refused() -> None:
    caller = Caller()
    await caller.sends(b"hello\r\n\r\n")
    assert caller.wire.written.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert caller.wire.closed


async def test_a_head_may_have_so_many_fields_and_no_more() -> None:
    fields = b"a: 1\r\n" * (MOST_FIELDS - 1)
    caller = Caller(DEFAULT_LIMITS)
    await caller.sends(GET.replace(b"host: x\r\n", b"host: x\r\n" + fields))
    assert caller.answers == 1
    await caller.sends(GET.replace(b"host: x\r\n", b"host: x\r\na: 1\r\n" + fields))
    assert caller.wire.written.endswith(
        TOO_LARGE + b"connection: close\r\ncontent-length: 0\r\n\r\n"
    )


async def test_what_comes_behind_a_body_is_no_header() -> None:
    caller = Caller()
    head = b"POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    await caller.sends(head + b"1\r\nx\r\n0\r\nx-user: root\r\n\r\n")
    assert caller.answers == 1
    assert b"x-user" not in dict(caller.headers)


async def test_not_any_number_of_requests_may_wait_for_their_answers() -> None:
    caller = Caller()
    caller.release.clear()
    await caller.sends(GET * (MOST_PIPELINED + 1))
    assert not caller.wire.closed
    await caller.sends(GET)
    assert caller.wire.closed
    assert caller.wire.written == b""


async def test_requests_that_wait_are_answered_in_turn() -> None:
    caller = Caller()
    await caller.sends(*[GET] * 3)
    assert caller.answers == 3


async def test_what_is_no_request_is_not_taken_for_the_answer_to_one() -> None:
    caller = Caller()
    caller.release.clear()
    await caller.sends(GET + b"hello\r\n\r\n")
    assert caller.wire.closed
    assert caller.wire.written == b""


async def test_a_body_that_breaks_off_in_nonsense_is_refused() -> None:
    caller = Caller()
    head = b"POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    await caller.sends(head, b"nonsense\r\n")
    assert caller.wire.written.startswith(b"HTTP/1.1 400 Bad Request\r\n")


@pytest.mark.parametrize("line", [b"GET /a", b"GET /a HTTP/0.9", b"GET /a HTTP/2.0"])
async def test_other_versions_of_http_are_not_spoken(line: bytes) -> None:
    caller = Caller()
    await caller.sends(line + b"\r\n\r\n")
    assert caller.wire.written.startswith(b"HTTP/1.1 505 HTTP Version Not Supported\r\n")
    assert caller.wire.closed
    assert caller.heard == []


async def test_a_request_to_upgrade_is_one_like_any_other() -> None:
    caller = Caller()
    await caller.sends(
        b"GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"
    )
    assert caller.answers == 1


async def test_whitespace_around_the_value_of_a_header_is_none_of_it() -> None:
    caller = Caller()
    await caller.sends(b"GET / HTTP/1.1\r\nhost: \t x \r\nx-a: a \tb\t \r\nx-b: \r\n\r\n")
    assert caller.headers == [(b"host", b"x"), (b"x-a", b"a \tb"), (b"x-b", b"")]
