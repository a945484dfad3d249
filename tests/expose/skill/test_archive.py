"""Archives, packed while they are sent."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from anyio import CapacityLimiter, sleep_forever

from naftiko_runtime.expose.skill.archive import archive_headers, pack
from naftiko_runtime.expose.skill.downloads import Download, send_download
from naftiko_runtime.load.folders import FileTooLarge, walk

if TYPE_CHECKING:
    from starlette.types import Message


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_text("a" * 100)
    (tmp_path / "b.txt").write_text("b")
    return tmp_path.resolve()


def _packed(folder: Path, most: int = 100) -> bytes:
    return b"".join(pack(folder, [*walk(folder)], most))


def test_an_archive_comes_file_by_file(folder: Path) -> None:
    pieces = [*pack(folder, [*walk(folder)], 100)]
    assert len(pieces) == 3
    assert b"a.txt" in pieces[0]
    assert b"b.txt" not in pieces[0]


def test_the_same_files_are_the_same_archive(folder: Path) -> None:
    assert _packed(folder) == _packed(folder)


def test_a_file_keeps_its_date(folder: Path) -> None:
    os.utime(folder / "a.txt", (1_700_000_000, 1_700_000_000))
    with zipfile.ZipFile(io.BytesIO(_packed(folder))) as archive:
        assert archive.getinfo("a.txt").date_time == (2023, 11, 14, 22, 13, 20)


@pytest.mark.parametrize(("when", "year"), [(0, 1980), (9_000_000_000, 2107)])
def test_dates_that_the_format_can_not_write_are_the_nearest(
    folder: Path, when: int, year: int
) -> None:
    os.utime(folder / "a.txt", (when, when))
    with zipfile.ZipFile(io.BytesIO(_packed(folder))) as archive:
        assert archive.getinfo("a.txt").date_time[0] == year


def test_a_file_that_has_gone_is_left_out(folder: Path) -> None:
    files = [*walk(folder)]
    (folder / "a.txt").unlink()
    with zipfile.ZipFile(io.BytesIO(b"".join(pack(folder, files, 100)))) as archive:
        assert archive.namelist() == ["b.txt"]


def test_a_file_that_has_grown_ends_it(folder: Path) -> None:
    with pytest.raises(FileTooLarge):
        _packed(folder, 99)


def test_an_empty_folder_is_an_empty_archive(tmp_path: Path) -> None:
    assert zipfile.ZipFile(io.BytesIO(_packed(tmp_path))).namelist() == []
    assert dict(archive_headers("a", []))[b"last-modified"] == b"Thu, 01 Jan 1970 00:00:00 GMT"


@pytest.mark.parametrize(
    ("skill", "disposition"),
    [
        ("watch", b'attachment; filename="watch.zip"'),
        ('a "b"', b"attachment; filename=\"a__b_.zip\"; filename*=UTF-8''a%20%22b%22.zip"),
        ("ö", b"attachment; filename=\"_.zip\"; filename*=UTF-8''%C3%B6.zip"),
    ],
)
def test_an_archive_has_the_name_of_its_skill(skill: str, disposition: bytes) -> None:
    assert dict(archive_headers(skill, []))[b"content-disposition"] == disposition


async def test_large_chunks_are_sent_in_pieces() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    download = Download((), iter([b"x" * 70_000]), CapacityLimiter(1), 1.0)
    await send_download(download, "id", send, head=False)
    assert [len(one["body"]) for one in sent[1:]] == [65_536, 4_464, 0]


async def test_a_caller_that_takes_too_long_gets_no_more(
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked: list[int] = []

    def chunks() -> Iterator[bytes]:
        for number in range(3):
            asked.append(number)
            yield b"x"

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            await sleep_forever()

    await send_download(Download((), chunks(), CapacityLimiter(1), 0.0), "id", send, head=False)
    assert asked == [0]
    assert "download broken off: too slow" in caplog.text
