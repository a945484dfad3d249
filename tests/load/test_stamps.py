"""How it is noticed that files changed."""

from __future__ import annotations

import os
from pathlib import Path

from naftiko_runtime.load.discovery import capability_files, eligible_files
from naftiko_runtime.load.stamps import digest, stamps


def test_a_file_that_is_not_there_has_no_stamp(tmp_path: Path) -> None:
    missing = tmp_path / "a"
    assert stamps([missing]) == {missing: None}


def test_a_file_that_is_replaced_by_renaming_another_has_a_new_stamp(tmp_path: Path) -> None:
    file, other = tmp_path / "a", tmp_path / "b"
    for one in (file, other):
        one.write_text("same")
        os.utime(one, ns=(1, 1))
    before = stamps([file])
    other.rename(file)
    assert stamps([file]) != before


def test_a_folder_stands_for_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "KEY").write_text("1")
    before = stamps([tmp_path])
    assert set(before) == {tmp_path, tmp_path / "KEY"}
    (tmp_path / "KEY").write_text("22")
    assert stamps([tmp_path]) != before


def test_what_lies_deeper_matters_too_except_in_hidden_folders(tmp_path: Path) -> None:
    for name in ("shown", ".hidden"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "KEY").write_text("1")
    assert set(stamps([tmp_path])) == {
        tmp_path,
        tmp_path / "shown",
        tmp_path / "shown" / "KEY",
        tmp_path / ".hidden",
    }


def test_files_that_may_become_capabilities_matter_too(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("capability: {}")
    (tmp_path / "b.yml").write_text("consumes: []")
    (tmp_path / "c.txt").write_text("capability: {}")
    missing = tmp_path / "d.yaml"
    assert capability_files([tmp_path, missing]) == [tmp_path / "a.yaml", missing]
    assert eligible_files([tmp_path, missing]) == [
        tmp_path / "a.yaml",
        tmp_path / "b.yml",
        missing,
    ]


def test_files_in_the_same_state_have_the_same_digest_in_any_order(tmp_path: Path) -> None:
    files = [tmp_path / "a", tmp_path / "b"]
    files[0].write_text("1")
    before = digest(stamps(files))
    assert digest(stamps(reversed(files))) == before
    os.utime(files[0], ns=(1, 1))
    assert digest(stamps(files)) != before
