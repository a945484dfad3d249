"""Connections are read in portions: what one caller has sent holds up nobody else."""

from __future__ import annotations

import asyncio
import logging
from itertools import pairwise

import pytest
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT

from naftiko_runtime.limits import DEFAULT_LIMITS
from naftiko_runtime.runtime.portions import MOST_PIECES, PORTION
from tests.runtime.caller import GET, TOO_LARGE, Caller

CHUNKED = b"POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
TINY = b"1\r\nx\r\n"
END = b"0\r\n\r\n"
NUMBERED = [b"%d," % number for number in range(10_000)]
MANY = 5 * PORTION // len(TINY)
"""As many pieces as are read in three turns or more."""


def plain(size: int) -> bytes:
    return b"POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % size + b"x" * size


def chunked(pieces: list[bytes]) -> bytes:
    return b"".join([b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces])


def is_held(caller: Caller) -> bool:
    """Return whether something waits that was read."""
    return bool(caller._connection._unread)


async def test_a_large_read_without_many_pieces_is_read_at_once() -> None:
    caller = Caller(DEFAULT_LIMITS)
    caller._connection.data_received(plain(6 * PORTION))
    assert not is_held(caller)
    await caller.sends()
    assert (caller.answers, len(caller.body)) == (1, 6 * PORTION)


async def test_what_comes_in_tiny_pieces_is_read_in_several_turns() -> None:
    caller = Caller(DEFAULT_LIMITS)
    caller._connection.data_received(CHUNKED + TINY * MANY + END)
    waiting = []
    while is_held(caller):
        waiting.append(len(caller._connection._unread))
        await asyncio.sleep(0)
    assert len(waiting) >= 3
    assert all(before - after == PORTION for before, after in pairwise(waiting))
    await caller.sends()
    assert (caller.answers, caller.body) == (1, b"x" * MANY)


async def test_all_that_was_read_arrives_in_its_order() -> None:
    caller = Caller(DEFAULT_LIMITS)
    sent = chunked(NUMBERED)
    caller._connection.data_received(CHUNKED + sent[:40_000])
    assert is_held(caller)
    caller._connection.data_received(sent[40_000:50_000])
    caller._connection.data_received(sent[50_000:] + END)
    await _read_all(caller)
    assert caller.body == b"".join(NUMBERED)


async def test_pieces_of_earlier_turns_are_not_counted() -> None:
    caller = Caller(DEFAULT_LIMITS)
    for _ in range(3):
        caller._connection.data_received(CHUNKED + TINY * (MOST_PIECES - 1) + END)
        await caller.sends()
    caller._connection.data_received(plain(3 * PORTION))
    assert not is_held(caller)


async def test_nothing_more_is_read_while_something_waits() -> None:
    caller = Caller(DEFAULT_LIMITS)
    caller._connection.data_received(CHUNKED + TINY * MANY)
    assert is_held(caller)
    while is_held(caller):
        assert not caller.wire.is_read
        await asyncio.sleep(0)
    assert caller.wire.is_read
    await caller.sends(END)
    assert caller.answers == 1


async def test_who_reads_a_body_does_not_have_more_of_it_read_while_something_waits() -> None:
    caller = Caller(DEFAULT_LIMITS)
    await caller.sends(CHUNKED)
    caller._connection.data_received(TINY * MANY)
    await asyncio.sleep(0)  # the application reads what is there, and asks for more
    assert caller.heard
    assert is_held(caller)
    assert not caller.wire.is_read


async def test_a_connection_whose_body_nobody_reads_is_not_read_on() -> None:
    caller = Caller(DEFAULT_LIMITS)
    caller.reads = False
    caller.release.clear()
    piece = b"x" * (PORTION // 200)
    await _read_all(caller, CHUNKED + chunked([piece] * (HIGH_WATER_LIMIT // len(piece) + 1)))
    assert not caller.wire.is_read
    caller.release.set()
    await caller.sends()
    assert caller.wire.is_read, "it is answered"


async def test_a_request_that_waits_for_another_keeps_a_connection_from_being_read() -> None:
    caller = Caller(DEFAULT_LIMITS)
    caller.release.clear()
    await _read_all(caller, CHUNKED + TINY * MANY + END + GET)
    assert not caller.wire.is_read
    caller.release.set()
    await caller.sends()
    assert caller.answers == 2
    assert caller.wire.is_read


async def test_a_request_that_is_answered_before_its_body_has_come_is_read_on() -> None:
    caller = Caller(DEFAULT_LIMITS)
    caller.reads = False
    caller.release.clear()
    piece = b"x" * (PORTION // 200)
    sent = chunked([piece] * (HIGH_WATER_LIMIT // len(piece) + 1))
    caller._connection.data_received(CHUNKED + sent + TINY * MANY)
    while len(caller._connection.cycle.body) <= HIGH_WATER_LIMIT:
        await _turn()
    assert is_held(caller)
    caller.release.set()
    await _turn()
    await _turn()
    assert caller.answers == 1
    assert is_held(caller)
    await _read_all(caller)
    assert caller.wire.is_read
    await caller.sends(END + GET)
    assert caller.answers == 2


async def test_a_connection_that_is_lost_meanwhile_is_read_no_more(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caller = Caller(DEFAULT_LIMITS)
    caller._connection.data_received(CHUNKED + TINY * MANY + END)
    caller.leaves()
    await caller.sends()
    assert not is_held(caller)
    assert not caller.wire.is_read
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]


async def test_a_connection_that_is_being_closed_is_read_no_more() -> None:
    caller = Caller(DEFAULT_LIMITS)
    caller._connection.data_received(CHUNKED + TINY * MANY + END)
    caller.wire.close()
    await asyncio.sleep(0)
    assert not is_held(caller)
    assert caller._connection.cycle.more_body


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\na: " + b"x" * 12 * PORTION + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\na: " + b"x" * 12 * PORTION,
        b"GET / HTTP/1.1\r\n" + (b"a: " + b"x" * PORTION + b"\r\n") * 12 + b"\r\n",
    ],
    ids=["one header", "an endless header", "many headers"],
)
async def test_a_head_that_is_too_large_is_refused_in_portions_too(head: bytes) -> None:
    caller = Caller(DEFAULT_LIMITS)
    await caller.sends(head + GET)
    assert caller.wire.written.startswith(TOO_LARGE)
    assert caller.wire.closed
    assert (caller.answers, caller.headers) == (0, [])


async def test_a_head_of_several_portions_is_read_as_one() -> None:
    caller = Caller(DEFAULT_LIMITS)
    fields = [(b"host", b"x"), (b"a", b"x" * 3 * PORTION), (b"b", b"1")]
    lines = b"".join([b"%b: %b\r\n" % field for field in fields])
    await caller.sends(b"GET /a HTTP/1.1\r\n" + lines + b"\r\n")
    assert caller.answers == 1
    assert caller.headers == fields


async def test_what_comes_behind_a_body_in_portions_is_answered() -> None:
    caller = Caller(DEFAULT_LIMITS)
    await _read_all(caller, CHUNKED + TINY * MANY + END + GET + GET)
    assert caller.answers == 3


async def test_a_request_to_upgrade_in_a_later_portion_is_answered() -> None:
    caller = Caller(DEFAULT_LIMITS)
    upgrade = b"GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"
    await _read_all(caller, CHUNKED + TINY * MANY + END + upgrade)
    assert caller.answers == 2


async def test_nonsense_in_a_later_portion_is_refused() -> None:
    caller = Caller(DEFAULT_LIMITS)
    await _read_all(caller, CHUNKED + TINY * MANY + b"nonsense\r\n" + TINY * MANY)
    assert caller.wire.written.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert caller.wire.written.count(b"HTTP/1.1") == 1
    assert caller.wire.closed


async def _read_all(caller: Caller, sent: bytes = b"") -> None:
    """Wait until nothing waits, and what that starts has got as far as it can."""
    if sent:
        caller._connection.data_received(sent)
        assert is_held(caller)
    while is_held(caller):
        await _turn()
    await caller.sends()


async def _turn() -> None:
    await asyncio.sleep(0)
