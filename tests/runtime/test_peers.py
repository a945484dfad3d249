"""Processes that tell each other what they measure."""

from __future__ import annotations

import asyncio
import logging
import socket
import tempfile
from collections.abc import Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from naftiko_runtime.runtime import peers
from naftiko_runtime.runtime.peers import MAIN, Peers, Seat, Tell, close_folder, open_folder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
def folder() -> Iterator[Path]:
    opened = open_folder()
    assert opened is not None
    yield opened
    close_folder(opened)
    assert not opened.exists()


def telling(text: bytes) -> Tell:
    """Return what tells a text, but about nothing it does not."""

    async def tell(about: str) -> bytes:
        return text if about == "all" else b""

    return tell


@asynccontextmanager
async def sitting(folder: Path, **told: bytes) -> AsyncIterator[None]:
    """Have processes of these names there until the block ends."""
    there = [Peers(Seat(folder, name), telling(text)) for name, text in told.items()]
    for one in there:
        await one.open()
    try:
        yield
    finally:
        for one in there:
            await one.aclose()


def asking(folder: Path, name: str = MAIN) -> Peers:
    return Peers(Seat(folder, name), telling(b"own"))


def test_nobody_else_may_enter_the_folder(folder: Path) -> None:
    assert folder.stat().st_mode & 0o777 == 0o700


def test_there_may_be_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    assert open_folder() is None
    close_folder(None)


@pytest.mark.parametrize(
    ("name", "label", "beside"), [(MAIN, None, "beside"), ("2", "2", "2-beside")]
)
def test_seats_have_labels(name: str, label: str | None, beside: str) -> None:
    seat = Seat(Path("/folder"), name)
    assert (seat.label, seat.beside.label) == (label, beside)


async def test_all_others_are_asked(folder: Path) -> None:
    large = b"x" * 1_000_000
    async with sitting(folder, main=b"own", beside=large, empty=b""):
        assert await asking(folder).ask("all") == [("beside", large)]
        assert await asking(folder).ask("nothing") == []


async def test_the_only_process_has_nobody_to_ask(folder: Path) -> None:
    assert await asking(folder).ask("all") == []
    assert await asking(folder / "gone").ask("all") == []


async def test_who_comes_later_takes_the_seat(folder: Path) -> None:
    async with sitting(folder, beside=b"old"), sitting(folder, beside=b"new"):
        assert await asking(folder).ask("all") == [("beside", b"new")]


async def test_who_is_gone_is_not_missed(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(folder / "1"))
    assert await asking(folder).ask("all") == []
    assert caplog.messages == []


async def test_who_is_too_busy_is_left_out_and_warned_of(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(peers, "PATIENCE_SECONDS", 0.05)
    with socket.socket(socket.AF_UNIX) as busy:
        busy.bind(str(folder / "1"))
        busy.listen()
        async with sitting(folder, **{"2": b"there"}):
            assert await asking(folder).ask("all") == [("2", b"there")]
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "process 1 says nothing" in record.getMessage()


async def test_what_breaks_off_is_left_out(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write((10).to_bytes(8) + b"half")
        writer.close()

    server = await asyncio.start_unix_server(break_off, folder / "1")
    assert await asking(folder).ask("all") == []
    assert "process 1 says nothing" in caplog.text
    server.close()
    await server.wait_closed()


async def test_who_asks_and_does_not_read_is_let_go(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peers, "PATIENCE_SECONDS", 0.0)
    large = b"x" * 50_000_000
    async with sitting(folder, main=large):
        reader, writer = await asyncio.open_unix_connection(folder / MAIN)
        writer.write(b"all\n")
        read = bytearray()
        with suppress(ConnectionError):
            while piece := await reader.read(65536):
                read += piece
        writer.close()
    assert len(read) < len(large)
