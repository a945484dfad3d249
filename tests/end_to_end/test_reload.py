"""Files that change under a running command, while callers never stop: section 8."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.commands import PATIENCE_SECONDS, Process, assert_no_secret, running, until
from tests.end_to_end.load_loop import Calls, calling
from tests.runtime.ports import free_ports, mock, write

SHARED = """\
naftiko: 1.0.0-alpha3
exposes:
- {type: rest, namespace: lent-rest, port: PORT, resources: [
    {path: /lent, operations: [{method: GET, name: read, outputParameters: [
      {name: text, type: string, value: 'ANSWER'}]}]}]}
"""
IMPORTING = """\
naftiko: 1.0.0-alpha3
capability:
  exposes:
  - {from: parts/shared.part, import: lent-rest}
"""


@dataclass(slots=True)
class Watched:
    """A command that watches a folder, a glob, and a folder that is not there at first.

    Attributes:
        folder: The folder that all of them are in.
        rest: The port of its REST server.
        mcp: The port of its MCP server.
        process: The command.
        calls: What callers have seen so far.
        client: Asks it.
    """

    folder: Path
    rest: int
    mcp: int
    process: Process
    calls: Calls
    client: httpx.Client

    def mock(self, name: str, answer: str, head: str = "") -> str:
        """Return a document whose servers share the ports of all others."""
        return mock(name, answer, rest=self.rest, mcp=self.mcp, head=head)

    def read(self, path: str) -> str | int:
        """Return the text that a route answers; its status where that is no success."""
        response = self.client.get(f"http://127.0.0.1:{self.rest}{path}")
        return str(response.json()["text"]) if response.status_code == 200 else response.status_code

    def comes_to_read(self, path: str, expected: str | int) -> None:
        """Wait until a route answers a text, or a status."""
        until(lambda: self.read(path) == expected, self.process)

    def comes_to_log(self, text: str) -> None:
        """Wait until a text is logged."""
        until(lambda: text in self.process.stderr, self.process)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("watched")
    rest, mcp = free_ports(2)
    (folder / "capabilities").mkdir()
    (folder / "single").mkdir()
    write(folder / "single" / "steady.yaml", mock("steady", "steady", rest=rest, mcp=mcp))
    paths = [folder / "single" / "steady.yaml", folder / "capabilities"]
    paths += [folder / "globbed" / "*.yaml", folder / "late"]
    command = ["-m", "naftiko_runtime", "serve", "--watch", *map(str, paths)]
    with running(command, {}) as process:
        process.awaits(re.compile("(MCP) "))
        with (
            calling(f"http://127.0.0.1:{rest}", f"http://127.0.0.1:{mcp}/steady-mcp/mcp") as calls,
            httpx.Client(trust_env=False, timeout=PATIENCE_SECONDS) as client,
        ):
            yield Watched(folder, rest, mcp, process, calls, client)
        process.terminate()
        # The globbed file and the late folder were missing at the start, and came later.
        assert process.wait() in (0, 1)
        assert "Traceback" not in process.stderr, process.stderr


@pytest.fixture(autouse=True)
def _no_call_fails(watched: Watched) -> Iterator[None]:
    before = watched.calls.answered
    yield
    until(lambda: watched.calls.answered > before, watched.process)
    assert watched.calls.failures == []


def test_new_changed_and_removed_files_are_noticed(watched: Watched) -> None:
    file = write(watched.folder / "capabilities" / "a.yaml", watched.mock("a", "one"))
    watched.comes_to_read("/a", "one")
    write(file, watched.mock("a", "two"))
    watched.comes_to_read("/a", "two")
    file.unlink()
    watched.comes_to_read("/a", 404)


def test_editors_may_replace_a_file_by_renaming_another(watched: Watched) -> None:
    file = write(watched.folder / "capabilities" / "b.yaml", watched.mock("b", "one"))
    watched.comes_to_read("/b", "one")
    write(file.with_name(".b.yaml.swp"), watched.mock("b", "two")).rename(file)
    watched.comes_to_read("/b", "two")


def test_a_file_that_is_half_written_changes_nothing(watched: Watched) -> None:
    file = write(watched.folder / "capabilities" / "c.yaml", watched.mock("c", "one"))
    watched.comes_to_read("/c", "one")
    whole = watched.mock("c", "two")
    write(file, whole[: whole.index("path:")])
    watched.comes_to_log(f"{file} can't be served; it stays as it was before")
    assert watched.read("/c") == "one"
    write(file, whole)
    watched.comes_to_read("/c", "two")


def test_the_last_of_many_changes_counts(watched: Watched) -> None:
    file = watched.folder / "capabilities" / "d.yaml"
    for number in range(100):
        write(file, watched.mock("d", f"answer {number}"))
    watched.comes_to_read("/d", "answer 99")


def test_imported_files_are_watched_also_before_they_exist(watched: Watched) -> None:
    parts = watched.folder / "capabilities" / "parts"
    file = write(watched.folder / "capabilities" / "e.yaml", IMPORTING)
    watched.comes_to_log(f"{file} can't be served; it is not served")
    parts.mkdir()
    shared = SHARED.replace("PORT", str(watched.rest))
    write(parts / "shared.part", shared.replace("ANSWER", "one"))
    watched.comes_to_read("/lent", "one")
    write(parts / "shared.part", shared.replace("ANSWER", "two"))
    watched.comes_to_read("/lent", "two")


def test_bind_files_are_watched_and_their_values_masked_at_once(watched: Watched) -> None:
    keys = write(watched.folder / "keys.env", "KEY=first-secret")
    head = f"binds:\n- {{location: '{keys}', keys: {{KEY: KEY}}}}"
    write(watched.folder / "capabilities" / "f.yaml", watched.mock("f", "{{KEY}}", head))
    watched.comes_to_read("/f", "first-secret")
    write(keys, "KEY=other-secret")
    watched.comes_to_read("/f", "other-secret")
    assert watched.read("/unknown/other-secret/first-secret") == 404
    watched.comes_to_log("/unknown/***/***")
    for secret in ("first-secret", "other-secret"):
        assert_no_secret(secret, watched.process.stderr)


def test_mounted_secrets_are_watched(watched: Watched) -> None:
    secrets = watched.folder / "secrets"
    secrets.mkdir()
    write(secrets / "KEY", "first-mounted")
    head = f"binds:\n- {{location: 'dir://{secrets}', keys: {{KEY: KEY}}}}"
    write(watched.folder / "capabilities" / "g.yaml", watched.mock("g", "{{KEY}}", head))
    watched.comes_to_read("/g", "first-mounted")
    write(secrets / ".new", "other-mounted").rename(secrets / "KEY")
    watched.comes_to_read("/g", "other-mounted")


@pytest.mark.parametrize("folder", ["globbed", "late"])
def test_globs_and_folders_that_fit_nothing_yet_are_watched(watched: Watched, folder: str) -> None:
    (watched.folder / folder).mkdir()
    write(watched.folder / folder / "h.yaml", watched.mock(folder, "there"))
    watched.comes_to_read(f"/{folder}", "there")


def test_sighup_reloads_although_no_file_has_changed(watched: Watched) -> None:
    reloads = watched.process.stderr.count("reloaded: ")
    watched.process.signal(signal.SIGHUP)
    until(lambda: watched.process.stderr.count("reloaded: ") > reloads, watched.process)
