"""Files of all kinds are read within bounds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from naftiko_runtime.load import contents
from naftiko_runtime.load.contents import start_of


def test_a_file_is_read_as_far_as_it_fits(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"12345" * 100_000)
    assert start_of(file, 1_000_000) == b"12345" * 100_000
    assert start_of(file, 7) == b"1234512"


def test_an_empty_file_is_empty(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert start_of(tmp_path / "file", 100) == b""


def test_what_has_no_end_is_read_so_far() -> None:
    assert start_of(Path("/dev/zero"), 200_000) == bytes(200_000)


def test_a_pipe_is_read_to_its_end() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"text")
    os.close(writing)
    try:
        assert start_of(Path(f"/dev/fd/{reading}"), 100) == b"text"
    finally:
        os.close(reading)


def test_a_pipe_to_which_nobody_writes_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "_PATIENCE_SECONDS", 0.01)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="nothing came from it in time"):
        start_of(tmp_path / "pipe", 100)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        start_of(tmp_path, 100)
