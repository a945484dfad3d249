from __future__ import annotations

import os
from pathlib import Path

import pytest

from naftiko_runtime.load.discovery import capability_files, holds_capability

CAPABILITY = "naftiko: 1.0.0-alpha2\ncapability: {}\n"
SECTION = "naftiko: 1.0.0-alpha2\nconsumes: []\n"


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def names(folder: Path, *paths: Path) -> list[str]:
    return [str(file.relative_to(folder)) for file in capability_files(paths)]


def test_a_folder_stands_for_its_capabilities_sorted_and_recursively(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "b.yaml": CAPABILITY,
            "a/z.yml": CAPABILITY,
            "a/b/c.yaml": CAPABILITY,
            "shared.yaml": SECTION,
            "compose.yaml": "services: {}\n",
            "notes.txt": CAPABILITY,
            ".git/x.yaml": CAPABILITY,
        },
    )
    assert names(tmp_path, tmp_path) == ["a/b/c.yaml", "a/z.yml", "b.yaml"]


def test_a_file_that_is_named_is_taken_whatever_is_in_it(tmp_path: Path) -> None:
    write(tmp_path, {"shared.yaml": SECTION, "notes.txt": "x"})
    given = [tmp_path / "notes.txt", tmp_path / "shared.yaml", tmp_path / "missing.yaml"]
    assert capability_files(given) == given


def test_each_file_is_taken_once_where_it_is_named_first(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": CAPABILITY, "b.yaml": CAPABILITY})
    (tmp_path / "link.yaml").symlink_to(tmp_path / "b.yaml")
    found = names(tmp_path, tmp_path / "b.yaml", tmp_path, tmp_path / "x" / ".." / "a.yaml")
    assert found == ["b.yaml", "a.yaml"]


def test_a_pattern_stands_for_what_it_fits(tmp_path: Path) -> None:
    write(tmp_path, {"a/x.yaml": SECTION, "b/x.yaml": CAPABILITY, "b/y.yaml": CAPABILITY})
    assert names(tmp_path, tmp_path / "*" / "x.yaml") == ["a/x.yaml", "b/x.yaml"]
    assert names(tmp_path, tmp_path / "**" / "y.yaml") == ["b/y.yaml"]
    assert names(tmp_path, tmp_path / "*") == ["b/x.yaml", "b/y.yaml"]


def test_a_pattern_that_fits_nothing_is_a_file_that_is_missing(tmp_path: Path) -> None:
    assert names(tmp_path, tmp_path / "*.yaml") == ["*.yaml"]


def test_a_file_whose_name_looks_like_a_pattern_is_itself(tmp_path: Path) -> None:
    write(tmp_path, {"[a].yaml": CAPABILITY, "a.yaml": CAPABILITY})
    assert names(tmp_path, tmp_path / "[a].yaml") == ["[a].yaml"]


def test_an_empty_folder_stands_for_nothing(tmp_path: Path) -> None:
    assert capability_files([tmp_path]) == []


def test_an_empty_folder_in_the_place_of_a_file_is_taken_for_it(tmp_path: Path) -> None:
    """Container engines make such folders where what is to be mounted is missing."""
    (tmp_path / "c.yaml").mkdir()
    assert names(tmp_path, tmp_path / "c.yaml") == ["c.yaml"]
    write(tmp_path, {"c.yaml/a.yaml": CAPABILITY})
    assert names(tmp_path, tmp_path / "c.yaml") == ["c.yaml/a.yaml"]


def test_a_link_to_itself_is_a_file_that_can_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").symlink_to("c.yaml")
    assert names(tmp_path, tmp_path / "c.yaml") == ["c.yaml"]
    assert names(tmp_path, tmp_path) == []


def test_links_to_folders_are_not_followed_and_pipes_not_read(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": CAPABILITY})
    (tmp_path / "loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe.yaml")
    assert names(tmp_path, tmp_path) == ["a.yaml"]


def test_a_mounted_configuration_is_found_once(tmp_path: Path) -> None:
    """Kubernetes mounts files as links into a hidden folder that it can swap."""
    write(tmp_path, {"..2026_11_24/a.yaml": CAPABILITY})
    (tmp_path / "..data").symlink_to("..2026_11_24")
    (tmp_path / "a.yaml").symlink_to("..data/a.yaml")
    assert names(tmp_path, tmp_path) == ["a.yaml"]


@pytest.mark.parametrize(
    "text",
    [
        "capability:\n  consumes: []\n",
        "\ufeffcapability: {}\n",
        "---\n'capability': {}\n",
        'a: 1\n"capability" : {}\n',
        '{"naftiko": "1.0.0-alpha2", "capability": {}}',
        "capability: {broken\n\tyaml",
    ],
)
def test_a_capability_is_known_by_its_root_key(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(text, encoding="utf-8")
    assert holds_capability(file)


@pytest.mark.parametrize(
    "text", ["", "a:\n  capability: {}\n", "# capability:\n", "capabilities: 1"]
)
def test_other_files_hold_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(text)
    assert not holds_capability(file)


def test_a_file_that_can_not_be_read_may_hold_one(tmp_path: Path) -> None:
    assert holds_capability(tmp_path / "missing.yaml")
