"""Requests for another protocol, which is not spoken here: RFC 9110 section 7.8."""

from __future__ import annotations

import pytest

from naftiko_runtime.limits import DEFAULT_LIMITS
from naftiko_runtime.runtime.connection import MOST_PIPELINED
from tests.runtime.caller import GET, TOO_LARGE, Caller

UPGRADE = b"Connection: Upgrade\r\nUpgrade: h2c\r\n"
EVIL = b"DELETE /evil HTTP/1.1\r\nhost: x\r\n\r\n"
"""A body that reads like a request."""

POST = b"POST /a HTTP/1.1\r\nhost: x\r\n%bcontent-length: %d\r\n\r\n%b"
CHUNKED = b"PUT /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n%b\r\n%b"
CHUNKS = b"%x\r\n%b\r\n0\r\n\r\n" % (len(EVIL), EVIL)
SENT = b"".join(
    [
        POST % (UPGRADE, len(EVIL), EVIL),
        CHUNKED % (UPGRADE, CHUNKS),
        GET.replace(b"host", UPGRADE + b"host"),
        POST % (b"", len(EVIL), EVIL),
        GET,
    ]
)
ASKED = [("POST", EVIL), ("PUT", EVIL), ("GET", b""), ("POST", EVIL), ("GET", b"")]


async def test_requests_that_come_at_once_are_as_if_they_asked_for_no_upgrade() -> None:
    caller = Caller()
    await caller.sends(SENT)
    await caller.sends()
    assert caller.asked == ASKED


async def test_requests_that_come_byte_by_byte_are_as_if_they_asked_for_no_upgrade() -> None:
    caller = Caller()
    await caller.sends(*[bytes([byte]) for byte in SENT])
    await caller.sends()
    assert caller.asked == ASKED


async def test_requests_that_come_in_two_pieces_are_as_if_they_asked_for_no_upgrade() -> None:
    for at in range(1, len(SENT)):
        caller = Caller()
        await caller.sends(SENT[:at])
        await caller.sends(SENT[at:])
        await caller.sends()
        assert caller.asked == ASKED, at


async def test_who_answers_sees_all_fields_but_the_one_that_asks_for_an_upgrade() -> None:
    caller = Caller()
    await caller.sends(GET.replace(b"host", UPGRADE + b"X-A: \t1, \x80\t \r\nx-b:\r\nhost"))
    fields = [(b"connection", b"Upgrade"), (b"x-a", b"1, \x80"), (b"x-b", b""), (b"host", b"x")]
    assert caller.headers == fields


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
async def test_a_request_that_is_the_last_one_has_its_body_too(version: bytes) -> None:
    caller = Caller()
    last = POST % (UPGRADE.replace(b"Upgrade\r", b"close, Upgrade\r"), len(EVIL), EVIL)
    await caller.sends(last.replace(b"1.1", version, 1))
    assert caller.asked == [("POST", EVIL)]
    assert b"connection: close" in caller.wire.written
    assert caller.wire.closed


async def test_a_caller_that_waits_to_be_told_to_go_on_is_told_once() -> None:
    caller = Caller()
    await caller.sends(POST % (UPGRADE + b"expect: 100-continue\r\n", 4, b""))
    assert caller.wire.written == b"HTTP/1.1 100 Continue\r\n\r\n"
    await caller.sends(b"1234")
    assert caller.asked == [("POST", b"1234")]


async def test_a_body_has_its_time_and_no_more() -> None:
    caller = Caller()
    await caller.sends(POST % (UPGRADE, 4, b"12"))
    caller.timers.passes(30)
    assert not caller.wire.closed
    caller.timers.passes(1)
    assert caller.wire.closed


@pytest.mark.parametrize(
    "fields",
    [
        b"transfer-encoding: gzip\r\n",
        b"transfer-encoding: chunked\r\ncontent-length: 4\r\n",
        b"content-length: 4\r\ncontent-length: 4\r\n",
    ],
)
async def test_a_body_that_can_be_read_in_two_ways_is_not_read(fields: bytes) -> None:
    caller = Caller()
    await caller.sends(GET.replace(b"host", UPGRADE + fields + b"host") + EVIL)
    assert caller.wire.written.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert caller.asked == []


async def test_a_head_is_no_larger_for_that_it_is_read_again() -> None:
    request = GET.replace(b"host", UPGRADE + b"x-a: %b\r\nhost")
    caller = Caller()
    await caller.sends(request % (b"x" * 900))
    assert caller.answers == 1
    await caller.sends(request % (b"x" * 1000))
    assert TOO_LARGE in caller.wire.written


async def test_not_any_number_of_requests_may_wait_for_their_answers() -> None:
    caller = Caller(DEFAULT_LIMITS)
    caller.release.clear()
    request = GET.replace(b"host", UPGRADE + b"host")
    await caller.sends(request * (MOST_PIPELINED + 1))
    assert not caller.wire.closed
    await caller.sends(request)
    assert caller.wire.closed


@pytest.mark.parametrize("rest", [b"", EVIL, b"\x16\x03\x01"])
async def test_nothing_is_read_behind_a_request_for_a_tunnel(rest: bytes) -> None:
    caller = Caller()
    caller.release.clear()
    await caller.sends(b"CONNECT /a HTTP/1.1\r\nhost: x\r\n\r\n" + rest, rest)
    caller.release.set()
    await caller.sends()
    assert caller.asked == [("CONNECT", b"")]
    assert b"connection: close" in caller.wire.written
    assert caller.wire.closed
