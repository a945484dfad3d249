"""The example with a skill, served as people serve it."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.end_to_end.commands import PATIENCE_SECONDS, ROOT, Process, running, serve_command
from tests.expose.mcp.attacks import PAYLOADS

EXAMPLE = ROOT / "examples" / "skills" / "capability.yaml"
FOLDER = EXAMPLE.parent / "skills" / "harbour-watch"
SENDABLE = re.compile(r"[\x21-\x7e]*")


@pytest.fixture(scope="module")
def harbour() -> Iterator[tuple[str, Process]]:
    command = serve_command(EXAMPLE, "unused=http://unused.test", "--skill-port", "0")
    with running(command, {}) as process:
        url = process.awaits(re.compile(r"skill +(http://\S+/skills)"))
        assert process.stderr == "", "there is nothing to be said of it"
        yield url, process
        process.terminate()
        assert process.wait() == 0, process.stderr


@pytest.fixture(scope="module")
def client(harbour: tuple[str, Process]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=harbour[0], trust_env=False, timeout=PATIENCE_SECONDS) as client:
        yield client


def test_the_banner_counts_skills(harbour: tuple[str, Process]) -> None:
    url, process = harbour
    assert "capability.yaml: 1 route, 1 tool, 1 skill)" in process.stdout
    assert f"{url}  (1 skill)" in process.stdout


def test_its_skill_is_listed(harbour: tuple[str, Process], client: httpx.Client) -> None:
    listed = client.get(harbour[0]).json()
    assert [one["tools"] for one in listed["skills"]] == [["berths", "tide", "night-rules"]]


def test_its_tools_stand_for_what_is_served(client: httpx.Client) -> None:
    tools: list[dict[str, Any]] = client.get("/harbour-watch").json()["tools"]
    assert [tool.get("invocationRef", tool.get("instruction")) for tool in tools] == [
        {"targetNamespace": "harbour-tools", "action": "list-berths", "mode": "mcp"},
        {"targetNamespace": "harbour-rest", "action": "next-tide", "mode": "rest"},
        "guides/night.md",
    ]


def test_its_files_can_be_read(client: httpx.Client) -> None:
    listed = client.get("/harbour-watch/contents").json()
    paths = [one["path"] for one in listed["files"]]
    assert paths == ["SKILL.md", "guides/night.md"]
    for path in paths:
        answer = client.get(f"/harbour-watch/contents/{path}")
        assert answer.content == (FOLDER / path).read_bytes()


def test_it_can_be_downloaded(client: httpx.Client) -> None:
    answer = client.get("/harbour-watch/download")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["SKILL.md", "guides/night.md"]


def test_no_payload_reads_anything(client: httpx.Client) -> None:
    sendable = [one for one in PAYLOADS if SENDABLE.fullmatch(one)]
    assert len(sendable) >= 100
    read = [one for one in sendable if _status(client, f"/harbour-watch/contents/{one}") != 404]
    # What the server's own parser takes off a target never was a part of the path.
    assert [one for one in read if "#" not in one and "?" not in one] == []


def _status(client: httpx.Client, path: str) -> int:
    """Ask for a path without making it tidy first, as clients do that mean no harm."""
    place = urlsplit(str(client.base_url))
    connection = HTTPConnection(place.hostname or "", place.port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", place.path.rstrip("/") + path)
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status == 404:
        assert json.loads(body)["code"] == "path-unknown"
    return answer.status
