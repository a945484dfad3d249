"""Files of served folders: nothing else is ever read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from naftiko_runtime.expose.mcp.static_files import file_parts, read_file
from naftiko_runtime.load.folders import FileTooLarge
from naftiko_runtime.plan.mcp_parts import StaticFolder
from tests.expose.mcp.attacks import PAYLOADS
from tests.expose.mcp.offering import library, registry
from tests.expose.mcp.serving import asking, service_of
from tests.expose.mcp.wire import STATELESS, request


@pytest.fixture
def folder(tmp_path: Path) -> StaticFolder:
    found = library(tmp_path).resources[-1]
    assert isinstance(found, StaticFolder)
    docs = tmp_path / "docs"
    (docs / "escape").symlink_to(tmp_path)
    (docs / "escape.txt").symlink_to(tmp_path / "secret.txt")
    (docs / "loop").symlink_to("loop")
    (docs / "guide" / ".hidden").write_text("SECRET=3")
    os.mkfifo(docs / "pipe")
    return found


def _read(folder: StaticFolder, uri: str) -> bytes | None:
    parts = file_parts(folder, uri)
    return read_file(folder, parts) if parts is not None else None


def test_there_are_two_hundred_attacks() -> None:
    assert len(set(PAYLOADS)) >= 200


def test_no_payload_reads_anything(folder: StaticFolder) -> None:
    assert [one for one in PAYLOADS if _read(folder, f"docs://{one}") is not None] == []


async def test_no_payload_reads_anything_over_the_protocol(
    tmp_path: Path, folder: StaticFolder
) -> None:
    client = registry()
    async with asking(service_of([library(tmp_path)], client)) as http:
        for payload in PAYLOADS:
            if payload.isascii() and payload.isprintable():
                uri = f"docs://{payload}"
                response = await request(http, STATELESS, "resources/read", {"uri": uri})
                assert response.json()["error"]["message"] == "Resource not found", uri
                assert "SECRET" not in response.text
    assert not client.requests


async def test_no_payload_in_a_template_leaves_the_path_of_the_call(tmp_path: Path) -> None:
    client = registry()
    async with asking(service_of([library(tmp_path)], client)) as http:
        for payload in PAYLOADS:
            if payload.isascii() and payload.isprintable():
                await request(http, STATELESS, "resources/read", {"uri": f"ships://{payload}"})
    targets = [one.target.decode() for one in client.requests]
    assert len(targets) > 50
    for target in targets:
        assert target.startswith("/v1/ships/")
        segments = target.removeprefix("/v1/ships/").split("/")
        assert len(segments) == 1
        assert segments[0] not in ("", ".", "..")
        assert "?" not in target


@pytest.mark.parametrize("path", ["brief.txt", "guide/a%20b.md", "guide/a b.md", "%62rief.txt"])
def test_files_are_read(folder: StaticFolder, path: str) -> None:
    assert _read(folder, f"docs://{path}")


def test_links_are_followed_inside_the_folder(folder: StaticFolder) -> None:
    (folder.path / "inside").symlink_to("guide")
    assert _read(folder, "docs://inside/a%20b.md") == b"# Guide"


def test_what_is_under_another_start_is_another_thing(folder: StaticFolder) -> None:
    assert file_parts(folder, "docs:/brief.txt") is None
    assert file_parts(folder, "other://brief.txt") is None


def test_a_link_that_is_put_there_meanwhile_leads_nowhere(
    folder: StaticFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at a path and its opening, a folder of it becomes a link."""
    look = Path.resolve

    def resolve(path: Path, strict: bool = False) -> Path:
        found = look(path, strict)
        guide = folder.path / "guide"
        guide.rename(folder.path / "moved")
        guide.symlink_to(folder.path / "moved")
        return found

    monkeypatch.setattr(Path, "resolve", resolve)
    assert _read(folder, "docs://guide/a%20b.md") is None


def test_a_file_may_not_be_larger_than_the_limit(folder: StaticFolder) -> None:
    with pytest.raises(FileTooLarge):
        _read(folder, "docs://large.txt")


def test_a_file_that_grows_while_it_is_read_is_too_large(
    folder: StaticFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = (folder.path / "brief.txt").stat()
    monkeypatch.setattr(os, "fstat", lambda _: about)
    with pytest.raises(FileTooLarge):
        _read(folder, "docs://large.txt")


def test_no_descriptor_stays_open(folder: StaticFolder) -> None:
    before = _open_descriptors()
    for path in ("guide", "pipe", "guide/a%20b.md", "guide/none"):
        _read(folder, f"docs://{path}")
    assert _open_descriptors() == before


def _open_descriptors() -> int:
    return len([*Path("/proc/self/fd").iterdir()])
