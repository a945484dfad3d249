"""Folders whose files callers may have."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from naftiko_runtime.load.folders import (
    MOST_PARTS,
    FileTooLarge,
    is_served,
    read_below,
    read_parts,
    walk,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with files, links and what is not to be served; beside it lies a secret."""
    root = tmp_path.resolve() / "root"
    (root / "guides").mkdir(parents=True)
    (root / "a.txt").write_text("a")
    (root / "guides" / "b.md").write_text("bb")
    (root / ".env").write_text("KEY=x")
    (tmp_path / "secret.txt").write_text("secret")
    (root / "inside").symlink_to("guides/b.md")
    (root / "outside").symlink_to(tmp_path / "secret.txt")
    (root / "circle").symlink_to("circle")
    (root / "up").symlink_to(tmp_path, target_is_directory=True)
    os.mkfifo(root / "pipe")
    return root


def test_files_are_listed_in_order_without_what_is_not_served(root: Path) -> None:
    assert [(one.parts, one.size) for one in walk(root)] == [
        (("a.txt",), 1),
        (("inside",), 2),
        (("guides", "b.md"), 2),
    ]


def test_a_file_stands_for_itself(root: Path) -> None:
    assert [(one.parts, one.size) for one in walk(root / "a.txt")] == [((), 1)]
    assert [*walk(root / "pipe"), *walk(root / "nothing")] == []


def test_a_listed_file_says_when_it_changed(root: Path) -> None:
    os.utime(root / "a.txt", ns=(5, 7))
    assert next(walk(root)).changed == 7


@pytest.mark.parametrize(("path", "content"), [("guides/b.md", b"bb"), ("inside", b"bb")])
def test_files_and_links_within_the_folder_are_read(root: Path, path: str, content: bytes) -> None:
    read = read_below(root, path.split("/"), 2)
    assert read is not None
    assert (read[0].size, read[1]) == (2, content)


def test_a_root_that_is_a_file_is_read_without_parts(root: Path) -> None:
    read = read_below(root / "a.txt", (), 1)
    assert read is not None
    assert read[1] == b"a"


@pytest.mark.parametrize(
    "path",
    [
        "outside",
        "up/secret.txt",
        "../secret.txt",
        "/etc/passwd",
        "pipe",
        "guides",
        "circle",
        "b",
        "a.txt/b",
        "nul\0",
    ],
)
def test_nothing_else_is_read(root: Path, path: str) -> None:
    assert read_below(root, path.split("/"), 100) is None


def test_a_file_that_is_too_large_is_not_read(root: Path) -> None:
    with pytest.raises(FileTooLarge):
        read_below(root, ["guides", "b.md"], 1)


def test_a_file_that_grows_while_it_is_read_is_too_large(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = (root / "a.txt").stat()
    monkeypatch.setattr(os, "fstat", lambda _: small)
    with pytest.raises(FileTooLarge):
        read_below(root, ["guides", "b.md"], 1)


def test_a_link_that_is_put_there_meanwhile_leads_nowhere(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "resolve", lambda path, strict: path)
    assert read_below(root, ["up", "secret.txt"], 100) is None
    assert read_below(root, ["outside"], 100) is None


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("a.txt", ("a.txt",)),
        ("guides/b%20c.md", ("guides", "b c.md")),
        ("%C3%A9", ("é",)),
        ("100%25", ("100%",)),
        ("%2e%2e/a", None),
        ("a%2fb", None),
        ("a//b", None),
        ("a?b", None),
        ("a#b", None),
        ("%ff", None),
        ("", None),
        ("/".join("a" * MOST_PARTS), ("a",) * MOST_PARTS),
        ("/".join("a" * (MOST_PARTS + 1)), None),
    ],
)
def test_paths_are_decoded_once_part_by_part(path: str, parts: tuple[str, ...] | None) -> None:
    assert read_parts(path) == parts


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".env", "a/b", "a\\b", "a\0", "a\n", "\u202ea", "\ud800"]
)
def test_names_that_are_not_served(name: str) -> None:
    assert not is_served(name)


@pytest.mark.parametrize("name", ["a", "SKILL.md", "a b", "é", "~", "%2e"])
def test_names_that_are_served(name: str) -> None:
    assert is_served(name)
