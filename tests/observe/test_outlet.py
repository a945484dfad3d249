"""The log where nobody reads it: what is written waits, or is lost, and nobody waits for it."""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Callable, Iterator

import pytest

from naftiko_runtime.observe.outlet import Outlet

LINES = [f"{number:06} {'x' * 90}\n" for number in range(5000)]
"""More than any pipe or socket holds by itself."""


def a_pipe() -> tuple[int, int]:
    return os.pipe()


def a_socket() -> tuple[int, int]:
    reading, writing = socket.socketpair()
    return reading.detach(), writing.detach()


@pytest.fixture(params=[a_pipe, a_socket])
def ends(request: pytest.FixtureRequest) -> Iterator[tuple[int, int]]:
    """Give what is read from, and what is written to."""
    make: Callable[[], tuple[int, int]] = request.param
    reading, writing = make()
    yield reading, writing
    os.close(reading)
    os.close(writing)


def read(reading: int, length: int) -> str:
    received = b""
    while len(received) < length:
        received += os.read(reading, 65_536)
    return received.decode()


def take_some(reading: int) -> None:
    if select.select([reading], [], [], 0.01)[0]:
        os.read(reading, 65_536)


def write_on(outlet: Outlet) -> None:
    while True:
        outlet.write("lost\n")


def test_what_somebody_reads_is_written_at_once(ends: tuple[int, int]) -> None:
    reading, writing = ends
    outlet = Outlet(writing, "utf-8")
    outlet.write("one é \ud800\n")
    assert os.read(reading, 100).decode() == "one é \\ud800\n"
    outlet.close()


def test_what_nobody_reads_waits_and_is_in_order(ends: tuple[int, int]) -> None:
    reading, writing = ends
    outlet = Outlet(writing, "utf-8")
    for line in LINES:
        outlet.write(line)
    whole = "".join(LINES)
    assert read(reading, len(whole)) == whole
    outlet.close()


def test_what_is_too_much_is_lost_and_that_is_told(
    ends: tuple[int, int], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("naftiko_runtime.observe.outlet._MOST_BYTES", 1000)
    reading, writing = ends
    outlet = Outlet(writing, "utf-8")
    for line in LINES:
        outlet.write(line)
    while not caplog.messages:  # it is told when all that waited is through
        take_some(reading)
    [told] = caplog.messages
    lost = int(told.split(" ", 1)[0])
    assert told.endswith(" lines of the log were lost: nobody read them")
    assert 0 < lost < len(LINES)
    outlet.close()


def test_nothing_waits_for_a_reader_that_has_gone(ends: tuple[int, int]) -> None:
    reading, writing = ends
    outlet = Outlet(writing, "utf-8")
    for line in LINES:
        outlet.write(line)
    nobody = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nobody, reading)
    os.close(nobody)
    with pytest.raises(BrokenPipeError):  # at the latest when all that waited is dropped
        write_on(outlet)
    outlet.close()


def test_what_comes_after_the_end_is_lost(ends: tuple[int, int]) -> None:
    reading, writing = ends
    outlet = Outlet(writing, "utf-8")
    outlet.write("before\n")
    outlet.close()
    outlet.write("after\n")
    assert os.read(reading, 100) == b"before\n"


def test_the_end_does_not_wait_for_long(
    ends: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("naftiko_runtime.observe.outlet._AT_END_SECONDS", 0.001)
    _, writing = ends
    outlet = Outlet(writing, "utf-8")
    for line in LINES:
        outlet.write(line)
    outlet.close()
