from __future__ import annotations

import os
from pathlib import Path

import pytest

from naftiko_runtime.diagnostics.source_lines import SourceLines


def written(folder: Path, content: bytes) -> str:
    file = folder / "capability.yaml"
    file.write_bytes(content)
    return str(file)


def test_lines_count_from_one_and_end_with_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, b"first\nsecond")
    lines = SourceLines()
    assert [lines.line(file, number) for number in range(4)] == [None, "first", "second", None]


def test_lines_break_where_libyaml_breaks_them(tmp_path: Path) -> None:
    file = written(tmp_path, "a\r\nb\rc\x85d\u2028e\x0cf\n".encode())
    lines = SourceLines()
    assert [lines.line(file, number) for number in range(1, 7)] == [
        "a",
        "b",
        "c",
        "d",
        "e\x0cf",
        "",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_of_yaml_are_decoded_without_a_byte_order_mark(
    tmp_path: Path, encoding: str
) -> None:
    file = written(tmp_path, "label: Réseau".encode(encoding))
    assert SourceLines().line(file, 1) == "label: Réseau"


def test_bytes_that_are_no_text_do_not_stop_quoting(tmp_path: Path) -> None:
    file = written(tmp_path, b"label: \xff!\n")
    assert SourceLines().line(file, 1) == "label: \N{REPLACEMENT CHARACTER}!"


def test_a_file_is_read_once(tmp_path: Path) -> None:
    file = written(tmp_path, b"before\n")
    lines = SourceLines()
    assert lines.line(file, 1) == "before"
    written(tmp_path, b"after\n")
    assert lines.line(file, 1) == "before"


@pytest.mark.parametrize("file", ["missing.yaml", ".", "no\x00name", ""])
def test_what_is_no_file_has_no_lines(file: str) -> None:
    assert SourceLines().line(file, 1) is None


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert SourceLines().line(str(tmp_path / "pipe"), 1) is None


def test_a_file_that_can_not_be_read_has_no_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(tmp_path, b"a\n")

    def refuse(_path: Path, _mode: str) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "open", refuse)
    assert SourceLines().line(file, 1) is None


def test_a_file_that_is_too_large_is_quoted_from_its_start_alone(tmp_path: Path) -> None:
    file = written(tmp_path, b"first\n")
    os.truncate(file, 1 << 30)
    assert SourceLines().line(file, 1) == "first"


def test_a_file_of_secrets_is_never_quoted(tmp_path: Path) -> None:
    file = written(tmp_path, b"token: abc\n")
    assert SourceLines(never_quoted=[file]).line(file, 1) is None
