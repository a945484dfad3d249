"""Files and folders that documents name."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.load.locations import read_text, split_location

FOLDER = Path("/capabilities")


@pytest.mark.parametrize(
    ("location", "scheme", "path"),
    [
        ("docs", "", "/capabilities/docs"),
        ("./a b", "", "/capabilities/a b"),
        ("a%20b", "", "/capabilities/a%20b"),
        ("/abs/docs", "", "/abs/docs"),
        ("file:///abs/a%20b", "file", "/abs/a b"),
        ("file:///./docs", "file", "/capabilities/docs"),
        ("file://./docs", "file", "/capabilities/docs"),
        ("FILE:docs", "file", "/capabilities/docs"),
        ("dir:///run/secrets", "dir", "/run/secrets"),
        ("https://example.com/x", "https", "/capabilities/example.com/x"),
    ],
)
def test_a_location_is_a_scheme_and_a_path(location: str, scheme: str, path: str) -> None:
    assert split_location(location, FOLDER) == (scheme, Path(path))


def test_a_text_comes_without_byte_order_mark_and_foreign_line_ends(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"\xef\xbb\xbfone\r\ntwo\n")
    assert read_text(file, 100) == "one\ntwo\n"


@pytest.mark.parametrize(
    ("content", "reason"), [(b"x" * 2049, "larger than 2 KiB"), (b"\xff", "no UTF-8 text")]
)
def test_what_is_no_text_says_why(tmp_path: Path, content: bytes, reason: str) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=reason):
        read_text(file, 2048)


def test_a_file_that_can_not_be_opened_says_why(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="can't be read: Is a directory"):
        read_text(tmp_path, 2048)
