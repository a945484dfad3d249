"""Folders whose files are resources."""

from __future__ import annotations

from pathlib import Path

from naftiko_runtime.plan.static_folders import list_files


def _write(folder: Path, *names: str) -> None:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)


def _uris(folder: Path, **options: int) -> list[str]:
    files, _ = list_files(folder, "docs://", None, **options)
    return [file.uri for file in files]


def test_files_are_listed_in_the_order_of_their_paths(tmp_path: Path) -> None:
    _write(tmp_path, "b.txt", "a/z.md", "a.txt", "a/b/c", "a-b")
    assert _uris(tmp_path) == [
        "docs://a/b/c",
        "docs://a/z.md",
        "docs://a-b",
        "docs://a.txt",
        "docs://b.txt",
    ]


def test_a_file_tells_its_size_its_type_and_its_path(tmp_path: Path) -> None:
    _write(tmp_path, "a b/ö?.md")
    ((file,), has_more) = list_files(tmp_path, "docs://x/", None)
    assert (file.uri, file.name) == ("docs://x/a%20b/%C3%B6%3F.md", "a b/ö?.md")
    assert (file.mime_type, file.size) == ("text/markdown", len("a b/ö?.md".encode()))
    assert file.changed == (tmp_path / "a b/ö?.md").stat().st_mtime_ns
    assert not has_more


def test_what_all_files_are_goes_before_their_extensions(tmp_path: Path) -> None:
    _write(tmp_path, "a.md")
    ((file,), _) = list_files(tmp_path, "docs://", "text/plain")
    assert file.mime_type == "text/plain"


def test_hidden_files_and_folders_are_left_out(tmp_path: Path) -> None:
    _write(tmp_path, ".env", ".git/config", "a/.hidden", "a/b")
    assert _uris(tmp_path) == ["docs://a/b"]


def test_links_are_listed_only_where_they_stay_inside(tmp_path: Path) -> None:
    folder, outside = tmp_path / "docs", tmp_path / "outside"
    _write(tmp_path, "outside/secret", "docs/..data/real")
    (folder / "inside").symlink_to("..data/real")
    (folder / "escape").symlink_to(outside / "secret")
    (folder / "folder").symlink_to(outside)
    (folder / "nothing").symlink_to("gone")
    (folder / "loop").symlink_to("loop")
    assert _uris(folder) == ["docs://inside"]


def test_a_file_stands_for_itself(tmp_path: Path) -> None:
    _write(tmp_path, "a.md")
    assert _uris(tmp_path / "a.md") == ["docs://"]
    assert _uris(tmp_path / "nothing") == []


def test_a_list_has_an_end(tmp_path: Path) -> None:
    _write(tmp_path, "a", "b", "c")
    files, has_more = list_files(tmp_path, "docs://", None, most=2)
    assert ([file.name for file in files], has_more) == (["a", "b"], True)
