"""Skills over HTTP: what is said of them, their files, and who may have them."""

from __future__ import annotations

import io
import os
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from naftiko_runtime.expose.callers import Callers
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.skill.reading import FolderReader
from naftiko_runtime.expose.skill.service import SkillService
from naftiko_runtime.plan import skill_folders
from tests.expose.callers.identity_server import IdentityServer, by_keys
from tests.expose.mcp.attacks import PAYLOADS
from tests.expose.skill.library import GUARDED, OPEN, SECRET, TOKEN, ask, library, service_of

FILE = "/skills/watch/contents/guide/night.md"
DOWNLOAD = "/skills/watch/download"


@pytest.fixture
def service(tmp_path: Path) -> SkillService:
    return service_of(library(tmp_path))


@pytest.fixture
def guarded(tmp_path: Path) -> SkillService:
    return service_of(library(tmp_path, OPEN + GUARDED))


async def test_all_skills_are_listed(service: SkillService) -> None:
    answer = await ask(service, "/skills")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json == {
        "count": 3,
        "skills": [
            {
                "name": "watch",
                "description": "Watch the harbour",
                "license": "MIT",
                "tools": ["tide", "night"],
            },
            {"name": "bare", "description": "Has no files", "tools": []},
            {"name": "lost", "description": "Has lost its files", "tools": []},
        ],
    }


async def test_a_skill_tells_all_that_is_said_of_it(service: SkillService) -> None:
    assert (await ask(service, "/skills/watch")).json == {
        "name": "watch",
        "description": "Watch the harbour",
        "license": "MIT",
        "metadata": {"author": "me"},
        "tools": [
            {
                "name": "tide",
                "description": "High water",
                "type": "derived",
                "invocationRef": {"targetNamespace": "r", "action": "tides", "mode": "rest"},
            },
            {
                "name": "night",
                "description": "After dark",
                "type": "instruction",
                "instruction": "guide/night.md",
            },
        ],
    }


async def test_the_files_of_a_skill_are_listed(service: SkillService) -> None:
    assert (await ask(service, "/skills/watch/contents")).json == {
        "name": "watch",
        "files": [
            {"path": "SKILL.md", "size": 7, "type": "text/markdown"},
            {"path": "brief.txt", "size": 5, "type": "text/plain"},
            {"path": "guide/night.md", "size": 7, "type": "text/markdown"},
            {"path": "logo", "size": 2, "type": "application/octet-stream"},
        ],
    }


@pytest.mark.parametrize(
    ("path", "content", "kind"),
    [
        ("guide/night.md", b"# Night", "text/markdown; charset=utf-8"),
        ("logo", b"\0\1", "application/octet-stream"),
        ("%62rief.txt", b"brief", "text/plain; charset=utf-8"),
    ],
)
async def test_a_file_is_sent_with_its_type(
    service: SkillService, path: str, content: bytes, kind: str
) -> None:
    answer = await ask(service, f"/skills/watch/contents/{path}")
    assert (answer.status, answer.body) == (200, content)
    assert answer.headers["content-type"] == kind
    assert answer.headers["content-length"] == str(len(content))


async def test_a_page_among_the_files_may_do_nothing(service: SkillService) -> None:
    headers = (await ask(service, FILE)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "sandbox; default-src 'none'"


async def test_a_changed_file_is_served_at_once(service: SkillService, tmp_path: Path) -> None:
    (tmp_path / "watch" / "guide" / "night.md").write_text("changed")
    assert (await ask(service, FILE)).body == b"changed"


async def test_a_download_has_all_files(service: SkillService) -> None:
    answer = await ask(service, DOWNLOAD)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["content-disposition"] == 'attachment; filename="watch.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    assert files == {
        "SKILL.md": b"# Watch",
        "brief.txt": b"brief",
        "guide/night.md": b"# Night",
        "logo": b"\0\1",
    }


@pytest.mark.parametrize("path", ["/skills", "/skills/watch", "/skills/watch/contents", FILE])
async def test_head_has_the_headers_of_get(service: SkillService, path: str) -> None:
    got, asked = await ask(service, path), await ask(service, path, method="HEAD")
    assert (asked.status, asked.body) == (200, b"")
    assert asked.headers | {"x-request-id": ""} == got.headers | {"x-request-id": ""}


async def test_head_packs_no_archive(service: SkillService) -> None:
    answer = await ask(service, DOWNLOAD, method="HEAD")
    assert (answer.status, answer.body, answer.is_whole) == (200, b"", True)


@pytest.mark.parametrize(
    "path", ["/skills", "/skills/watch", "/skills/watch/contents", FILE, DOWNLOAD]
)
async def test_what_a_client_has_is_not_sent_again(service: SkillService, path: str) -> None:
    first = await ask(service, path)
    assert first.headers["cache-control"] == "no-cache"
    again = await ask(service, path, {"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


@pytest.mark.parametrize("path", [FILE, DOWNLOAD])
async def test_what_has_changed_is_sent_again(
    service: SkillService, tmp_path: Path, path: str
) -> None:
    first = await ask(service, path)
    os.utime(tmp_path / "watch" / "guide" / "night.md", ns=(5, 5))
    again = await ask(service, path, {"If-None-Match": first.headers["etag"]})
    assert again.status == 200


async def test_a_date_is_enough_to_know_a_file(service: SkillService) -> None:
    changed = (await ask(service, FILE)).headers["last-modified"]
    assert (await ask(service, FILE, {"If-Modified-Since": changed})).status == 304


@pytest.mark.parametrize(
    "path",
    [
        "/skills/",
        "/skills/none",
        "/skills/none/contents",
        "/skills/watch/",
        "/skills/watch/tools",
        "/skills/watch/contents/",
        "/skills/watch/contents/none",
        "/skills/watch/contents/guide",
        "/skills/watch/download/all",
        "/skills/bare/contents",
        "/skills/bare/contents/SKILL.md",
        "/skills/bare/download",
        "/skills/lost/contents",
        "/skills/lost/contents/SKILL.md",
        "/skills/lost/download",
    ],
)
async def test_what_is_not_there_is_a_problem(service: SkillService, path: str) -> None:
    answer = await ask(service, path)
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")
    assert (answer.json["code"], answer.json["instance"]) == ("path-unknown", path)


async def test_a_folder_that_has_gone_is_a_404(service: SkillService, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "watch")
    paths = ("/skills/watch/contents", FILE, DOWNLOAD)
    assert [(await ask(service, path)).status for path in paths] == [404] * 3
    assert (await ask(service, "/skills/watch")).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_other_methods_are_not_offered(service: SkillService, method: str) -> None:
    answer = await ask(service, FILE, method=method)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


async def test_options_lists_the_methods(service: SkillService) -> None:
    answer = await ask(service, FILE, method="OPTIONS")
    assert (answer.status, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize(
    ("path", "serves"),
    [
        ("/skills", True),
        ("/skills/", True),
        ("/skills/a", True),
        ("/skillset", False),
        ("/", False),
    ],
)
def test_skills_have_their_own_paths(service: SkillService, path: str, serves: bool) -> None:
    assert service.serves(path) == serves


def test_a_listener_without_skill_adapters_has_no_such_paths() -> None:
    assert not service_of([]).serves("/skills")


async def test_a_name_is_written_in_paths_as_urls_have_it(tmp_path: Path) -> None:
    text = OPEN.replace("name: bare", "name: Bare Ö")
    answer = await ask(service_of(library(tmp_path, text)), "/skills/Bare%20%C3%96")
    assert answer.json["name"] == "Bare Ö"


async def test_of_two_skills_of_one_name_the_first_is_served(tmp_path: Path) -> None:
    text = OPEN + GUARDED.replace("guarded", "watch")
    service = service_of(library(tmp_path, text))
    listed = await ask(service, "/skills", TOKEN)
    assert listed.json["skills"][0]["description"] == "Watch the harbour"
    assert listed.json["count"] == 3
    assert (await ask(service, "/skills/watch")).status == 200


# Attacks


def test_there_are_two_hundred_attacks() -> None:
    assert len(set(PAYLOADS)) >= 200


@pytest.mark.parametrize("start", ["/skills/", "/skills/watch/", "/skills/watch/contents/"])
async def test_no_payload_reads_anything(service: SkillService, start: str) -> None:
    read = []
    for payload in PAYLOADS:
        answer = await ask(service, start + payload)
        if answer.status != 404 or SECRET.encode() in answer.body:
            read.append(payload)
    assert read == []


@pytest.mark.parametrize("path", ["/skills/watch/contents", DOWNLOAD])
async def test_nothing_from_outside_is_listed_or_packed(service: SkillService, path: str) -> None:
    body = (await ask(service, path)).body
    for name in (b"secret", b".env", b".hidden", b"escape", b"loop", b"pipe", SECRET.encode()):
        assert name not in body


async def test_a_folder_that_becomes_a_link_is_followed_no_more(
    service: SkillService, tmp_path: Path
) -> None:
    (tmp_path / "watch").rename(tmp_path / "moved")
    (tmp_path / "watch").symlink_to(tmp_path)
    assert (await ask(service, "/skills/watch/contents/secret.txt")).status == 404


# Callers


@pytest.mark.parametrize(
    "path",
    [
        "/skills",
        "/skills/guarded",
        "/skills/guarded/contents",
        "/skills/guarded/contents/SKILL.md",
        "/skills/guarded/download",
    ],
)
async def test_callers_prove_who_they_are(guarded: SkillService, path: str) -> None:
    refused = await ask(guarded, path)
    assert (refused.status, refused.json["code"]) == (401, "not-authenticated")
    assert refused.headers["www-authenticate"].startswith("Bearer")
    allowed = await ask(guarded, path, TOKEN)
    assert (allowed.status, allowed.headers["cache-control"]) == (200, "private, no-cache")


async def test_nobody_learns_which_skills_there_are(guarded: SkillService) -> None:
    for path in ("/skills/none", "/skills/guarded", "/skills/guarded/none", "/skills/../x"):
        assert (await ask(guarded, path)).status == 401
        assert (await ask(guarded, path, method="POST")).status == 401
    assert (await ask(guarded, "/skills/none", TOKEN)).status == 404


async def test_a_token_of_an_authorization_server_lets_in(tmp_path: Path) -> None:
    identity = IdentityServer()
    plans = [replace(plan, callers=by_keys()) for plan in library(tmp_path)]
    service = SkillService(plans, Limits(), Callers(identity))
    answer = await ask(service, FILE, {"Authorization": f"Bearer {identity.token()}"})
    assert answer.status == 200


async def test_an_open_adapter_beside_a_guarded_one_stays_open(guarded: SkillService) -> None:
    answer = await ask(guarded, "/skills/watch")
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-cache")


# Limits and failures


@pytest.mark.parametrize("path", ["/skills/watch/contents", DOWNLOAD])
async def test_too_many_files_are_a_problem(
    service: SkillService, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(skill_folders, "MOST_FILES", 2)
    answer = await ask(service, path)
    assert (answer.status, answer.json["code"]) == (500, "skill-too-large")
    assert answer.json["detail"] == "there are more than 2 files"


async def test_a_file_that_is_too_large_is_a_problem(tmp_path: Path) -> None:
    service = service_of(library(tmp_path), reader=FolderReader(1.0, largest_file=6))
    answer = await ask(service, FILE)
    assert (answer.status, answer.json["code"]) == (500, "skill-too-large")
    assert answer.json["detail"] == "the file is larger than this server sends"


async def test_a_download_that_can_not_be_finished_breaks_off(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    service = service_of(library(tmp_path), reader=FolderReader(1.0, largest_file=6))
    answer = await ask(service, DOWNLOAD)
    assert (answer.status, answer.is_whole) == (200, False)
    assert "download broken off: a file has grown too large" in caplog.text


async def test_what_nobody_has_thought_of_is_logged_and_not_shown(
    service: SkillService, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise OSError(SECRET)

    monkeypatch.setattr("naftiko_runtime.expose.skill.files.read_below", fail)
    answer = await ask(service, FILE)
    assert (answer.status, answer.json["code"]) == (500, "internal-error")
    assert SECRET not in answer.body.decode()
    assert SECRET in caplog.text


async def test_each_answer_is_told(tmp_path: Path) -> None:
    told: list[tuple[object, ...]] = []
    service = service_of(library(tmp_path), lambda *facts: told.append(facts))
    for path in ("/skills", FILE, "/skills/none", DOWNLOAD):
        await ask(service, path, {"X-Request-Id": "one"})
    assert [(facts[1], facts[2], facts[3], facts[5]) for facts in told] == [
        ("/skills", None, 200, "one"),
        (FILE, "s.watch", 200, "one"),
        ("/skills/none", None, 404, "one"),
        (DOWNLOAD, "s.watch", 200, "one"),
    ]
